// Bringing looks: a zone to drop files on, and a card for each that is on its way.

import { sortOut, stemOf, textsOf } from "/static/beside.js";
import { el, fill, icon, toast } from "/static/dom.js";
import { bytesText } from "/static/look-words.js";
import { state } from "/static/store.js";
import { t } from "/static/texts.js";
import { uploadCard } from "/static/upload-card.js";
import { forgetFile, hold, keepFile, keepUploads, keptFile, keptUploads, Upload } from "/static/uploads.js";

const MOST_AT_ONCE = 2;

export class Bring {
  /** @param {{changed: () => void}} acts */
  constructor(acts) {
    this.acts = acts;
    this.place = "";
    this.mostBytes = 0;
    /** @type {{upload: Upload, card: any}[]} */
    this.items = [];
    this.#build();
    this.#recall();
  }

  #build() {
    this.input = el("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-hidden": "true" });
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    this.choose = el(
      "button",
      { type: "button", class: "drop-zone", onclick: () => ((this.input.value = ""), this.input.click()) },
      icon("upload"),
      el("b", {}, t("page.bring.choose", "Choose LoRA files, or drop them here")),
      (this.limit = el("span", {}, t("page.bring.several", ".safetensors, one or several"))),
      el("small", {}, t("page.bring.beside", "What lies beside them comes along: .civitai.info, .metadata.json, .json")),
    );
    this.choose.addEventListener("dragenter", () => this.choose.classList.add("is-over"));
    this.choose.addEventListener("dragleave", () => this.choose.classList.remove("is-over"));
    this.list = el("ul", { class: "upload-list" });
    this.node = el(
      "section",
      { class: "scroller", tabindex: "0", "aria-label": t("page.bring.title", "Bring a look") },
      el(
        "div",
        { class: "bring" },
        el("h2", {}, t("page.bring.title", "Bring a look")),
        el(
          "p",
          { class: "quiet" },
          t("page.bring.how", "Each file is checked and identified, shown at work on fixed seeds, and left for a moderator. A cut connection or a reload costs nothing."),
        ),
        this.choose,
        this.input,
        this.list,
      ),
    );
  }

  get open_count() {
    return this.items.filter(({ upload }) => !upload.intake && !upload.isOver).length;
  }

  open(place) {
    this.place = place;
    this.#show();
  }

  refresh() {
    this.#show();
  }

  /** @param {File[]} files */
  take(files) {
    this.choose.classList.remove("is-over");
    const { loras, free, left } = sortOut(files);
    for (const { file, beside } of loras) {
      if (this.#goesOn(file)) continue;
      const item = this.#add(new Upload({ place: this.place, file, name: file.name, size: file.size, changedAt: file.lastModified, changed: (upload) => this.#changed(upload) }));
      this.#read(item.upload, beside);
    }
    const lost = free.filter((file) => !this.#belongs(file));
    if (lost.length || left.length)
      toast(t("page.bring.left", "Left aside: {names}. What belongs to a LoRA carries its name.", { names: [...lost, ...left].map(({ name }) => name).join(", ") }));
    this.#next();
  }

  /** A companion that comes after its LoRA, as long as that is not handed in. */
  #belongs(file) {
    const item = this.items.find(({ upload }) => !upload.intake && !upload.isOver && stemOf(upload.name) === stemOf(file.name));
    if (item) this.#read(item.upload, [file]);
    return Boolean(item);
  }

  async #read(upload, files) {
    if (files.length) upload.bring(await textsOf(files));
  }

  /** A file that was stopped and is chosen again goes on where it was. */
  #goesOn(file) {
    const item = this.items.find(({ upload }) => upload.state === "lost" && upload.isOf(file));
    if (!item) return false;
    item.upload.file = file;
    keepFile(item.upload.token, file);
    item.upload.go();
    return true;
  }

  #add(upload) {
    const item = { upload, card: null, isStarted: false };
    item.card = uploadCard(upload, { remove: () => this.#remove(item), again: () => this.choose.click() });
    item.card.form.onHanded((said) => this.#offer(item, said));
    this.items.unshift(item);
    this.#show();
    return item;
  }

  #offer(from, said) {
    for (const item of this.items)
      if (item !== from && item.upload.place === from.upload.place && !item.upload.answers) item.card.form.offer(said);
  }

  /** Start what waits, the oldest first; starting one comes back here before it returns. */
  #next() {
    const going = this.items.filter(({ upload, isStarted }) => isStarted && ["going", "waiting"].includes(upload.state) && !upload.intake);
    const item = this.items.findLast(({ isStarted, upload }) => !isStarted && upload.file);
    if (!item || going.length >= MOST_AT_ONCE) return;
    item.isStarted = true;
    item.upload.go();
    this.#next();
  }

  #changed(upload) {
    const item = this.items.find((each) => each.upload === upload);
    if (!item) return;
    item.card.show();
    if (upload.token && upload.file && !item.isKept) {
      item.isKept = true;
      hold(upload.token);
      keepFile(upload.token, upload.file);
    }
    const now = `${upload.state}${upload.token}${upload.intake?.state}${Boolean(upload.answers)}${Object.keys(upload.beside)}`;
    if (now === item.was) return;
    item.was = now;
    if (upload.intake || upload.isOver) forgetFile(upload.token);
    if (upload.intake && !item.isTold) {
      item.isTold = true;
      this.acts.changed();
    }
    this.#keep();
    this.#next();
  }

  #keep() {
    keepUploads(state.me.id, this.items.map(({ upload }) => upload));
  }

  #remove(item) {
    item.upload.drop();
    if (item.upload.token) forgetFile(item.upload.token);
    this.items = this.items.filter((each) => each !== item);
    this.#keep();
    this.#show();
    this.choose.focus();
    if (!item.upload.intake) toast(t("page.bring.not_sent", "{name} is not sent", { name: item.upload.name }));
    this.#next();
  }

  /** What was on its way when the page was closed. */
  async #recall() {
    const kept = keptUploads(state.me.id);
    const held = kept.map(({ token }) => hold(token));
    for (const [at, { token, place, name, size, changedAt, answers, beside }] of kept.entries()) {
      if (!(await held[at])) continue; // another tab sends it
      const file = await keptFile(token);
      const item = this.#add(new Upload({ token, place, file, name, size, changedAt, changed: (upload) => this.#changed(upload) }));
      item.upload.answers = answers;
      item.upload.beside = beside ?? {};
      item.isStarted = item.isKept = true;
      item.card.show();
      item.upload.go();
    }
  }

  #show() {
    if (this.mostBytes) this.limit.textContent = t("page.bring.most", ".safetensors, one or several, each at most {most}", { most: bytesText(this.mostBytes) });
    const here = this.items.filter(({ upload }) => upload.place === this.place);
    const nodes = here.map(({ card }) => card.node);
    if (nodes.some((node, index) => this.list.children[index] !== node) || nodes.length !== this.list.children.length) fill(this.list, nodes);
  }
}
