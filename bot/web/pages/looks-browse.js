// Every look of a place as a card: searched, paged, opened.

import { address, get } from "/static/api.js";
import { el, fill, icon, keepRows, textButton } from "/static/dom.js";
import { baseText, sampleOf, triggerChips, weightText } from "/static/look-words.js";
import { WordsWall } from "/static/looks-words.js";
import { openSheet } from "/static/sheet.js";
import { kindText, stateText, t, tn } from "/static/texts.js";
import { decide, detailOf, reasonSheet, undoToast, wholeOf } from "/static/vet-detail.js";
import { editLook } from "/static/vet-form.js";

const PAGE = 24;
const PAUSE_MS = 250;
const STATES = [
  ["approved", t("page.state.approved", "In use")],
  ["pending", t("page.state.pending", "Waiting")],
  ["rejected", t("page.state.rejected", "Rejected")],
  ["retired", t("page.state.retired", "Retired")],
];

export class Browse {
  /** @param {{use: (name: string) => void, changed: () => void}} acts */
  constructor(acts) {
    this.acts = acts;
    this.place = "";
    this.looks = [];
    this.asked = 0;
    this.#build();
  }

  #build() {
    this.search = el("input", {
      type: "search",
      placeholder: t("page.browse.hint", "Search looks: a name, a trigger, a tag"),
      "aria-label": t("page.browse.search", "Search looks"),
      autocomplete: "off",
      dir: "auto",
    });
    this.search.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.reload(), PAUSE_MS);
    });
    this.state = el(
      "select",
      { "aria-label": t("page.browse.state", "State"), onchange: () => this.reload() },
      STATES.map(([value, text]) => el("option", { value }, text)),
    );
    this.total = el("p", { class: "total", role: "status" });
    this.grid = el("ul", { class: "looks-grid" });
    this.note = el("div", {});
    this.words = new WordsWall((words) => this.acts.use(words));
    this.rest = el("button", { type: "button", class: "button load-more", onclick: () => this.more() }, t("page.more", "Load more"));
    this.rest.hidden = true;
    this.node = el(
      "section",
      { class: "scroller", tabindex: "0", "aria-label": t("page.looks.all", "All looks") },
      el(
        "div",
        { class: "gallery" },
        el(
          "div",
          { class: "filter-row", role: "search" },
          el("label", { class: "search" }, icon("search"), this.search),
          this.state,
        ),
        el("div", { class: "gallery-row" }, this.total),
        this.grid,
        this.note,
        this.rest,
        this.words.node,
      ),
    );
  }

  open(place, isVetting) {
    this.isVetting = isVetting;
    this.state.hidden = !isVetting;
    if (place === this.place) return this.refresh();
    this.place = place;
    this.search.value = "";
    this.state.value = "approved";
    fill(
      this.grid,
      Array.from({ length: 8 }, () => el("li", { class: "look-card is-bone", "aria-hidden": "true" })),
    );
    return this.reload();
  }

  reload() {
    return this.#load(1, PAGE);
  }

  /** The same again, as long as it was. */
  refresh() {
    return this.#load(1, Math.min(4, Math.max(1, Math.ceil(this.looks.length / PAGE))) * PAGE);
  }

  more() {
    return this.#load(Math.ceil(this.looks.length / PAGE) + 1, PAGE);
  }

  async #load(page, limit) {
    const asked = ++this.asked;
    const query = { place: this.place, q: this.search.value.trim(), state: this.state.value, page, limit };
    try {
      const answer = await get(address("/api/registry/entries", query));
      if (asked !== this.asked) return;
      this.looks = page > 1 ? [...this.looks, ...answer.entries] : answer.entries;
      this.#show(answer);
      if (page > 1) return;
      if (this.state.value === "approved") this.words.load(this.place, this.search.value.trim());
      else this.words.hide();
    } catch (error) {
      if (asked === this.asked) this.#failed(error);
    }
  }

  #show({ total, mended }) {
    const held = this.grid.contains(document.activeElement) ? document.activeElement.dataset.entry : "";
    keepRows(this.grid, this.looks.map((look) => ({ key: look.id, mark: JSON.stringify(look), make: () => this.#card(look) })));
    if (held && !this.grid.contains(document.activeElement)) this.grid.querySelector(`[data-entry="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    this.rest.hidden = this.looks.length >= total;
    const count = tn("page.browse.count", total, "{n} look", "{n} looks");
    this.total.textContent = mended ? t("page.browse.mended", "{count} for “{mended}”", { count, mended }) : total ? count : "";
    fill(this.note, total ? [] : this.#empty());
  }

  #empty() {
    const isAll = !this.search.value.trim() && this.state.value === "approved";
    return el(
      "div",
      { class: "empty" },
      el("span", { class: "empty-mark" }, icon("looks")),
      el("h2", {}, isAll ? t("page.browse.empty", "No looks here yet") : t("page.browse.no_match", "Nothing fits")),
      el(
        "p",
        {},
        isAll
          ? t("page.browse.empty_told", "A look is a LoRA that a moderator has seen and approved. Bring one, and it can be asked for by its name.")
          : t("page.browse.no_match_told", "Fewer words or another state may find it."),
      ),
    );
  }

  #failed(error) {
    fill(this.grid);
    this.looks = [];
    this.rest.hidden = true;
    fill(
      this.note,
      el(
        "div",
        { class: "empty" },
        el("h2", {}, t("page.browse.failed", "The looks did not load")),
        el("p", {}, error.message),
        textButton(t("page.again", "Try again"), () => this.reload(), { class: "is-primary" }),
      ),
    );
  }

  #card(look) {
    const facts = [baseText(look.family), t("page.browse.weight", "weight {weight}", { weight: weightText(look.weight) })].join(" · ");
    const state = look.state === "approved" ? null : el("span", { class: `badge is-${look.state}` }, stateText(look.state));
    return el(
      "li",
      { class: "look-card" },
      sampleOf(look),
      el(
        "div",
        { class: "look-about" },
        el("p", { class: "look-kind" }, kindText(look.kind), state),
        el(
          "h3",
          {},
          el(
            "button",
            { type: "button", class: "look-open", dir: "auto", data: { entry: look.id }, onclick: () => this.#open(look) },
            look.name,
          ),
        ),
        look.triggers.length ? el("p", { class: "look-words" }, triggerChips(look.triggers.slice(0, 3))) : null,
        el("p", { class: "facts" }, facts),
        look.tags.length ? el("p", { class: "facts is-tags", dir: "auto" }, look.tags.slice(0, 6).join(", ")) : null,
      ),
    );
  }

  async #open(look) {
    const place = this.place;
    const body = el("div", { class: "look-sheet" }, el("p", { class: "quiet" }, "…"));
    const sheet = openSheet({ title: look.name, look: "sheet", content: [body] });
    sheet.box.classList.add("is-wide");
    const show = (whole) => {
      sheet.heading.textContent = whole.look.name;
      fill(body, detailOf(whole, { isShort: !this.isVetting }), this.#buttons(place, whole, sheet, show));
    };
    try {
      const path = `/api/registry/entries/${encodeURIComponent(look.id)}`;
      show(wholeOf(await get(address(path, { place }))));
    } catch (error) {
      fill(body, el("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  #buttons(place, whole, sheet, show) {
    const { look } = whole;
    const done = (after, text) => {
      sheet.close();
      undoToast(text, place, after.look, this.acts.changed);
      this.refresh();
    };
    const buttons = [];
    if (look.state === "approved")
      buttons.push(
        textButton(t("page.browse.use", "Use it"), () => (sheet.close(), this.acts.use(look.name)), { picture: "send", class: "is-primary" }),
      );
    if (this.isVetting) {
      buttons.push(
        textButton(t("page.edit", "Edit"), () => editLook(place, look, (after) => (show(after), this.acts.changed())), { picture: "edit" }),
      );
      if (look.state === "approved")
        buttons.push(
          textButton(
            t("page.vet.retire", "Retire"),
            async () => {
              const after = await reasonSheet("retire", place, look);
              if (after) done(after, t("page.vet.is_retired", "{name} is retired", { name: look.name }));
            },
            { picture: "trash", class: "is-danger" },
          ),
        );
      if (look.state === "rejected" || look.state === "retired")
        buttons.push(
          textButton(
            t("page.browse.take_back", "Take the decision back"),
            async () => {
              const after = await decide(place, look.id, "undo");
              if (after) show(after);
              this.acts.changed();
            },
            { picture: "undo" },
          ),
        );
    }
    return el("div", { class: "buttons sheet-buttons" }, buttons);
  }
}
