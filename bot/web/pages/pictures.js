// Pictures: room kept before they load, crisp when small, a quiet word when they are gone.

import { isGone } from "/static/api.js";
import { el, fill, icon } from "/static/dom.js";
import { on } from "/static/store.js";
import { t } from "/static/texts.js";

const SMALL = 128;
const WIDEST = 448;
const WIDEST_LARGE = 520;
const TALLEST_LARGE = 600;
const TIDY_AFTER = 200;
/** Addresses (without their query) of pictures that were deleted. @type {Set<string>} */
const gone = new Set();
/** Who shows which picture. @type {Map<string, Set<HTMLElement>>} */
const frames = new Map();
let made = 0;

on("image-check", (url) => check(url));

function keyOf(url) {
  return url.split("?")[0];
}

/** @param {string} url */
export function isKnownGone(url) {
  return gone.has(keyOf(url));
}

/** Only addresses of this site and of this page's own blobs are ever shown. @param {string} url */
export function safeUrl(url) {
  return /^(\/(?!\/)|blob:|data:image\/)/.test(url ?? "") ? url : "";
}

/**
 * A picture that fills its frame. The frame shows a placeholder once the picture is gone.
 * @param {{url: string, alt?: string, width: number|null, height: number|null}} image
 * @param {{lazy?: boolean, under?: string|null, tag?: string, props?: Record<string, unknown>}} [how]
 */
export function frameOf(image, { lazy = true, under = null, tag = "div", props = {} } = {}) {
  const frame = el(tag, { ...props, class: `frame ${props.class ?? ""}` });
  frame.style.aspectRatio = image.width && image.height ? `${image.width} / ${image.height}` : "1 / 1";
  if (isSmall(image)) frame.classList.add("is-pixels");
  if (under) frame.style.backgroundImage = `url("${under}")`;
  remember(frame, image.url);
  if (isKnownGone(image.url)) showGone(frame);
  else fill(frame, imageOf(image, lazy, frame));
  return frame;
}

function imageOf(image, lazy, frame) {
  const shown = el("img", {
    alt: image.alt ?? "",
    loading: lazy ? "lazy" : "eager",
    decoding: "async",
    draggable: "false",
    class: "is-coming",
  });
  if (image.width && image.height) Object.assign(shown, { width: image.width, height: image.height });
  shown.addEventListener("load", () => {
    shown.classList.remove("is-coming");
    frame.classList.add("is-there");
    if (!image.width) frame.style.aspectRatio = `${shown.naturalWidth} / ${shown.naturalHeight}`;
    if (shown.naturalWidth <= SMALL && shown.naturalHeight <= SMALL) frame.classList.add("is-pixels");
  });
  shown.addEventListener("error", () => missing(image, frame, lazy));
  shown.src = safeUrl(image.url);
  return shown;
}

async function missing(image, frame, lazy) {
  if (await isGone(image.url)) return markGone(image.url);
  const again = (event) => {
    event.stopPropagation();
    fill(frame, imageOf(image, lazy, frame));
  };
  addEventListener("atelier:back", again, { once: true });
  fill(
    frame,
    el("span", { class: "placeholder", onclick: again }, icon("picture"), t("page.picture.lost", "not loaded: tap to try again")),
  );
}

/** Every place that shows this picture says so. @param {string} url */
export function markGone(url) {
  gone.add(keyOf(url));
  for (const frame of frames.get(keyOf(url)) ?? []) showGone(frame);
  frames.delete(keyOf(url));
}

async function check(url) {
  if (url.startsWith("/") && !isKnownGone(url) && (await isGone(url))) markGone(url);
}

function showGone(frame) {
  frame.classList.add("is-gone");
  frame.style.backgroundImage = "";
  fill(frame, el("span", { class: "placeholder" }, icon("picture"), t("page.picture.deleted", "deleted")));
  frame.dispatchEvent(new CustomEvent("atelier:gone", { bubbles: true }));
}

function remember(frame, url) {
  const key = keyOf(url);
  frames.set(key, new Set([...(frames.get(key) ?? []), frame]));
  made += 1;
  if (made % TIDY_AFTER === 0) setTimeout(tidy, 1_000);
}

/** Let go of frames that are no longer in the page. */
function tidy() {
  for (const [key, shown] of frames) {
    for (const frame of shown) if (!frame.isConnected) shown.delete(frame);
    if (!shown.size) frames.delete(key);
  }
}

function isSmall({ width, height }) {
  return Boolean(width && height && width <= SMALL && height <= SMALL);
}

/** How wide a picture is shown: small ones by a whole factor, so every pixel stays square. */
export function shownWidth({ width, height }) {
  if (!width || !height) return WIDEST;
  if (isSmall({ width, height })) return width * Math.max(1, Math.floor(WIDEST / Math.max(width, height)));
  return Math.round(Math.min(width, WIDEST_LARGE, (TALLEST_LARGE * width) / height));
}

/**
 * The pictures of a post as buttons that enlarge them.
 * @param {any[]} images @param {(index: number) => void} onOpen @param {string|null} under the last preview
 */
export function wall(images, onOpen, under = null) {
  const many = images.length > 1;
  const box = el("div", { class: `wall ${many ? "is-many" : ""}` });
  images.forEach((image, index) => {
    const label = t("page.enlarge", "Enlarge: {label}", { label: image.alt || image.name || t("page.picture", "picture") });
    const props = { type: "button", class: "hung", "aria-label": label, onclick: () => onOpen(index) };
    const frame = frameOf({ ...image, alt: "" }, { tag: "button", under: many ? null : under, props });
    if (!many) frame.style.maxWidth = `${shownWidth(image)}px`;
    box.append(frame);
  });
  return box;
}
