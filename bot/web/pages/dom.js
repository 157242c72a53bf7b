// Builds elements. Text is always text: nothing here or elsewhere is parsed as markup.

import { PATHS } from "/static/icons.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes, listeners (`onclick`) and children.
 * @param {string} tag
 * @param {Record<string, unknown>} [props]
 * @param {...unknown} children
 * @returns {any}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(node, name, value);
  node.append(...children.flat(3).filter(isShown));
  return node;
}

function set(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") node.addEventListener(name.slice(2), value);
  else if (name === "class") node.className = String(value);
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "value" || name === "checked") node[name] = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

function isShown(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}

/** A line icon; it says nothing to a screen reader. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? "");
  svg.append(path);
  return svg;
}

/** A button that shows only an icon. @param {string} name @param {string} label */
export function iconButton(name, label, onclick, props = {}) {
  const look = `icon-button ${props.class ?? ""}`;
  return el(
    "button",
    { type: "button", title: label, "aria-label": label, onclick, ...props, class: look },
    icon(name),
  );
}

/** A button with words, and an icon before them. */
export function textButton(label, onclick, props = {}) {
  const { picture, ...rest } = props;
  const shown = [picture ? icon(picture) : null, el("span", {}, label)];
  return el("button", { type: "button", onclick, ...rest, class: `button ${props.class ?? ""}` }, shown);
}

/** Empty an element and fill it anew. @param {Element} node */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat(3).filter(isShown));
}

/**
 * Make an element hold this, changing only what differs: a press that has begun on the rest still
 * counts, and the focus stays. What may move carries `data-key`. Listeners are those of the first time.
 * @param {Element} box
 */
export function mend(box, ...children) {
  const wanted = children.flat(3).filter(isShown).map(asNode);
  const keys = new Set(wanted.map(keyOf).filter(Boolean));
  for (const old of [...box.children]) if (keyOf(old) && !keys.has(keyOf(old))) old.remove();
  const known = new Map([...box.children].map((old) => [keyOf(old), old]));
  let next = box.firstChild;
  for (const fresh of wanted) {
    const key = keyOf(fresh);
    const old = key ? known.get(key) : isAlike(next, fresh) ? next : null;
    if (old && old === next) next = next.nextSibling;
    else box.insertBefore(old ?? fresh, next);
    if (old) mendOne(old, fresh);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function asNode(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

function keyOf(node) {
  return node.dataset?.key ?? "";
}

function isAlike(old, fresh) {
  return Boolean(old) && old.nodeName === fresh.nodeName && !keyOf(old);
}

function mendOne(old, fresh) {
  if (old === fresh || old.isEqualNode(fresh)) return;
  if (old.nodeType === Node.TEXT_NODE) {
    old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  mend(old, ...fresh.childNodes);
}

/** What each list of rows shows. @type {WeakMap<Element, Map<string, {mark: string, node: Element}>>} */
const rowsIn = new WeakMap();

/**
 * Make a list hold exactly these rows, in this order; those with the same mark are left alone.
 * @param {Element} list @param {{key: string, mark: string, make: () => Element}[]} rows
 */
export function keepRows(list, rows) {
  const before = rowsIn.get(list) ?? new Map();
  const now = new Map(rows.map(({ key, mark, make }) => [key, before.get(key)?.mark === mark ? before.get(key) : { mark, node: make() }]));
  rowsIn.set(list, now);
  const nodes = [...now.values()].map(({ node }) => node);
  for (const old of [...list.childNodes]) if (!nodes.includes(old)) old.remove();
  nodes.forEach((node, at) => list.childNodes[at] === node || list.insertBefore(node, list.childNodes[at] ?? null));
}

let last = 0;
/** An id for an element, unique in this page. @param {string} stem */
export function freshId(stem) {
  last += 1;
  return `${stem}-${last}`;
}

/** Say something to screen readers. @param {string} text */
export function say(text) {
  const region = document.getElementById("said");
  if (region) region.textContent = region.textContent === text ? `${text}\u00a0` : text;
}

/** A short message at the edge of the page. @param {string} text @param {"plain"|"bad"} tone */
export function toast(text, tone = "plain") {
  const note = el(
    "div",
    { class: `toast is-${tone}`, dir: "auto" },
    icon(tone === "bad" ? "alert" : "check"),
    el("span", {}, text),
  );
  const home = [...document.querySelectorAll("dialog[open]")].pop() ?? document.body;
  let shelf = home.querySelector(":scope > .toasts");
  if (!shelf) home.append((shelf = el("div", { class: "toasts" })));
  shelf.append(note);
  say(text);
  setTimeout(() => note.classList.add("is-leaving"), tone === "bad" ? 6500 : 2600);
  setTimeout(() => note.remove(), tone === "bad" ? 7000 : 3000);
}
