// Looks in words: kinds, bases, triggers, sizes and times as people say them.

import { el } from "/static/dom.js";
import { t } from "/static/texts.js";
import { shortDay, sizeText } from "/static/times.js";

export const KINDS = ["character", "style", "lighting", "effect", "object", "concept", "speed", "slider"];
export const RATINGS = ["general", "suggestive", "mature"];
export const ROLES = [
  ["required", t("page.role.required", "always needed")],
  ["optional", t("page.role.optional", "helps")],
  ["pick_one", t("page.role.pick_one", "one of these")],
];
export const LICENCES = [
  "CC0 1.0",
  "CC BY 4.0",
  "CC BY-SA 4.0",
  "CC BY-NC 4.0",
  "CreativeML OpenRAIL-M",
  "Fair AI Public License 1.0-SD",
  t("page.licence.own", "Made by me, for this place"),
];

/** "sdxl", "unclear: flux1 or chroma". @param {string} base */
export function baseText(base) {
  if (base.startsWith("ambiguous:")) return t("page.base.unclear_which", "unclear: {bases}", { bases: base.slice(10).split("|").join(" / ") });
  return base === "unknown" ? t("page.base.unclear", "unclear") : base;
}

/** @param {number} weight */
export function weightText(weight) {
  return String(Math.round(weight * 100) / 100);
}

/** "just now", "12 min", "3 h", "4 Nov". @param {string} at */
export function ageText(at) {
  return shortAge(at) ?? shortDay(at);
}

/** "just now", "12 min ago", "on 4 Nov". @param {string} at */
export function agoText(at) {
  if (minutesSince(at) < 1) return ageText(at);
  const age = shortAge(at);
  return age ? t("page.age.ago", "{age} ago", { age }) : t("page.age.on", "on {day}", { day: shortDay(at) });
}

function minutesSince(at) {
  return (Date.now() - new Date(at).getTime()) / 60_000;
}

function shortAge(at) {
  const minutes = minutesSince(at);
  if (minutes < 1) return t("page.age.now", "just now");
  if (minutes < 60) return t("page.age.minutes", "{n} min", { n: Math.floor(minutes) });
  return minutes < 24 * 60 ? t("page.age.hours", "{n} h", { n: Math.floor(minutes / 60) }) : null;
}

/** Trigger words, each in its own box. @param {{word: string, role: string}[]} triggers */
export function triggerChips(triggers) {
  return triggers.map(({ word, role }) =>
    el(
      "code",
      { class: `word is-${role}`, dir: "auto", title: ROLES.find(([name]) => name === role)?.[1] },
      word,
    ),
  );
}

/** @param {number} bytes */
export function bytesText(bytes) {
  if (bytes < 1024 ** 3) return sizeText(bytes);
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

/** A stand-in for a look without a picture: its initial on a tint of its own. @param {string} name */
export function monogram(name) {
  const sum = [...name].reduce((total, char) => total + (char.codePointAt(0) ?? 0), 0);
  return el("span", { class: `monogram hue-${sum % 7}`, "aria-hidden": "true" }, [...name][0] ?? "?");
}

/** The sample of a look, or its initial. @param {any} look */
export function sampleOf(look) {
  const box = el("span", { class: "sample" });
  if (!look?.sample) {
    box.append(monogram(look?.name ?? "?"));
    return box;
  }
  const picture = el("img", { src: look.sample, alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  picture.addEventListener("load", () => crispen(picture));
  picture.addEventListener("error", () => picture.replaceWith(monogram(look.name)));
  box.append(picture);
  return box;
}

/** Small pictures keep their pixels. @param {HTMLImageElement} picture */
export function crispen(picture) {
  if (picture.naturalWidth && picture.naturalWidth <= 128) picture.classList.add("is-pixels");
}
