// The gallery's search and filters, and the chips that show what is chosen.

import { address, get } from "/static/api.js";
import { el, fill, freshId, icon } from "/static/dom.js";
import { t } from "/static/texts.js";
import { shortDay } from "/static/times.js";

const PAUSE_MS = 250;

/** @typedef {{q: string, look: string, person: string, from: string, to: string}} Chosen */

/** @returns {Chosen} */
function nothing() {
  return { q: "", look: "", person: "", from: "", to: "" };
}

export class Filters {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.chosen = nothing();
    this.names = new Map();
    this.#build();
  }

  #build() {
    this.search = el("input", {
      type: "search",
      placeholder: t("page.filters.search", "Search the prompts"),
      "aria-label": t("page.filters.search", "Search the prompts"),
      autocomplete: "off",
      dir: "auto",
    });
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#choose("q", this.search.value.trim()), PAUSE_MS);
    });
    this.look = this.#select("look", t("page.filters.look", "Look"));
    this.person = this.#select("person", t("page.filters.person", "Person"));
    this.from = this.#day("from", t("page.filters.from", "From"));
    this.to = this.#day("to", t("page.filters.to", "To"));
    this.more = el(
      "div",
      { class: "filter-fields", id: freshId("filters"), hidden: true },
      [this.look, this.person, this.from, this.to].map(({ box }) => box),
    );
    this.toggle = el(
      "button",
      {
        type: "button",
        class: "button",
        "aria-expanded": "false",
        "aria-controls": this.more.id,
        onclick: () => this.#toggle(),
      },
      icon("filter"),
      el("span", {}, t("page.filters.title", "Filters")),
    );
    this.chips = el("div", { class: "chips", hidden: true });
    this.node = el(
      "div",
      { class: "filters", role: "search" },
      el(
        "div",
        { class: "filter-row" },
        el("label", { class: "search" }, icon("search"), this.search),
        this.toggle,
      ),
      this.more,
      this.chips,
    );
  }

  #toggle() {
    this.more.hidden = !this.more.hidden;
    this.toggle.setAttribute("aria-expanded", String(!this.more.hidden));
  }

  #select(name, label) {
    const field = el("select", { id: freshId(name), onchange: () => this.#choose(name, field.value) });
    return { field, box: el("div", { class: "field" }, el("label", { for: field.id }, label), field) };
  }

  #day(name, label) {
    const field = el("input", {
      type: "date",
      id: freshId(name),
      onchange: () => this.#choose(name, field.value),
    });
    return { field, box: el("div", { class: "field" }, el("label", { for: field.id }, label), field) };
  }

  #choose(name, value) {
    if (this.chosen[name] === value) return;
    this.chosen = { ...this.chosen, [name]: value };
    this.#showChips();
    this.onChange();
  }

  /** Everything is shown again. */
  clear() {
    this.chosen = nothing();
    this.#showFields();
    this.#showChips();
    this.onChange();
  }

  get isEmpty() {
    return Object.values(this.chosen).every((value) => !value);
  }

  #showFields() {
    this.search.value = this.chosen.q;
    this.#showChoices();
  }

  #showChoices() {
    for (const name of ["look", "person", "from", "to"]) this[name].field.value = this.chosen[name];
  }

  #showChips() {
    const { q, look, person, from, to } = this.chosen;
    const told = [
      ["q", q && `“${q}”`],
      ["look", look],
      ["person", this.names.get(person) ?? person],
      ["from", from && t("page.filters.since", "from {day}", { day: shortDay(`${from}T12:00:00`) })],
      ["to", to && t("page.filters.until", "to {day}", { day: shortDay(`${to}T12:00:00`) })],
    ];
    const chips = told
      .filter(([, text]) => text)
      .map(([name, text]) =>
        el(
          "button",
          {
            type: "button",
            class: "chip",
            "aria-label": t("page.filters.remove", "Remove filter {text}", { text }),
            onclick: () => this.#drop(name),
          },
          el("bdi", {}, text),
          icon("close"),
        ),
      );
    this.chips.hidden = !chips.length;
    fill(
      this.chips,
      chips,
      el("button", { type: "button", class: "link", onclick: () => this.clear() }, t("page.filters.clear", "Clear all")),
    );
  }

  #drop(name) {
    this.chosen = { ...this.chosen, [name]: "" };
    this.#showFields();
    this.#showChips();
    this.onChange();
    this.search.focus();
  }

  /** What can be chosen in a place. @param {string} place */
  async open(place) {
    const opened = (this.opened = (this.opened ?? 0) + 1);
    clearTimeout(this.timer);
    this.chosen = nothing();
    this.#showFields();
    this.#showChips();
    fillSelect(this.look.field, t("page.filters.any_look", "Any look"), []);
    fillSelect(this.person.field, t("page.filters.anybody", "Anybody"), []);
    const answer = await get(address("/api/gallery/filters", { place })).catch(() => ({
      looks: [],
      people: [],
    }));
    if (opened !== this.opened) return;
    this.names = new Map(answer.people.map(({ id, name }) => [id, name]));
    fillSelect(
      this.look.field,
      t("page.filters.any_look", "Any look"),
      answer.looks.map((name) => [name, name]),
    );
    fillSelect(this.person.field, t("page.filters.anybody", "Anybody"), [...this.names]);
    // The search is left alone: somebody may be typing in it since before the answer came.
    this.#showChoices();
  }
}

function fillSelect(select, any, options) {
  fill(
    select,
    [["", any], ...options].map(([value, text]) => el("option", { value }, text)),
  );
}
