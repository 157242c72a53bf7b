// What waits for a moderator: a list, one of it in full, and a decision by a key or a press.

import { address, get } from "/static/api.js";
import { el, fill, icon, iconButton, keepRows, say, textButton, toast } from "/static/dom.js";
import { ageText, agoText, baseText, sampleOf } from "/static/look-words.js";
import { kindText, mixed, t } from "/static/texts.js";
import { decide, detailOf, pressUndo, reasonSheet, undoToast, wholeOf } from "/static/vet-detail.js";
import { editLook, recordRights, showKeys } from "/static/vet-form.js";

const PAGE = 60;
const MOST_PAGES = 10;
const FILTERS = [
  ["kind", t("page.field.kind", "Kind"), t("page.vet.any_kind", "Any kind"), (intake) => intake.entry?.kind ?? ""],
  ["base", t("page.plan.base", "Base"), t("page.vet.any_base", "Any base"), (intake) => (intake.entry ? baseText(intake.entry.family) : "")],
  ["uploader", t("page.vet.uploader", "Uploader"), t("page.vet.any_uploader", "Any uploader"), (intake) => intake.sender.name],
];

export class Vetting {
  /** @param {{changed: () => void}} acts */
  constructor(acts) {
    this.acts = acts;
    this.place = "";
    this.intakes = [];
    this.working = [];
    this.chosen = {};
    this.current = "";
    this.asked = 0;
    this.opened = 0;
    this.decided = ""; // what this page decides or decided last: nobody else did
    this.#build();
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #build() {
    this.filters = el("div", { class: "vet-filters", hidden: true });
    this.list = el("ul", { class: "vet-list" });
    this.busy = el("div", { class: "vet-busy", hidden: true });
    this.side = el(
      "section",
      { class: "vet-side", tabindex: "0", "aria-label": t("page.state.pending", "Waiting") },
      this.filters,
      this.list,
      this.busy,
    );
    this.detail = el("section", { class: "vet-main scroller", tabindex: "0", "aria-label": t("page.filters.look", "Look") });
    this.node = el("div", { class: "vet" }, this.side, this.detail);
  }

  open(place) {
    this.isOpen = true;
    if (place !== this.place) {
      Object.assign(this, { place, intakes: [], working: [], chosen: {}, current: "", whole: null });
      fill(this.list, Array.from({ length: 4 }, () => el("li", { class: "vet-bone", "aria-hidden": "true" })));
      fill(this.detail);
    }
    this.node.classList.remove("has-detail");
    return this.refresh();
  }

  leave() {
    this.isOpen = false;
  }

  /** Load the list anew; what is looked at stays, unless somebody decided it. */
  async refresh() {
    const asked = ++this.asked;
    try {
      const [waiting, working] = await Promise.all([this.#all("waiting"), this.#all("working")]);
      if (asked !== this.asked) return;
      const gone = this.intakes.find(({ id }) => id === this.current && !waiting.some((one) => one.id === id));
      if (gone && this.decided !== gone.id) toast(t("page.vet.decided_elsewhere", "{name} was decided by somebody else", { name: nameOf(gone) }));
      if (!this.isSending && waiting.some(({ id }) => id === this.decided)) this.decided = ""; // it was undone
      const was = this.#shown().findIndex(({ id }) => id === this.current);
      const before = this.intakes.find(({ id }) => id === this.current);
      this.intakes = waiting;
      this.working = working;
      this.#showList();
      const now = this.intakes.find(({ id }) => id === this.current);
      if (!now) this.#choose(this.#shown()[Math.max(0, Math.min(was, this.#shown().length - 1))]);
      else if (!before || before.changed_at !== now.changed_at || this.isStale) this.#choose(now);
      this.isStale = false;
    } catch (error) {
      if (asked === this.asked && !this.intakes.length) this.#failed(error);
    }
  }

  async #all(state) {
    const found = [];
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const query = { place: this.place, state, page, limit: PAGE };
      const answer = await get(address("/api/registry/intakes", query));
      found.push(...answer.intakes);
      if (!answer.intakes.length || found.length >= answer.total) break;
    }
    return found;
  }

  #failed(error) {
    fill(this.list);
    fill(
      this.detail,
      el(
        "div",
        { class: "empty" },
        el("h2", {}, t("page.vet.failed", "This did not load")),
        el("p", { role: "alert" }, error.message),
        textButton(t("page.again", "Try again"), () => this.refresh(), { class: "is-primary" }),
      ),
    );
  }

  // --- the list ------------------------------------------------------------------------------

  #shown() {
    return this.intakes.filter((intake) =>
      FILTERS.every(([name, , , read]) => !this.chosen[name] || read(intake) === this.chosen[name]),
    );
  }

  #showList() {
    const shown = this.#shown();
    const held = this.list.contains(document.activeElement);
    keepRows(this.list, shown.map((intake) => ({ key: intake.id, mark: markOf(intake), make: () => this.#row(intake) })));
    this.#mark();
    if (held && !this.list.contains(document.activeElement)) this.list.querySelector("[aria-current]")?.focus({ preventScroll: true });
    this.#showFilters();
    this.busy.hidden = !this.working.length;
    const names = this.working.slice(0, 3).map(({ file_name: name }) => name).join(", ");
    fill(
      this.busy,
      this.working.length
        ? [el("span", { class: "spinner" }), el("span", { dir: "auto" }, t("page.vet.on_their_way", "{n} on their way: {names}", { n: this.working.length, names }))]
        : [],
    );
  }

  #row(intake) {
    const look = intake.entry;
    return el(
      "li",
      {},
      el(
        "button",
        {
          type: "button",
          class: "vet-row",
          data: { intake: intake.id },
          onclick: () => (this.#choose(intake), this.node.classList.add("has-detail")),
        },
        sampleOf(look ?? { name: intake.file_name }),
        el(
          "span",
          { class: "vet-row-words" },
          el("b", { dir: "auto" }, nameOf(intake)),
          el("small", {}, [look ? kindText(look.kind) : "", look ? baseText(look.family) : ""].filter(Boolean).join(" · ")),
          el("small", {}, el("bdi", {}, intake.sender.name), ` · ${ageText(intake.at)}`),
        ),
      ),
    );
  }

  #showFilters() {
    const mark = JSON.stringify([this.chosen, FILTERS.map(([, , , read]) => this.intakes.map(read))]);
    if (mark === this.filtered) return; // somebody may be choosing just now
    this.filtered = mark;
    const selects = FILTERS.map(([name, label, any, read]) => {
      const values = [...new Set(this.intakes.map(read).filter(Boolean))].sort();
      if (values.length < 2 && !this.chosen[name]) return null;
      const change = (event) => {
        this.chosen[name] = event.target.value;
        this.#showList();
        const shown = this.#shown();
        if (!shown.some(({ id }) => id === this.current)) this.#choose(shown[0]);
        this.filters.querySelector(`[data-name="${name}"]`)?.focus();
      };
      return el(
        "select",
        { "aria-label": label, data: { name }, onchange: change },
        [["", any], ...values.map((value) => [value, name === "kind" ? kindText(value) : value])].map(([value, text]) =>
          el("option", { value, selected: value === (this.chosen[name] ?? "") }, text),
        ),
      );
    }).filter(Boolean);
    this.filters.hidden = !selects.length;
    fill(this.filters, selects);
  }

  // --- one of them ---------------------------------------------------------------------------

  async #choose(intake) {
    this.current = intake?.id ?? "";
    this.#mark()?.scrollIntoView({ block: "nearest" });
    if (!intake) return this.#nothing();
    if (this.whole?.intake?.id !== intake.id) this.whole = null; // nothing is decided about what is not seen yet
    const opened = ++this.opened;
    try {
      const path = `/api/registry/intakes/${encodeURIComponent(intake.id)}`;
      const whole = wholeOf(await get(address(path, { place: this.place })));
      if (opened !== this.opened) return;
      this.whole = whole;
      this.#show(whole);
    } catch (error) {
      if (opened !== this.opened) return;
      this.whole = null;
      if (error.status === 404) return this.refresh();
      fill(this.detail, el("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  /** Mark the row of what is looked at; returns it. */
  #mark() {
    let found = null;
    for (const row of this.list.querySelectorAll(".vet-row")) {
      const isIt = row.dataset.intake === this.current;
      if (isIt) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      if (isIt) found = row;
    }
    return found;
  }

  #nothing() {
    this.whole = null;
    this.opened += 1;
    this.node.classList.remove("has-detail");
    const isFiltered = this.intakes.length > 0;
    fill(
      this.detail,
      el(
        "div",
        { class: "empty" },
        el("span", { class: "empty-mark" }, icon("check")),
        el(
          "h2",
          {},
          isFiltered ? t("page.vet.no_match", "Nothing like that waits") : this.working.length ? t("page.vet.none_yet", "Nothing to vet yet") : t("page.vet.none", "All vetted"),
        ),
        el(
          "p",
          {},
          isFiltered
            ? t("page.vet.no_match_told", "Another kind, base or uploader may have some.")
            : this.working.length
              ? t("page.vet.none_yet_told", "What is on its way appears here by itself, as soon as its preview is drawn.")
              : t("page.vet.none_told", "Nothing waits for a decision. New files appear here by themselves."),
        ),
      ),
    );
  }

  #show(whole) {
    const { look, intake } = whole;
    const hint = (key) => el("kbd", { "aria-hidden": "true" }, key);
    const button = (label, key, act, props) => {
      const made = textButton(label, act, { "aria-keyshortcuts": key, ...props });
      made.append(hint(key));
      return made;
    };
    const page = el(
      "div",
      { class: "vet-page" },
      el(
        "header",
        { class: "vet-head" },
        iconButton("back", t("page.vet.back", "Back to the list"), () => this.#back(), { class: "vet-back" }),
        el("h2", { dir: "auto" }, look.name),
        iconButton("why", t("page.keys", "Keys"), showKeys, { class: "vet-keys" }),
        el(
          "p",
          { class: "quiet" },
          [kindText(look.kind), baseText(look.family)].join(" · "),
          " · ",
          mixed("page.vet.brought_by", "brought by {name}, {ago}", {
            name: el("bdi", {}, intake.sender.name),
            ago: agoText(intake.at),
          }),
        ),
      ),
      detailOf(whole),
    );
    if (this.shown?.page.isConnected && this.shown.id === intake.id) {
      const held = this.shown.page.contains(document.activeElement);
      this.shown.page.replaceWith(page); // its bar stays: a press that has begun there still counts
      this.shown = { page, id: intake.id };
      if (held) this.detail.focus({ preventScroll: true });
      return;
    }
    this.shown = { page, id: intake.id };
    fill(
      this.detail,
      page,
      el(
        "div",
        { class: "vet-bar" },
        button(t("page.vet.approve", "Approve"), "a", () => this.#approve(), { class: "is-primary is-solid", picture: "check" }),
        button(t("page.vet.reject", "Reject"), "r", () => this.#reason("reject"), { class: "is-danger", picture: "close" }),
        button(t("page.vet.ask", "Ask"), "q", () => this.#reason("ask"), { picture: "chat" }),
        button(t("page.edit", "Edit"), "e", () => this.#edit(), { picture: "edit" }),
      ),
    );
    this.detail.scrollTop = 0;
  }

  #back() {
    this.node.classList.remove("has-detail");
    this.list.querySelector("[aria-current]")?.focus();
  }

  // --- deciding ------------------------------------------------------------------------------

  async #approve() {
    const whole = this.whole;
    if (!whole || this.isDeciding) return;
    this.isDeciding = true;
    const isOpen = whole.look.questions?.length > 0;
    const said = isOpen ? await recordRights(this.place, whole.look) : whole;
    const after = said ? await this.#mine(whole, () => decide(this.place, whole.look.id, "approve")) : null;
    this.isDeciding = false;
    if (isOpen && said && !after) this.refresh();
    if (after) this.#decided(whole, t("page.vet.is_approved", "{name} is approved", { name: whole.look.name }));
  }

  /** A list that is told anew before the answer must not call it somebody else's. */
  async #mine({ intake }, send) {
    Object.assign(this, { decided: intake.id, isSending: true });
    const after = await send();
    this.isSending = false;
    if (!after) this.decided = "";
    return after;
  }

  async #reason(decision) {
    const whole = this.whole;
    if (!whole) return;
    const after = await reasonSheet(decision, this.place, whole.look, (send) => this.#mine(whole, send));
    if (!after) return;
    if (decision === "reject") return this.#decided(whole, t("page.vet.is_rejected", "{name} is rejected", { name: whole.look.name }));
    toast(t("page.vet.asked", "Asked. The answer appears among the findings."));
    this.isStale = true;
    await this.refresh();
  }

  #edit() {
    const whole = this.whole;
    if (!whole) return;
    editLook(this.place, whole.look, async () => {
      toast(t("page.saved", "Saved"));
      this.isStale = true;
      await this.refresh();
      this.acts.changed();
    });
  }

  async #decided(whole, text) {
    undoToast(text, this.place, whole.look, () => this.acts.changed());
    await this.refresh();
    this.acts.changed();
    if (this.whole) say(t("page.vet.next", "{text}. Next: {name}", { text, name: this.whole.look.name }));
    if (!document.activeElement || document.activeElement === document.body) this.side.focus({ preventScroll: true });
  }

  #step(by) {
    const shown = this.#shown();
    const at = shown.findIndex(({ id }) => id === this.current);
    const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
    if (!next || next.id === this.current) return;
    this.#choose(next);
    if (this.list.contains(document.activeElement))
      this.list.querySelector(`[data-intake="${CSS.escape(next.id)}"]`)?.focus();
  }

  /** One key decides, but never while something is typed or a dialog is open. */
  #key(event) {
    if (!this.isOpen || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.node.hidden || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("input, textarea, select, [contenteditable]")) return;
    const isArrow = event.key.startsWith("Arrow");
    if (isArrow && target.closest(".vet-main")) return; // there they scroll
    const acts = {
      j: () => this.#step(1),
      k: () => this.#step(-1),
      ArrowDown: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      a: () => this.#approve(),
      r: () => this.#reason("reject"),
      q: () => this.#reason("ask"),
      e: () => this.#edit(),
      u: pressUndo,
      "?": showKeys,
    };
    const act = acts[event.key];
    if (!act || (event.repeat && !"jk".includes(event.key) && !isArrow)) return;
    event.preventDefault();
    act();
  }
}

/** All that a row shows of a file. */
function markOf({ entry, file_name: name, sender, at }) {
  return JSON.stringify([entry?.name ?? name, entry?.kind, entry?.family, entry?.sample, sender.name, ageText(at)]);
}

function nameOf(intake) {
  return intake.entry?.name ?? intake.file_name;
}
