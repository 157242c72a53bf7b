// A plan as people read it: base, looks with their weights, reasons, settings.

import { el, icon } from "/static/dom.js";
import { copyButton } from "/static/sheet.js";
import { kindText, mixed, t } from "/static/texts.js";

const FULL_WEIGHT = 1.5;

/**
 * Everything that was decided for a picture.
 * @param {any} plan @param {{words?: string, seconds?: number|null, parameters: string}} facts
 */
export function planView(plan, { words = "", seconds = null, parameters }) {
  return [
    words ? section(t("page.plan.said", "You said"), el("blockquote", { dir: "auto" }, words)) : null,
    section(
      t("page.plan.prompt", "Prompt as drawn"),
      el("p", { class: "prompt", dir: "auto" }, plan.prompt),
      plan.negative_prompt
        ? el("p", { class: "kept-out", dir: "auto" }, el("b", {}, t("page.plan.kept_out", "Kept out:"), " "), plan.negative_prompt)
        : null,
    ),
    section(
      t("page.looks", "Looks"),
      plan.loras.length
        ? el("ul", { class: "loras" }, plan.loras.map(loraView))
        : el("p", { class: "quiet" }, t("page.plan.no_looks", "None: the words named none and asked for none.")),
    ),
    plan.reasons.length
      ? section(t("page.plan.choices", "Choices"), el("ul", { class: "reasons" }, plan.reasons.map(reasonView)))
      : null,
    section(t("page.plan.settings", "Settings"), settingsView(plan, seconds)),
    el("div", { class: "row" }, copyButton(t("page.plan.copy", "Copy as A1111 parameters"), parameters)),
  ];
}

function section(title, ...content) {
  return el("section", { class: "part" }, el("h3", {}, title), ...content);
}

function loraView(lora) {
  const part = Math.min(1, Math.abs(lora.weight) / FULL_WEIGHT);
  const fill = el("i", {});
  fill.style.transform = `scaleX(${part})`;
  return el(
    "li",
    {},
    el(
      "div",
      { class: "lora-head" },
      el("b", { dir: "auto" }, lora.name),
      el("small", {}, kindText(lora.kind)),
      el("span", { class: "weight" }, round(lora.weight)),
    ),
    el("div", { class: "meter", "aria-hidden": "true" }, fill),
    lora.trigger
      ? el("p", { class: "trigger" }, mixed("page.plan.woken", "woken by {trigger}", { trigger: el("code", { dir: "auto" }, lora.trigger) }))
      : null,
    lora.reason ? el("p", { class: "quiet", dir: "auto" }, lora.reason) : null,
  );
}

function reasonView({ choice, value, why }) {
  return el(
    "li",
    {},
    el("b", { dir: "auto" }, `${choice}: ${value}`),
    el("span", { class: "quiet", dir: "auto" }, why),
  );
}

function settingsView(plan, seconds) {
  const seed = el(
    "span",
    { class: "seed" },
    el("code", {}, String(plan.seed)),
    copyButton(t("page.copy", "Copy"), String(plan.seed), { class: "is-tiny" }),
  );
  const facts = [
    [t("page.plan.base", "Base"), `${plan.base} (${plan.family})`],
    [t("page.plan.seed", "Seed"), seed],
    [t("page.plan.size", "Size"), `${plan.width} × ${plan.height}`],
    [t("page.plan.steps", "Steps"), plan.steps],
    [t("page.plan.guidance", "Guidance"), round(plan.guidance)],
    [t("page.plan.scheduler", "Scheduler"), plan.scheduler],
    plan.count > 1 ? [t("page.plan.pictures", "Pictures"), plan.count] : null,
    plan.variation
      ? [
          t("page.plan.variation", "Variation"),
          t("page.plan.variation_told", "{percent} % from seed {seed}", {
            percent: Math.round(plan.variation.strength * 100),
            seed: plan.variation.seed,
          }),
        ]
      : null,
    seconds ? [t("page.plan.took", "Took"), `${round(seconds)} s`] : null,
  ];
  return el(
    "dl",
    { class: "lines" },
    facts
      .filter(Boolean)
      .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, value))),
  );
}

function round(number) {
  return String(Math.round(Number(number) * 100) / 100);
}

/** While the plan is on its way. */
export function planBones() {
  return el(
    "div",
    { class: "plan-bones", role: "status", "aria-label": t("page.loading", "Loading") },
    el("i"),
    el("b"),
    el("b"),
    el("i"),
    el("b"),
  );
}

/** Why it can't be shown. @param {string} text */
export function planProblem(text) {
  return el("div", { class: "empty" }, icon("alert"), el("p", { dir: "auto" }, text));
}
