// What stands in the list of posts, from top to bottom: days, posts, words on their way.

import { cardOf, pendingCard } from "/static/card.js";
import { el } from "/static/dom.js";
import { discard, retry } from "/static/outbox.js";
import { loadNewest, state } from "/static/store.js";
import { t } from "/static/texts.js";
import { dayKey, dayName } from "/static/times.js";

const GROUP_MS = 5 * 60_000;

/**
 * A row is built anew only when its mark changes.
 * @typedef {{key: string, mark: string, make: () => HTMLElement}} Row
 */

/** What belongs above the posts: older ones to come, a problem, bones, or a welcome. @returns {Row[]} */
export function topRow(feed, count, hasOlder, acts) {
  if (count) return hasOlder ? [plain("older", older)] : [];
  if (feed.status === "failed") return [plain("failed", () => failed(feed.place))];
  if (feed.status !== "ready") return [plain("bones", bones)];
  return [plain(`empty:${feed.place}`, () => acts.empty(feed.place))];
}

/** @param {any[]} posts @param {any[]} pending @param {Map<string, string>} previews @returns {Row[]} */
export function postRows(posts, pending, previews, acts) {
  const rows = [];
  let former = null;
  for (const post of posts) {
    if (!former || dayKey(former.at) !== dayKey(post.at)) {
      rows.push(plain(`day:${dayKey(post.at)}`, () => day(post.at)));
      former = null;
    }
    const isHead = startsGroup(former, post);
    const under = previews.get(post.id) ?? null;
    rows.push({
      key: post.id,
      mark: `${post.revision}:${isHead}`,
      make: () => cardOf(post, { isHead, under }, acts),
    });
    former = post;
  }
  return [...rows, ...pendingRows(pending, former)];
}

function pendingRows(pending, former) {
  return pending.map((item) => {
    const mine = { author: { id: state.me.id }, at: item.at };
    const isHead = startsGroup(former, mine);
    former = mine;
    return {
      key: item.id,
      mark: `${item.state}:${item.tries}:${isHead}`,
      make: () => pendingCard(item, isHead, { retry, discard }),
    };
  });
}

function plain(key, make) {
  return { key, mark: key, make };
}

function startsGroup(former, post) {
  if (!former || former.is_deleted || former.author.id !== post.author.id) return true;
  if ((former.to?.id ?? "") !== (post.to?.id ?? "")) return true;
  return new Date(post.at) - new Date(former.at) > GROUP_MS;
}

function day(at) {
  return el("h2", { class: "day" }, el("span", {}, dayName(at)));
}

function older() {
  return el("div", { class: "older" }, el("span", { class: "spinner" }), t("page.rows.older", "Older posts"));
}

function failed(place) {
  return el(
    "div",
    { class: "empty" },
    el("h2", {}, t("page.rows.failed", "The posts did not load")),
    el("p", {}, t("page.rows.failed_told", "The connection may be slow or Atelier may be starting.")),
    el(
      "button",
      { type: "button", class: "button is-primary", onclick: () => loadNewest(place) },
      t("page.again", "Try again"),
    ),
  );
}

function bones() {
  const one = (look) => el("div", { class: `bone-post ${look}` }, el("i"), el("b"));
  return el(
    "div",
    { class: "bones-list", role: "status", "aria-label": t("page.loading", "Loading") },
    one(""),
    one("is-picture"),
    one(""),
  );
}
