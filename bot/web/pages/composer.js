// The writing field: words, commands, pictures; drafts and what was said before.

import { Tray } from "/static/attach.js";
import { el, icon, iconButton, toast } from "/static/dom.js";
import { Menu } from "/static/menu.js";
import { sayIn } from "/static/outbox.js";
import { state } from "/static/store.js";
import { t } from "/static/texts.js";

const SAID = "atelier.said";
const MOST_SAID = 40;
const TALLEST = 220;
const TELL_FROM = 0.8;

export class Composer {
  /** @param {{sent: () => void}} acts */
  constructor(acts) {
    this.acts = acts;
    this.place = "";
    this.back = 0; // how far back in what was said; 0 is the draft
    this.#build();
    this.menu = new Menu(this.field, { pick: (offer) => this.#pick(offer) });
    // Words that wait for a picture which can't go along stay: they may make no sense without it.
    this.tray = new Tray({ changed: () => this.#changed(), failed: () => (this.isSendingSoon = false) });
    this.node.prepend(this.menu.node);
    this.box.prepend(this.tray.node);
  }

  #build() {
    this.field = el("textarea", {
      id: "composer",
      rows: 1,
      dir: "auto",
      "aria-label": t("page.composer.label", "Describe a picture, or type / for commands"),
      placeholder: t("page.composer.hint", "Describe a picture…"),
      enterkeyhint: "send",
      autocomplete: "off",
      "aria-describedby": "counter",
    });
    this.counter = el("span", { class: "counter", id: "counter" });
    this.file = el("input", {
      type: "file",
      accept: "image/png,image/jpeg,image/webp,image/gif",
      multiple: true,
      class: "unseen",
      tabindex: "-1",
      "aria-hidden": "true",
    });
    this.send = el(
      "button",
      { type: "submit", class: "send", title: t("page.composer.send", "Send"), "aria-label": t("page.composer.send", "Send") },
      icon("send"),
    );
    const row = el(
      "div",
      { class: "composer-row" },
      iconButton("plus", t("page.composer.add", "Add a picture"), () => this.file.click()),
      this.field,
      this.counter,
      iconButton("slash", t("page.composer.commands", "Commands"), () => this.startCommand(), { class: "is-slash" }),
      this.send,
    );
    this.box = el("div", { class: "composer-box" }, row);
    this.node = el("form", { class: "composer", "aria-label": t("page.composer.write", "Write") }, this.file, this.box);
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("click", () => this.menu.update());
    this.field.addEventListener("blur", () => this.menu.close());
    this.field.addEventListener("paste", (event) => this.#paste(event));
    this.file.addEventListener("change", () => {
      this.tray.add(this.file.files);
      this.file.value = "";
    });
  }

  /** Whether nothing is begun here. */
  get isEmpty() {
    return !this.field.value.trim() && this.tray?.isEmpty !== false;
  }

  /** Write to a place; its draft comes back. @param {string} place */
  open(place) {
    if (this.place === place) return;
    this.place = place;
    this.back = 0;
    this.isSendingSoon = false; // what waited for its picture stays a draft of that place
    this.menu.close();
    this.menu.load(place);
    this.#fill(keptText(draftKey(place)), false);
  }

  focus() {
    this.field.focus();
  }

  /** Put words into the field. @param {string} text */
  suggest(text) {
    this.#fill(text, true);
    this.focus();
  }

  startCommand() {
    if (!this.field.value.startsWith("/")) this.#fill(`/${this.field.value}`, true);
    this.field.setSelectionRange(1, 1);
    this.focus();
    this.menu.update();
  }

  #fill(text, isDraft) {
    this.field.value = text;
    this.field.setSelectionRange(text.length, text.length);
    if (isDraft) keepText(draftKey(this.place), text);
    this.#changed();
  }

  #typed() {
    this.back = 0;
    keepText(draftKey(this.place), this.field.value);
    this.#changed();
    this.menu.update();
  }

  #changed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, TALLEST)}px`;
    const length = [...this.field.value].length;
    const most = state.limits.words_chars ?? Infinity;
    const isTold = length > most * TELL_FROM;
    this.counter.textContent = isTold ? `${length} / ${most}` : "";
    this.counter.classList.toggle("is-over", length > most);
    this.send.classList.toggle("is-ready", !this.isEmpty && length <= most);
    this.send.classList.toggle("is-busy", Boolean(this.isSendingSoon));
    if (this.isSendingSoon && !this.tray.isBusy) this.#send();
  }

  #key(event) {
    if (event.isComposing || this.menu.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" && (this.field.value === "" || this.back > 0)) this.#recall(event, 1);
    else if (event.key === "ArrowDown" && this.back > 0) this.#recall(event, -1);
    else if (event.key === "Escape") this.field.blur();
  }

  #recall(event, step) {
    const said = keptList(SAID);
    const back = this.back + step;
    if (back > said.length) return;
    event.preventDefault();
    this.back = back;
    this.#fill(back === 0 ? "" : said[said.length - back], true);
  }

  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    this.tray.add(files);
  }

  #pick(offer) {
    const before = this.field.value.slice(0, offer.from);
    const after = this.field.value.slice(this.field.selectionEnd).trimStart();
    this.field.value = before + offer.insert + after;
    const caret = before.length + offer.insert.length;
    this.field.focus();
    this.field.setSelectionRange(caret, caret);
    this.#typed();
    if (!offer.goesOn) this.menu.close();
  }

  #send() {
    const text = this.field.value.trim();
    const most = state.limits.words_chars ?? Infinity;
    if (!text && this.tray.isEmpty) return this.focus();
    if ([...text].length > most)
      return toast(t("page.composer.long", "That is longer than {most} letters. Shorter words work.", { most }), "bad");
    this.isSendingSoon = this.tray.isBusy;
    if (this.isSendingSoon) return this.send.classList.add("is-busy");
    if (this.tray.items.some((item) => item.state === "stuck"))
      return toast(t("page.composer.stuck", "A picture did not arrive. Send it again, or remove it."), "bad");
    sayIn(this.place, text, this.tray.take());
    if (text)
      keepText(
        SAID,
        JSON.stringify([...keptList(SAID).filter((one) => one !== text), text].slice(-MOST_SAID)),
      );
    this.back = 0;
    this.#fill("", true);
    this.menu.close();
    this.acts.sent();
  }
}

function draftKey(place) {
  return `atelier.draft.${place}`;
}

function keptText(key) {
  try {
    return sessionStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function keptList(key) {
  try {
    return JSON.parse(keptText(key) || "[]");
  } catch {
    return [];
  }
}

function keepText(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    // storage is full or off: the draft lives only in the field
  }
}
