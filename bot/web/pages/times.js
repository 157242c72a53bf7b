// Times as people read them.

import { dates, t } from "/static/texts.js";



const clock = new Intl.DateTimeFormat(dates, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(dates, { weekday: "long", day: "numeric", month: "long" });
const dayWithYear = new Intl.DateTimeFormat(dates, { day: "numeric", month: "long", year: "numeric" });
const brief = new Intl.DateTimeFormat(dates, { day: "numeric", month: "short" });
const briefWithYear = new Intl.DateTimeFormat(dates, { day: "numeric", month: "short", year: "numeric" });
const whole = new Intl.DateTimeFormat(dates, { dateStyle: "full", timeStyle: "medium" });

/** @param {string} at */
export function clockTime(at) {
  return clock.format(new Date(at));
}

/** @param {string} at */
export function fullTime(at) {
  return whole.format(new Date(at));
}

/** A day's key, local: two times of one day have the same. @param {string} at */
export function dayKey(at) {
  return new Date(at).toDateString();
}

/** "Today", "Yesterday", "Wednesday 4 November", "3 May 2025". @param {string} at */
export function dayName(at) {
  const then = new Date(at);
  const now = new Date();
  if (then.toDateString() === now.toDateString()) return t("page.today", "Today");
  if (then.toDateString() === new Date(now.getTime() - 86_400_000).toDateString()) return t("page.yesterday", "Yesterday");
  return (then.getFullYear() === now.getFullYear() ? day : dayWithYear).format(then);
}

/** "4 Nov", with the year when it is another one. @param {string} at */
export function shortDay(at) {
  const isThisYear = new Date(at).getFullYear() === new Date().getFullYear();
  return (isThisYear ? brief : briefWithYear).format(new Date(at));
}

/** @param {number} bytes */
export function sizeText(bytes) {
  if (bytes < 1024) return t("page.bytes", "{n} bytes", { n: bytes });
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}
