// Pictures that will go along: a thumbnail each, its progress, a way to remove it.

import { upload } from "/static/api.js";
import { el, icon, iconButton, keepRows, say, toast } from "/static/dom.js";
import { state } from "/static/store.js";
import { t } from "/static/texts.js";
import { sizeText } from "/static/times.js";

const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const MOST = 8;

export class Tray {
  /** @param {{changed: () => void, failed: () => void}} acts `failed`: a picture can't go along */
  constructor(acts) {
    this.acts = acts;
    /** @type {any[]} */
    this.items = [];
    this.node = el("ul", { class: "tray", "aria-label": t("page.attach.tray", "Pictures that go along"), hidden: true });
  }

  get isBusy() {
    return this.items.some((item) => item.state === "going");
  }

  get isEmpty() {
    return !this.items.length;
  }

  /** @param {Iterable<File>} files */
  add(files) {
    for (const file of files) {
      const problem = this.#problem(file);
      if (problem) toast(problem, "bad");
      else
        this.#start({
          file,
          blob: URL.createObjectURL(file),
          part: 0,
          state: "going",
          stop: null,
          upload: null,
          error: "",
        });
    }
  }

  #problem(file) {
    const name = file.name || t("page.attach.that", "That picture");
    const most = state.limits.upload_bytes;
    if (!TYPES.includes(file.type))
      return t("page.attach.unreadable", "{name} is not a picture that I can read. PNG, JPEG, WebP and GIF work.", { name });
    if (most && file.size > most) return t("page.attach.large", "{name} has {size}. Up to {most} work.", { name, size: sizeText(file.size), most: sizeText(most) });
    if (this.items.length >= MOST) return t("page.attach.most", "{most} pictures go along at most. Send these first.", { most: MOST });
    return "";
  }

  async #start(item) {
    if (!this.items.includes(item)) this.items.push(item);
    Object.assign(item, { state: "going", part: 0, error: "", stop: new AbortController() });
    this.#draw();
    try {
      item.upload = await upload(state.place, item.file, (part) => this.#step(item, part), item.stop.signal);
      item.state = "there";
      say(t("page.attach.ready", "{name} is ready", { name: item.upload.name }));
    } catch (error) {
      this.acts.failed();
      Object.assign(item, { state: error.isPassing ? "stuck" : "refused", error: error.message });
      toast(`${item.file.name || t("page.attach.the", "The picture")}: ${error.message}`, "bad");
      if (item.state === "refused") this.remove(item);
    }
    this.#draw();
  }

  #step(item, part) {
    item.part = part;
    item.show();
  }

  remove(item) {
    item.stop?.abort();
    URL.revokeObjectURL(item.blob);
    this.items = this.items.filter((one) => one !== item);
    this.#draw();
  }

  /** The uploads, for an act; the tray is empty afterwards. */
  take() {
    const uploads = this.items.filter((item) => item.state === "there").map((item) => item.upload);
    for (const item of this.items) URL.revokeObjectURL(item.blob);
    this.items = [];
    this.#draw();
    return uploads;
  }

  #draw() {
    this.node.hidden = this.isEmpty;
    keepRows(this.node, this.items.map((item) => ({ key: item.blob, mark: item.blob, make: () => this.#row(item) })));
    for (const item of this.items) item.show();
    this.acts.changed();
  }

  /** Made once: a press on it may have begun when the upload is done. */
  #row(item) {
    const name = item.file.name || t("page.picture", "picture");
    const bar = el("i", {});
    const going = el("span", { class: "thumb-bar", role: "progressbar", "aria-label": t("page.attach.going", "Uploading {name}", { name }) }, bar);
    const again = el(
      "button",
      {
        type: "button",
        class: "thumb-again",
        "aria-label": t("page.attach.again", "Upload {name} again", { name }),
        onclick: () => this.#start(item),
      },
      icon("again"),
    );
    const row = el(
      "li",
      {},
      el("img", { src: item.blob, alt: name }),
      going,
      again,
      iconButton("close", t("page.remove", "Remove {name}", { name }), () => this.remove(item), { class: "thumb-remove" }),
    );
    item.show = () => {
      row.className = `is-${item.state}`;
      bar.style.transform = `scaleX(${item.part})`;
      going.hidden = item.state !== "going";
      again.hidden = item.state !== "stuck";
      again.title = item.error;
    };
    return row;
  }
}
