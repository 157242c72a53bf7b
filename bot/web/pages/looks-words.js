// Looks in words below the LoRAs of a place: own ones of the place, then those of the house.

import { address, get } from "/static/api.js";
import { el, keepRows, textButton } from "/static/dom.js";
import { sampleOf } from "/static/look-words.js";
import { openSheet } from "/static/sheet.js";
import { kindText, t } from "/static/texts.js";

export class WordsWall {
  /** @param {(name: string) => void} use */
  constructor(use) {
    this.use = use;
    this.asked = 0;
    this.grid = el("ul", { class: "looks-grid" });
    this.heading = el("h2", { class: "wall-heading" }, t("page.words.title", "Looks in words"));
    this.hint = el("p", { class: "quiet" }, t("page.words.hint", "They need no LoRA: they add words to a picture."));
    this.node = el("section", { class: "words-wall", "aria-label": t("page.words.title", "Looks in words") }, this.heading, this.hint, this.grid);
    this.node.hidden = true;
  }

  /** Show those that answer the words; a failure leaves the rest of the page as it is. */
  async load(place, words) {
    const asked = ++this.asked;
    try {
      const { looks } = await get(address("/api/looks/words", { place, q: words }));
      if (asked !== this.asked) return;
      keepRows(this.grid, looks.map((look) => ({ key: `${look.is_own} ${look.name}`, mark: JSON.stringify(look), make: () => this.#card(look) })));
      this.node.hidden = looks.length === 0;
    } catch {
      if (asked === this.asked) this.node.hidden = true;
    }
  }

  hide() {
    this.asked += 1;
    this.node.hidden = true;
  }

  #card(look) {
    return el(
      "li",
      { class: "look-card" },
      sampleOf(look),
      el(
        "div",
        { class: "look-about" },
        el("p", { class: "look-kind" }, look.is_own ? t("page.words.own", "{kind} · of this place", { kind: kindText(look.kind) }) : kindText(look.kind)),
        el(
          "h3",
          {},
          el("button", { type: "button", class: "look-open", dir: "auto", onclick: () => this.#open(look) }, look.name),
        ),
        el("p", { class: "facts is-tags", dir: "auto" }, look.prompt),
      ),
    );
  }

  #open(look) {
    const rows = [
      [t("page.words.adds", "Adds"), look.prompt],
      [t("page.words.keeps_out", "Keeps out"), look.negative || t("page.words.nothing", "nothing")],
      [t("page.field.aliases", "Also called"), look.called.join(", ")],
    ];
    const list = el("dl", { class: "told" }, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]));
    const use = textButton(t("page.browse.use", "Use it"), () => (sheet.close(), this.use(`in ${look.called[0]} style`)), { picture: "send", class: "is-primary" });
    const sheet = openSheet({
      title: look.name,
      look: "sheet",
      content: [el("div", { class: "look-sheet" }, list, el("div", { class: "buttons sheet-buttons" }, use))],
    });
  }
}
