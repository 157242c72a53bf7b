// A double click presses one thing: never what came under the pointer between its halves.

const PRESSED = "a, button, [role=option]";

/** What the first click of the row was on. @type {Element | null} */
let first = null;

/** Drop the later clicks of a row that hit something else than its first. */
export function keepClicksWhole() {
  addEventListener("click", act, { capture: true });
}

function act(event) {
  const pressed = event.target.closest?.(PRESSED) ?? null;
  if (event.detail <= 1) first = pressed;
  else if (pressed !== first) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}
