// The list above the writing field: commands, options, values; by keyboard and by touch.

import { address, get } from "/static/api.js";
import { el, fill, freshId, say } from "/static/dom.js";
import { nameOffers, optionOffers, positionalAt, stageOf, valueOffers } from "/static/commands.js";
import { t, tn } from "/static/texts.js";

const PAUSE_MS = 120;

export class Menu {
  /** @param {HTMLTextAreaElement} field @param {{pick: (offer: import("/static/commands.js").Offer) => void}} acts */
  constructor(field, acts) {
    Object.assign(this, { field, acts, place: "", active: -1, offers: [], asked: 0 });
    /** @type {Map<string, any[]>} */
    this.commands = new Map();
    /** Places whose commands are on their way. @type {Map<string, Promise<unknown>>} */
    this.asking = new Map();
    this.hint = el("p", { class: "menu-hint", dir: "auto" });
    this.list = el("ul", { role: "listbox", tabindex: "0", id: freshId("menu"), "aria-label": t("page.menu", "Suggestions") });
    this.node = el("div", { class: "menu", hidden: true }, this.list, this.hint);
    this.node.addEventListener("pointerdown", (event) => event.preventDefault());
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-controls", this.list.id);
  }

  get isOpen() {
    return !this.node.hidden;
  }

  /** Write to a place: its commands are asked for before somebody types. */
  load(place) {
    this.place = place;
    return this.#know(place);
  }

  /** Ask for the commands of a place, once; where that fails the next "/" asks again. */
  #know(place) {
    if (this.commands.has(place)) return undefined;
    if (!this.asking.has(place)) {
      const asking = get(address("/api/commands", { place }))
        .then(({ commands }) => this.commands.set(place, commands))
        .catch(() => null)
        .finally(() => this.asking.delete(place));
      this.asking.set(place, asking);
    }
    return this.asking.get(place);
  }

  /** Follow what was typed. */
  async update() {
    const asked = ++this.asked;
    const text = this.field.value.slice(0, this.field.selectionEnd);
    if (!text.startsWith("/")) return this.close();
    if (!this.commands.has(this.place)) await this.#know(this.place);
    const commands = this.commands.get(this.place);
    if (asked !== this.asked || !commands) return; // typed on, or closed, before they came
    const stage = stageOf(text, commands);
    if (!stage) return this.close();
    if (stage.kind === "name") return this.#show(nameOffers(stage, commands), "");
    if (stage.kind === "option") return this.#showOptions(stage, asked);
    const hint = [stage.option.description, stage.option.valid].filter(Boolean).join(" · ");
    this.#show(valueOffers(stage.option, stage.query, stage.from), hint);
    if (stage.option.suggests) this.#suggest(stage.option, stage.query, stage.from, hint, asked, []);
  }

  #showOptions(stage, asked) {
    const positional = positionalAt(stage);
    const hint =
      stage.query || !positional ? stage.command.summary : `${positional.name}: ${positional.description}`;
    const offers = optionOffers(stage);
    this.#show(offers, hint, stage.position > 0 || stage.query !== "");
    if (positional?.suggests) this.#suggest(positional, stage.query, stage.from, hint, asked, offers);
  }

  async #suggest(option, query, from, hint, asked, others) {
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    if (asked !== this.asked) return;
    const answer = await get(
      address("/api/suggest", { place: this.place, kind: option.suggests, q: query }),
    ).catch(() => null);
    if (asked !== this.asked || !answer) return;
    this.#showMore([...valueOffers(option, query, from, answer.suggestions), ...others], hint);
  }

  /** What comes late changes nothing that was chosen, and takes no Enter that was meant to send. */
  #showMore(offers, hint) {
    const chosen = this.offers[this.active]?.insert;
    this.#show(
      offers.map((offer) => ({ ...offer, isEager: false })),
      hint,
    );
    const at = chosen ? offers.findIndex((offer) => offer.insert === chosen) : -1;
    if (at >= 0) this.move(at + 1);
  }

  /** @param {boolean} isCompact words are being typed: the list takes little room */
  #show(offers, hint, isCompact = false) {
    this.offers = offers;
    this.told = hint;
    this.list.classList.toggle("is-compact", isCompact);
    this.active = -1;
    if (!offers.length && !hint) return this.close();
    fill(
      this.list,
      offers.map((offer, index) => this.#row(offer, index)),
    );
    this.list.hidden = !offers.length;
    this.hint.textContent = hint;
    this.hint.hidden = !hint;
    if (!this.isOpen && offers.length) say(tn("page.menu.count", offers.length, "{n} suggestion", "{n} suggestions"));
    this.node.hidden = false;
    if (offers[0]?.isEager) this.move(1);
    else this.field.removeAttribute("aria-activedescendant");
  }

  #row(offer, index) {
    return el(
      "li",
      {
        role: "option",
        id: `${this.list.id}-${index}`,
        "aria-selected": "false",
        onclick: () => this.acts.pick(offer),
      },
      el("b", { dir: "auto" }, offer.label),
      el("span", { dir: "auto" }, offer.detail),
    );
  }

  close() {
    this.asked += 1;
    this.node.hidden = true;
    this.active = -1;
    this.field.removeAttribute("aria-activedescendant");
  }

  move(step) {
    const rows = this.list.children;
    if (!rows.length) return;
    rows[this.active]?.setAttribute("aria-selected", "false");
    this.active = (this.active + step + rows.length) % rows.length;
    const row = rows[this.active];
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", row.id);
    const { detail } = this.offers[this.active];
    if (this.list.classList.contains("is-compact")) this.hint.textContent = detail || this.told;
  }

  /** Keys that belong to the open list. @param {KeyboardEvent} event @returns {boolean} whether it was one */
  key(event) {
    if (!this.isOpen) return false;
    const step = { ArrowDown: 1, ArrowUp: this.active < 0 ? 0 : -1 }[event.key];
    if (step && this.offers.length) this.move(step);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" && this.offers.length && !event.shiftKey)
      this.acts.pick(this.offers[Math.max(0, this.active)]);
    else if (event.key === "Enter" && !event.shiftKey && this.active >= 0)
      this.acts.pick(this.offers[this.active]);
    else return false;
    event.preventDefault();
    return true;
  }
}
