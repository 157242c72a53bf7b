// The card of a job that is not over: how far it is, a first look, a way to stop it.

import { buttonsOf } from "/static/buttons.js";
import { el, icon } from "/static/dom.js";
import { safeUrl } from "/static/pictures.js";
import { t } from "/static/texts.js";

/** @param {any} post @param {...(HTMLElement|null)} marks what else stands on it */
export function drawingCard(post, acts, ...marks) {
  const bar = el("i", { class: "bar-fill" });
  const track = el(
    "div",
    {
      class: "track",
      role: "progressbar",
      "aria-label": t("page.drawing", "Drawing"),
      "aria-valuemin": "0",
      "aria-valuemax": "100",
    },
    bar,
  );
  const easel = el("div", { class: "easel" }, el("span", { class: "easel-mark" }, icon("easel")));
  const card = el(
    "div",
    { class: "card is-drawing" },
    easel,
    el(
      "div",
      { class: "drawing" },
      el("p", { class: "drawing-text", dir: "auto" }),
      el("span", { class: "percent" }),
    ),
    track,
    ...marks,
    buttonsOf(post, acts),
  );
  showProgress(card, post);
  return card;
}

/** Bring a running card up to date without building it anew. @param {HTMLElement} card */
export function showProgress(card, post) {
  const percent = Math.round((post.progress ?? 0) * 100);
  const track = card.querySelector(".track");
  track.setAttribute("aria-valuenow", String(percent));
  track.setAttribute("aria-valuetext", t("page.drawing.percent", "{percent} percent. {text}", { percent, text: post.text }));
  track.firstElementChild.style.transform = `scaleX(${Math.max(percent, 1) / 100})`;
  track.classList.toggle("is-waiting", percent === 0);
  card.querySelector(".drawing-text").textContent = post.text;
  card.querySelector(".percent").textContent = percent ? `${percent} %` : "";
  const url = post.preview ? safeUrl(post.preview) : "";
  if (url) showPreview(card.querySelector(".easel"), url);
}

function showPreview(easel, url) {
  let shown = easel.querySelector("img");
  if (!shown) {
    shown = el("img", { alt: t("page.drawing.first", "A first look at the picture"), class: "preview" });
    easel.replaceChildren(shown);
  }
  if (shown.src !== url) shown.src = url;
}
