// The bot's buttons: their icons, their busy state.

import { el, textButton } from "/static/dom.js";
import { isBusy } from "/static/outbox.js";
import { t } from "/static/texts.js";

const VERB_ICONS = { why: "why", cancel: "close", delete: "trash", edit: "edit" };

/** The buttons below a post. @param {any} post @param {import("/static/card.js").Acts} acts */
export function buttonsOf(post, acts) {
  if (!post.buttons.length) return null;
  return el(
    "div",
    { class: "buttons", role: "group", "aria-label": t("page.buttons", "What to do with it") },
    post.buttons.map((button) =>
      buttonOf(button, () => acts.press(post, button), { isShort: post.images.length > 0 }),
    ),
  );
}

/** A button that the bot sent. @param {{id: string, label: string, style: string, verb: string}} button */
export function buttonOf(button, onclick, { isShort = false } = {}) {
  const label = button.label.charAt(0).toLocaleUpperCase() + button.label.slice(1);
  const isIcon = isShort && button.verb === "delete";
  const props = { class: `is-${button.style} ${isIcon ? "is-icon" : ""}`, title: isIcon ? label : null };
  const made = textButton(label, onclick, {
    ...props,
    picture: iconFor(button),
    data: { button: button.id },
  });
  showBusy(made);
  return made;
}

function iconFor({ verb, label }) {
  if (verb !== "draw") return VERB_ICONS[verb] ?? null;
  if (/^vary/i.test(label)) return "vary";
  return /again/i.test(label) ? "again" : null;
}

/** @param {HTMLElement} button */
export function showBusy(button) {
  const busy = isBusy(button.dataset.button);
  button.classList.toggle("is-busy", busy);
  button.toggleAttribute("aria-busy", busy);
  if (busy) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}
