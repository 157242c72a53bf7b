// The form for changing a plan: its fields come from the bot.

import { el, freshId, iconButton, textButton } from "/static/dom.js";
import { t } from "/static/texts.js";

/**
 * @param {{name: string, label: string, value: string, type: string, help: string, lora: string|null}[]} fields
 * @param {{submit: (fields: Record<string, string>) => Promise<void>, back: () => void, send?: string, backWord?: string}} acts
 */
export function editForm(fields, { submit, back, send: sendWord = t("page.edit.draw", "Draw"), backWord = t("page.back", "Back") }) {
  const inputs = [...fields].sort(wordsFirst).map((field) => ({ field, input: inputFor(field) }));
  const send = textButton(sendWord, null, { class: "is-primary", type: "submit", picture: "check" });
  const form = el(
    "form",
    { class: "edit", novalidate: true },
    el(
      "div",
      { class: "edit-fields" },
      inputs.map(({ field, input }) => rowFor(field, input)),
    ),
    el("div", { class: "buttons sheet-buttons" }, send, textButton(backWord, back, { picture: "back" })),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (send.classList.contains("is-busy")) return;
    send.classList.add("is-busy");
    await submit(Object.fromEntries(inputs.map(({ field, input }) => [field.name, input.value.trim()])));
    send.classList.remove("is-busy");
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return form;
}

/** Words, then weights, then the rest; each in the bot's order. */
function wordsFirst(one, other) {
  const rank = ({ type }) => ["long", "weight"].indexOf(type) + 1 || 3;
  return rank(one) - rank(other);
}

function inputFor(field) {
  const common = {
    id: freshId("field"),
    value: field.value ?? "",
    name: field.name,
    dir: "auto",
    autocomplete: "off",
  };
  if (field.type === "long") return el("textarea", { ...common, rows: 3 });
  const numeric = field.type === "number" || field.type === "weight";
  return el("input", { ...common, type: "text", inputmode: numeric ? "decimal" : null });
}

function rowFor(field, input) {
  const help = field.help ? el("small", { id: freshId("help") }, field.help) : null;
  if (help) input.setAttribute("aria-describedby", help.id);
  const look = field.type === "weight" || field.type === "number" || field.type === "size" ? "is-short" : "";
  const label = el("label", { for: input.id, dir: "auto" }, field.label);
  return el(
    "div",
    { class: `field ${look}` },
    label,
    field.type === "weight" ? weightInput(field, input) : input,
    help,
  );
}

/** A weight: a slider beside the number, and a cross that leaves the look out. */
function weightInput(field, input) {
  const name = field.lora ?? field.label;
  const slider = el("input", {
    type: "range",
    min: "0",
    max: "2",
    step: "0.05",
    value: input.value || "0",
    "aria-label": t("page.edit.weight", "Weight of {name}", { name }),
  });
  slider.addEventListener("input", () => (input.value = slider.value));
  input.addEventListener("input", () => (slider.value = input.value || "0"));
  const leaveOut = iconButton("close", t("page.edit.leave_out", "Leave {name} out", { name }), () => {
    input.value = "";
    slider.value = "0";
    input.focus();
  });
  input.placeholder = t("page.edit.left_out", "left out");
  return el("div", { class: "weight-input" }, slider, input, leaveOut);
}
