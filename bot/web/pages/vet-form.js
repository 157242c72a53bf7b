// The form for what is told of a look.

import { el, fill, freshId, icon, iconButton, textButton } from "/static/dom.js";
import { KINDS, LICENCES, RATINGS, ROLES, baseText } from "/static/look-words.js";
import { openSheet } from "/static/sheet.js";
import { kindText, ratingText, t } from "/static/texts.js";
import { decide } from "/static/vet-detail.js";

const ANSWERS = [
  ["unasked", t("page.not_said", "not said")],
  ["no", t("page.answer.no", "no")],
  ["yes", t("page.answer.yes", "yes")],
];

/** Edit a look in a sheet. @param {string} place @param {any} look @param {(whole: any) => void} done */
export function editLook(place, look, done) {
  const fields = fieldsOf(look);
  const save = textButton(t("page.save", "Save"), null, { type: "submit", class: "is-primary", picture: "check" });
  const form = el(
    "form",
    { class: "edit", novalidate: true },
    el("div", { class: "edit-fields" }, fields.map((field) => field.box)),
    el("div", { class: "buttons sheet-buttons" }, save, textButton(t("page.cancel", "Cancel"), () => sheet.close())),
  );
  const sheet = openSheet({ title: t("page.form.edit", "Edit {name}", { name: look.name }), look: "sheet", content: [form] });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (save.classList.contains("is-busy")) return;
    const given = changed(fields, look);
    if (!Object.keys(given).length) return sheet.close();
    save.classList.add("is-busy");
    const after = await decide(place, look.id, "edit", { fields: given });
    save.classList.remove("is-busy");
    if (!after) return;
    sheet.close();
    done(after);
  });
  form.querySelector("input")?.focus();
}

const RIGHTS = ["real_person", "consent", "brand", "licence"];

/**
 * Record what nobody said of the people and brands in a look, with the reason.
 * @param {string} place @param {any} look @returns {Promise<any>} what there is then, null when nothing was recorded
 */
export function recordRights(place, look) {
  const fields = fieldsOf(look)
    .filter(({ name }) => RIGHTS.includes(name))
    .sort((one, other) => RIGHTS.indexOf(one.name) - RIGHTS.indexOf(other.name));
  const why = el("textarea", { id: freshId("reason"), rows: 2, maxlength: 500, dir: "auto" });
  const save = textButton(t("page.form.record", "Record and approve"), null, { type: "submit", class: "is-primary is-solid", picture: "check" });
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el(
    "form",
    { class: "edit", novalidate: true },
    el("ul", { class: "findings" }, look.questions.map(({ text }) => el("li", { class: "is-warning" }, icon("alert"), el("span", { dir: "auto" }, sentence(text))))),
    el("div", { class: "edit-fields" }, fields.map((field) => field.box), el("div", { class: "field" }, el("label", { for: why.id }, t("page.form.how_known", "How do you know?")), why)),
    problem,
    el("div", { class: "buttons sheet-buttons" }, save, textButton(t("page.cancel", "Cancel"), () => sheet.close())),
  );
  let sheet;
  return new Promise((resolve) => {
    let after = null;
    sheet = openSheet({ title: t("page.form.before", "Before {name} is approved", { name: look.name }), look: "sheet", content: [form], onClose: () => resolve(after) });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (save.classList.contains("is-busy")) return;
      const given = changed(fields, look);
      problem.textContent = "";
      if (!why.value.trim()) {
        problem.textContent = t("page.form.few_words", "A few words on how you know are kept with it.");
        return why.focus();
      }
      if (!Object.keys(given).length) {
        problem.textContent = t("page.form.nothing", "Nothing is answered yet. Whoever brought it can be asked instead.");
        return;
      }
      save.classList.add("is-busy");
      after = await decide(place, look.id, "edit", { fields: given, reason: why.value.trim() });
      save.classList.remove("is-busy");
      if (after) sheet.close();
    });
    form.querySelector("select, input")?.focus();
  });
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}

/** Only what is different is sent: what somebody else set meanwhile stays. */
function changed(fields, look) {
  const before = Object.fromEntries(fieldsOf(look).map(({ name, read }) => [name, JSON.stringify(read())]));
  return Object.fromEntries(
    fields.map(({ name, read }) => [name, read()]).filter(([name, value]) => JSON.stringify(value) !== before[name]),
  );
}

function fieldsOf(look) {
  const fields = [
    text("name", t("page.field.name", "Name"), look.name, { maxlength: 80 }),
    choice("kind", t("page.field.kind", "Kind"), look.kind, KINDS.map((kind) => [kind, kindText(kind)])),
    number("weight", t("page.field.weight", "Weight"), look.weight),
    triggers(look.triggers),
    list("aliases", t("page.field.aliases", "Also called"), look.aliases, t("page.field.commas", "with commas")),
    list("tags", t("page.field.tags", "Tags"), look.tags, t("page.field.commas", "with commas")),
    long("description", t("page.field.description", "What it looks like"), look.description),
    choice("rating", t("page.field.rating", "Rating"), look.rating, RATINGS.map((rating) => [rating, ratingText(rating)])),
    text("licence", t("page.field.licence", "Licence"), look.licence, { maxlength: 200 }, LICENCES),
    choice("real_person", t("page.field.shows_person", "Shows a real person"), look.answers?.real_person ?? "unasked", ANSWERS),
    text("consent", t("page.field.who_allowed", "Who allowed it"), look.consent ?? "", { maxlength: 200 }),
    choice("brand", t("page.field.shows_brand", "Shows a brand or a protected character"), look.answers?.brand ?? "unasked", ANSWERS),
    text("creator", t("page.field.creator", "Creator"), look.creator, { maxlength: 200 }),
    text("source", t("page.field.source", "Where it was published"), look.source, { maxlength: 500, inputmode: "url" }),
  ];
  if (look.choices?.length) {
    const known = look.choices.includes(look.family) ? [] : [[look.family, baseText(look.family)]];
    fields.splice(1, 0, choice("family", t("page.field.family", "Made for"), look.family, [...known, ...look.choices.map((base) => [base, base])]));
  }
  return fields;
}

function boxed(label, input, help = "", isShort = false) {
  const told = help ? el("small", { id: freshId("help") }, help) : null;
  if (told) input.setAttribute("aria-describedby", told.id);
  return el("div", { class: `field ${isShort ? "is-short" : ""}` }, el("label", { for: input.id }, label), input, told);
}

function text(name, label, value, props = {}, offers = []) {
  const id = freshId(name);
  const input = el("input", { type: "text", id, value, dir: "auto", autocomplete: "off", ...props });
  const box = boxed(label, input);
  if (offers.length) {
    const offered = el("datalist", { id: freshId("offers") }, offers.map((each) => el("option", { value: each })));
    input.setAttribute("list", offered.id);
    box.append(offered);
  }
  return { name, box, read: () => input.value.trim() };
}

function long(name, label, value) {
  const input = el("textarea", { id: freshId(name), rows: 3, maxlength: 4000, dir: "auto", value });
  return { name, box: boxed(label, input), read: () => input.value.trim() };
}

function list(name, label, value, help) {
  const input = el("input", { type: "text", id: freshId(name), value: value.join(", "), dir: "auto", autocomplete: "off" });
  const read = () => input.value.split(",").map((word) => word.trim()).filter(Boolean);
  return { name, box: boxed(label, input, help), read };
}

function number(name, label, value) {
  const input = el("input", { type: "number", id: freshId(name), value: String(value), min: "-2", max: "2", step: "0.05" });
  const read = () => (input.value.trim() === "" ? value : Number(input.value));
  return { name, box: boxed(label, input, "", true), read };
}

function choice(name, label, value, options) {
  const input = el(
    "select",
    { id: freshId(name) },
    options.map(([each, told]) => el("option", { value: each, selected: each === value }, told)),
  );
  return { name, box: boxed(label, input, "", name === "kind"), read: () => input.value };
}

/** Trigger words, each with its role. */
function triggers(value) {
  const rows = el("ul", { class: "trigger-rows" });
  const add = ({ word = "", role = "required" } = {}) => {
    const input = el("input", { type: "text", value: word, maxlength: 100, dir: "auto", autocomplete: "off", "aria-label": t("page.form.trigger", "Trigger word") });
    const select = el(
      "select",
      { "aria-label": t("page.form.trigger_role", "Role of the trigger") },
      ROLES.map(([each, told]) => el("option", { value: each, selected: each === role }, told)),
    );
    const row = el("li", {}, input, select, iconButton("close", t("page.form.trigger_remove", "Remove trigger"), () => row.remove()));
    rows.append(row);
    return input;
  };
  value.forEach(add);
  const more = textButton(t("page.form.trigger_add", "Add a trigger"), () => add({ role: value.length ? "optional" : "required" }).focus(), { picture: "plus", class: "is-tiny is-plain" });
  const read = () =>
    [...rows.children]
      .map((row) => ({ word: row.querySelector("input").value.trim(), role: row.querySelector("select").value }))
      .filter(({ word }) => word);
  const title = el("span", { class: "label", id: freshId("triggers") }, t("page.form.triggers", "Trigger words"));
  const box = el("div", { class: "field", role: "group", "aria-labelledby": title.id }, title, rows);
  box.append(el("div", { class: "row" }, more));
  return { name: "triggers", box, read };
}

/** The keys of the vetting view. */
export function showKeys() {
  const keys = [
    ["j  ↓", t("page.keys.next", "next")],
    ["k  ↑", t("page.keys.before", "the one before")],
    ["a", t("page.keys.approve", "approve")],
    ["r", t("page.keys.reject", "reject, with a reason")],
    ["q", t("page.keys.ask", "ask the uploader")],
    ["e", t("page.keys.edit", "edit")],
    ["u", t("page.keys.undo", "take the last decision back")],
    ["?", t("page.keys.these", "these keys")],
  ];
  const rows = keys.map(([key, what]) =>
    el("div", {}, el("dt", {}, key.split("  ").map((each) => el("kbd", {}, each))), el("dd", {}, what)),
  );
  const list = el("dl", { class: "lines is-keys" });
  fill(list, rows);
  openSheet({ title: t("page.keys", "Keys"), look: "small", content: [list] });
}
