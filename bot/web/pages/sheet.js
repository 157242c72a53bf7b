// Dialogs: a sheet at the side (full on a phone) or over everything; focus is trapped and given back.

import { el, freshId, iconButton } from "/static/dom.js";
import { t } from "/static/texts.js";

/**
 * Open a dialog. Esc, the cross and a click beside it close it.
 * @param {{title: string, look: "sheet"|"small", content: unknown[], onClose?: () => void}} how
 */
export function openSheet({ title, look, content, onClose }) {
  const id = freshId("title");
  const heading = el("h2", { id }, title);
  const body = el("div", { class: "sheet-body", tabindex: "-1" }, ...content);
  const box = el("dialog", { class: look, "aria-labelledby": id });
  box.append(
    el(
      "header",
      { class: "sheet-head" },
      heading,
      iconButton("close", t("page.close", "Close"), () => box.close()),
    ),
    body,
  );
  keepDialog(box, onClose);
  body.focus({ preventScroll: true });
  return { box, body, heading, close: () => box.close() };
}

/**
 * Show a dialog until it is closed; the focus goes back to where it was.
 * @param {HTMLDialogElement} box @param {() => void} [onClose]
 * @param {(target: EventTarget | null) => boolean} [isBeside] where a click closes it
 */
export function keepDialog(box, onClose, isBeside = (target) => target === box) {
  const before = document.activeElement;
  listenForClicks(box, isBeside);
  box.addEventListener("close", () => {
    box.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    else document.querySelector(".scroller")?.focus({ preventScroll: true });
    onClose?.();
  });
  document.body.append(box);
  box.showModal();
}

/** A click beside closes the dialog; a selection that began inside and ended beside does not. */
function listenForClicks(box, isBeside) {
  let hasBegun = false;
  box.addEventListener("pointerdown", ({ target }) => (hasBegun = isBeside(target)));
  box.addEventListener("click", ({ target }) => hasBegun && isBeside(target) && box.close());
}

/** Copy, also where the clipboard is closed to pages. @param {string} text @returns {Promise<boolean>} */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text);
  }
}

function copyByHand(text) {
  const held = document.activeElement;
  const field = el("textarea", { class: "unseen", "aria-hidden": "true", value: text });
  (held?.closest("dialog") ?? document.body).append(field);
  field.select();
  const worked = document.execCommand("copy");
  field.remove();
  held?.focus?.({ preventScroll: true });
  return worked;
}

/** A button that copies and says so. */
export function copyButton(label, text, props = {}) {
  const shown = el("span", {}, label);
  const button = el(
    "button",
    { type: "button", class: `button ${props.class ?? ""}`, "aria-live": "polite" },
    shown,
  );
  button.addEventListener("click", async () => {
    const worked = await copyText(typeof text === "function" ? text() : text);
    shown.textContent = worked ? t("page.copied", "Copied") : t("page.copy.not_allowed", "Copying is not allowed here");
    button.classList.toggle("is-done", worked);
    setTimeout(() => {
      shown.textContent = label;
      button.classList.remove("is-done");
    }, 1600);
  });
  return button;
}
