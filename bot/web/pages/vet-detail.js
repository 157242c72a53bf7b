// One look in full: its pictures side by side, what was found, what is known; and deciding about it.

import { address, post } from "/static/api.js";
import { el, fill, freshId, icon, say, textButton, toast } from "/static/dom.js";
import { baseText, bytesText, crispen, triggerChips, weightText } from "/static/look-words.js";
import { keepDialog, openSheet } from "/static/sheet.js";
import { dates, kindText, ratingText, t } from "/static/texts.js";
import { fullTime } from "/static/times.js";

const UNDO_MS = 10_000;
const WARNS = /^(Careful|Sorry|Nobody said|Its strength could not|Its base can't|The preview at|No base here)|overwhelms|does nothing|faintly/;
const ASKS = {
  reject: {
    title: t("page.vet.reject", "Reject"),
    label: t("page.vet.reject_why", "Why? Whoever brought it is told."),
    send: t("page.vet.reject", "Reject"),
    chips: [
      t("page.vet.no_licence", "its licence is not known"),
      t("page.vet.no_consent", "it shows a real person, and nobody said that they agreed"),
      t("page.vet.no_use", "it does not work well enough"),
      t("page.vet.better", "it is here already in a better version"),
    ],
  },
  ask: {
    title: t("page.vet.ask_uploader", "Ask the uploader"),
    label: t("page.vet.ask_what", "What do you want to know?"),
    send: t("page.vet.ask", "Ask"),
    chips: [
      t("page.vet.which_licence", "Under which licence may it be used?"),
      t("page.vet.which_person", "Does it show a real person, and did they agree?"),
      t("page.vet.which_words", "Which words wake it?"),
    ],
  },
  retire: {
    title: t("page.vet.retire", "Retire"),
    label: t("page.vet.retire_why", "Why? Nobody can ask for it any more."),
    send: t("page.vet.retire", "Retire"),
    chips: [
      t("page.vet.replaced", "replaced by a better one"),
      t("page.vet.creator_asked", "asked for by its creator"),
    ],
  },
};
const HAPPENED = {
  "added.pending": t("page.happened.brought", "brought it"),
  "added.approved": t("page.happened.added", "added it, approved"),
  approved: t("page.happened.approved", "approved it"),
  rejected: t("page.happened.rejected", "rejected it"),
  retired: t("page.happened.retired", "retired it"),
  asked: t("page.happened.asked", "asked"),
  answered: t("page.happened.answered", "answered"),
  edited: t("page.happened.edited", "edited"),
  measured: t("page.happened.measured", "measured it"),
  "undone.approved": t("page.happened.undone_approved", "took the approval back"),
  "undone.rejected": t("page.happened.undone_rejected", "took the rejection back"),
  "undone.retired": t("page.happened.undone_retired", "took the retirement back"),
};

/** What the bot tells of a look or a file, in one shape. */
export function wholeOf(told) {
  const { intake, cells, history, measured } = told;
  return { look: told.entry ?? intake?.entry, intake, cells, history, measured: measured ?? [], sheet: told.sheet ?? intake?.sheet };
}

/** Send a decision; null (and words) when it was refused. */
export async function decide(place, entry, decision, more = {}) {
  const path = `/api/registry/entries/${encodeURIComponent(entry)}`;
  try {
    if (decision === "edit") return wholeOf(await post(address(path, { place }), more));
    return wholeOf(await post(address(`${path}/decision`, { place }), { decision, ...more }));
  } catch (error) {
    toast(error.message, "bad");
    return null;
  }
}

/** A toast that takes the decision back. */
export function undoToast(text, place, look, changed) {
  for (const old of document.querySelectorAll(".toast.is-undo")) old.remove();
  const undo = async () => {
    note.remove();
    if (await decide(place, look.id, "undo")) toast(t("page.vet.taken_back", "Taken back: {name}", { name: look.name }));
    changed();
  };
  const button = el("button", { type: "button", class: "toast-button", onclick: undo }, icon("undo"), t("page.undo", "Undo"));
  const note = el("div", { class: "toast is-undo", dir: "auto" }, icon("check"), el("span", {}, text), button);
  document.getElementById("toasts").append(note);
  say(t("page.vet.press_undo", "{text}. Press u to undo.", { text }));
  setTimeout(() => note.remove(), UNDO_MS);
}

/** Press the newest undo, if there is one. */
export function pressUndo() {
  document.querySelector(".toast.is-undo .toast-button")?.click();
}

/**
 * Ask for a reason, then decide. `around` is given what sends the decision, and awaits it.
 * @returns {Promise<any>} what there is then, null when nothing was decided
 */
export function reasonSheet(decision, place, look, around = (send) => send()) {
  const { title, label, send, chips } = ASKS[decision];
  const words = el("textarea", { id: freshId("reason"), rows: 3, maxlength: 500, dir: "auto" });
  const button = textButton(send, null, {
    type: "submit",
    class: decision === "ask" ? "is-primary" : "is-danger is-solid",
  });
  const use = (text) => ((words.value = text), words.focus());
  const form = el(
    "form",
    { class: "reason", novalidate: true },
    el("div", { class: "field" }, el("label", { for: words.id }, label), words),
    el("div", { class: "chips" }, chips.map((text) => el("button", { type: "button", class: "chip", onclick: () => use(text) }, text))),
    el("div", { class: "row is-end" }, button),
  );
  return new Promise((resolve) => {
    let after = null;
    const sheet = openSheet({ title: `${title}: ${look.name}`, look: "small", content: [form], onClose: () => resolve(after) });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!words.value.trim()) return words.focus();
      if (button.classList.contains("is-busy")) return;
      button.classList.add("is-busy");
      after = await around(() => decide(place, look.id, decision, { reason: words.value.trim() }));
      button.classList.remove("is-busy");
      if (after) sheet.close();
    });
    words.focus();
  });
}

/** Everything about a look. @param {any} whole @param {{isShort?: boolean}} [how] */
export function detailOf(whole, { isShort = false } = {}) {
  const { look, intake } = whole;
  const found = intake?.findings ?? [];
  const said = intake?.findings_said ?? found;
  const findings = found.length
    ? part(t("page.vet.found", "What was found"), el("ul", { class: "findings" }, found.map((text, at) => finding(text, said[at]))))
    : null;
  return el(
    "div",
    { class: "vet-detail" },
    look?.questions?.length ? el("div", { class: "vet-questions" }, part(t("page.vet.to_answer", "To be answered before it is approved"), el("ul", { class: "findings" }, look.questions.map(question)))) : null,
    whole.cells.length ? compare(whole, findings) : findings,
    whole.measured.length ? part(t("page.vet.moves", "How far it moves the base"), el("div", { class: "moved" }, whole.measured.map(moved))) : null,
    look?.description ? el("p", { class: "vet-words", dir: "auto" }, look.description) : null,
    look ? part(t("page.vet.known", "What is known"), facts(look, intake, isShort)) : null,
    whole.history.length ? part(t("page.vet.happened", "What happened"), el("ul", { class: "history" }, whole.history.map(happened))) : null,
  );
}

function part(title, content) {
  return el("section", { class: "part" }, el("h3", {}, title), content);
}

/** What warns is known by its English form. */
function finding(text, said) {
  const isBad = WARNS.test(text);
  return el("li", { class: isBad ? "is-warning" : "" }, icon(isBad ? "alert" : "check"), el("span", { dir: "auto" }, said));
}

/** Weight by weight, how much of the base's prediction changes. */
function moved({ base, moved: points }) {
  const most = Math.max(1, ...points.map(({ bare, woken }) => Math.max(bare, woken ?? 0)));
  const hasTrigger = points.some(({ woken }) => woken !== null);
  const bar = (value, kind) => {
    const long = el("i", {});
    long.style.inlineSize = `${(80 * value) / most}%`;
    return el("span", { class: `moved-bar ${kind}` }, long, el("span", {}, `${Math.round(100 * value)} %`));
  };
  return el(
    "table",
    {},
    el("caption", {}, baseText(base), hasTrigger ? t("page.vet.moves_trigger", ": with its trigger, and without") : ""),
    el(
      "tbody",
      {},
      points.map(({ weight, bare, woken }) =>
        el("tr", {}, el("th", { scope: "row" }, weightText(weight)), el("td", {}, woken === null ? null : bar(woken, "is-woken"), bar(bare, "is-bare"))),
      ),
    ),
  );
}

function question({ text }) {
  return el("li", { class: "is-warning" }, icon("alert"), el("span", { dir: "auto" }, `${text[0].toUpperCase()}${text.slice(1)}.`));
}

function facts(look, intake, isShort) {
  const people = {
    unasked: t("page.not_said", "not said"),
    no: t("page.answer.no", "no"),
    yes: t("page.answer.yes", "yes"),
  };
  const rows = [
    [t("page.field.kind", "Kind"), kindText(look.kind)],
    [t("page.field.family", "Made for"), baseText(look.family)],
    [t("page.field.triggers", "Triggers"), look.triggers.length ? triggerChips(look.triggers) : t("page.none", "none")],
    [t("page.field.weight", "Weight"), weightText(look.weight)],
    [t("page.field.aliases", "Also called"), look.aliases.join(", ")],
    [t("page.field.tags", "Tags"), look.tags.join(", ")],
    [t("page.field.rating", "Rating"), ratingText(look.rating)],
    [t("page.field.licence", "Licence"), look.licence || t("page.not_said", "not said")],
    [t("page.field.creator", "Creator"), look.creator],
    [t("page.field.published", "Published"), look.source],
    ...(isShort
      ? []
      : [
          [t("page.field.real_person", "Real person"), people[look.answers?.real_person ?? "unasked"]],
          [t("page.field.allowed_by", "Allowed by"), look.consent],
          [t("page.field.shown_brand", "Brand"), people[look.answers?.brand ?? "unasked"]],
          [t("page.field.brought_by", "Brought by"), intake ? intake.sender.name : ""],
          [t("page.field.came_by", "Came by"), intake?.road],
        ]),
    [t("page.field.file", "File"), [look.file.format, look.file.algorithm, bytesText(look.file.size_bytes)].filter(Boolean).join(" · ")],
  ];
  return el(
    "dl",
    { class: "lines" },
    rows
      .filter(([, value]) => value && value.length)
      .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, value))),
  );
}

function happened(line) {
  const what = line.what.replace(/^entry\./, "");
  return el(
    "li",
    {},
    el("b", {}, el("bdi", {}, line.actor_name)),
    ` ${HAPPENED[what] ?? what}`,
    line.reason && !what.startsWith("added") && line.reason !== what
      ? el("span", { class: "quiet", dir: "auto" }, `: ${line.reason}`)
      : null,
    el("time", { datetime: line.at, title: fullTime(line.at) }, ` · ${new Date(line.at).toLocaleString(dates, { dateStyle: "medium", timeStyle: "short" })}`),
  );
}

// --- side by side -----------------------------------------------------------------------------

/** The base beside the look: one pair under a sliding edge, and a table of all cells to choose from. */
function compare(whole, beside) {
  const rows = [...new Set(whole.cells.map((cell) => cell.row))];
  const titles = [...new Set(whole.cells.map((cell) => cell.title))];
  const at = (row, title) => whole.cells.find((cell) => cell.row === row && cell.title === title);
  const seeds = Math.max(0, ...whole.cells.map((cell) => cell.pictures.length));
  const acting = whole.cells.filter((cell) => cell.weight !== null && cell.pictures.length);
  const last = acting.filter((cell) => cell.row === acting.at(-1)?.row);
  const chosen = { cell: last[Math.floor(last.length / 2)] ?? null, seed: 0 };
  const hasFull = chosen.cell?.pictures.some(({ full }) => full);
  const wipe = wipeOf();
  const buttons = [];
  const show = () => {
    for (const { node, cell, seed } of buttons)
      node.setAttribute("aria-pressed", String(cell === chosen.cell && seed === chosen.seed));
    if (chosen.cell) wipe.show(at(chosen.cell.row, titles[0]), chosen.cell, chosen.seed);
  };
  const pictureOf = (cell, seed) => {
    const image = cell?.pictures[seed];
    if (!image) return el("span", { class: "cell is-none" }, cell?.is_over ? t("page.vet.not_drawn", "not drawn") : t("page.vet.drawing", "drawing…"));
    const shown = el("img", { src: image.url, alt: "", loading: "lazy", decoding: "async", draggable: "false" });
    shown.addEventListener("load", () => crispen(shown));
    if (cell.weight === null) return el("span", { class: "cell" }, shown);
    const node = el(
      "button",
      {
        type: "button",
        class: "cell",
        "aria-pressed": "false",
        "aria-label": t("page.vet.compare", "Compare {title}, {row}, picture {n} with the base", { title: cell.title, row: cell.row, n: seed + 1 }),
        onclick: () => (Object.assign(chosen, { cell, seed }), show()),
      },
      shown,
    );
    buttons.push({ node, cell, seed });
    return node;
  };
  const body = rows.map((row) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, row),
      titles.map((title) =>
        el(
          "td",
          {},
          el("div", { class: "cell-pair" }, Array.from({ length: seeds || 1 }, (_, seed) => pictureOf(at(row, title), seed))),
        ),
      ),
    ),
  );
  const table = el(
    "table",
    { class: "cells" },
    el("caption", { class: "unseen" }, t("page.vet.cells", "Pictures of the same seeds with the base alone and with the look at several weights")),
    el("thead", {}, el("tr", {}, el("td", {}), titles.map((title) => el("th", { scope: "col" }, title)))),
    el("tbody", {}, body),
  );
  show();
  return el(
    "div",
    { class: "compare" },
    chosen.cell ? wipe.node : null,
    beside,
    el(
      "div",
      { class: "compare-cells" },
      el("div", { class: "cells-scroll", tabindex: "0", role: "region", "aria-label": t("page.vet.previews", "All previews") }, table),
      hasFull ? textButton(t("page.vet.full_size", "Full size"), () => enlarge(chosen.cell.pictures[chosen.seed].full, `${chosen.cell.title}, ${chosen.cell.row}`), { picture: "grid", class: "is-tiny is-plain" }) : null,
      whole.sheet
        ? textButton(t("page.vet.whole_sheet", "Whole contact sheet"), () => enlarge(whole.sheet, t("page.vet.sheet_of", "Contact sheet of {name}", { name: whole.look?.name ?? "" })), { picture: "grid", class: "is-tiny is-plain" })
        : null,
    ),
  );
}

function wipeOf() {
  const base = el("img", { alt: t("page.vet.base_alone_alt", "The base alone"), draggable: "false" });
  const look = el("img", { alt: "", class: "wipe-look", draggable: "false" });
  for (const each of [base, look]) each.addEventListener("load", () => crispen(each));
  const edge = el("input", { type: "range", min: "0", max: "100", value: "50", class: "wipe-edge", "aria-label": t("page.vet.wipe", "How much of the base is shown") });
  const frame = el("div", { class: "wipe-frame" }, base, look, el("i", { class: "wipe-line" }), edge);
  const under = el("p", { class: "wipe-under" });
  const move = () => frame.style.setProperty("--at", `${edge.value}%`);
  edge.addEventListener("input", move);
  move();
  return {
    node: el("figure", { class: "wipe" }, frame, el("figcaption", {}, under)),
    show(before, after, seed) {
      const [below, over] = [before?.pictures[seed], after.pictures[seed]];
      base.src = below?.full ?? below?.url ?? "";
      look.src = over.full ?? over.url;
      look.alt = `${after.title}, ${after.row}`;
      frame.style.aspectRatio = `${after.pictures[seed].width} / ${after.pictures[seed].height}`;
      fill(under, el("span", {}, t("page.vet.base_alone", "base alone")), el("span", {}, `${after.title}, ${after.row}`));
    },
  };
}

function enlarge(url, name) {
  const picture = el("img", { src: url, alt: name });
  const box = el("dialog", { class: "lightbox is-sheet", "aria-label": t("page.lightbox", "Picture") });
  box.append(
    el(
      "header",
      {},
      el("span", { dir: "auto" }, name),
      el("button", { type: "button", class: "icon-button", "aria-label": t("page.close", "Close"), onclick: () => box.close() }, icon("close")),
    ),
    el("div", { class: "sheet-scroll", tabindex: "0", role: "region", "aria-label": t("page.vet.sheet", "Contact sheet") }, picture),
  );
  keepDialog(box);
}
