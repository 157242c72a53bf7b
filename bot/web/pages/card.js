// One post: a person's words, a result with its pictures, a running job, or a note.

import { downloadUrl } from "/static/api.js";
import { buttonsOf } from "/static/buttons.js";
import { el, icon, textButton } from "/static/dom.js";
import { drawingCard } from "/static/drawing.js";
import { frameOf, safeUrl, shownWidth, wall } from "/static/pictures.js";
import { state } from "/static/store.js";
import { mixed, t } from "/static/texts.js";
import { clockTime, fullTime, sizeText } from "/static/times.js";

const HUES = 7;

/**
 * What a card can ask the page to do.
 * @typedef {{openPicture: (post: any, index: number) => void, press: (post: any, button: any) => void, dismiss: (post: any) => void}} Acts
 */

/** @param {any} post @param {{isHead: boolean, under: string|null}} how @param {Acts} acts @returns {HTMLElement} */
export function cardOf(post, how, acts) {
  const kind = kindOf(post);
  const mine = post.author.id === state.me?.id;
  const card = el("article", {
    class: `post is-${kind} ${how.isHead ? "is-head" : ""} ${post.author.is_bot ? "is-bot" : ""} ${mine ? "is-mine" : ""}`,
    data: { post: post.id },
    "aria-label": labelOf(post),
  });
  card.append(how.isHead ? avatarOf(post.author) : el("span", { class: "gutter" }));
  const parts = post.is_deleted ? [el("p", { class: "tombstone" }, "deleted")] : PARTS[kind](post, how, acts);
  card.append(el("div", { class: "post-body" }, how.isHead ? headOf(post) : null, parts));
  return card;
}

/** @returns {"words"|"result"|"running"|"ended"|"note"} */
export function kindOf(post) {
  if (post.is_deleted || !post.author.is_bot) return "words";
  if (post.progress !== null) return "running";
  if (post.images.length) return "result";
  return post.job && !post.lines.length ? "ended" : "note";
}

const PARTS = { words, result, running, ended: note, note };

function running(post, how, acts) {
  return drawingCard(post, acts, privateMark(post, acts));
}

function words(post, how, acts) {
  return [
    post.text ? el("p", { class: "words", dir: "auto" }, post.text) : null,
    post.images.length ? wall(post.images, (index) => acts.openPicture(post, index)) : null,
    filesOf(post),
    buttonsOf(post, acts),
  ];
}

function result(post, how, acts) {
  const [said, ...rest] = post.text.split("\n");
  const facts = rest.pop();
  const card = el(
    "div",
    { class: "card is-hanging" },
    post.title ? el("h3", { dir: "auto" }, post.title) : null,
    wall(post.images, (index) => acts.openPicture(post, index), how.under),
    el(
      "div",
      { class: "caption" },
      said ? el("p", { class: "caption-words", dir: "auto" }, said) : null,
      rest.length ? el("p", { class: "caption-more", dir: "auto" }, rest.join("\n")) : null,
      facts ? factsOf(facts) : null,
    ),
    linesOf(post),
    filesOf(post),
    privateMark(post, acts),
    buttonsOf(post, acts),
  );
  if (post.images.length === 1)
    card.style.setProperty("--picture", `${Math.max(320, shownWidth(post.images[0]))}px`);
  return card;
}

function factsOf(facts) {
  const parts = facts.split(" · ");
  return el(
    "p",
    { class: "facts", dir: "auto" },
    parts.flatMap((part, index) => [index ? " · " : "", el("span", {}, part)]),
  );
}

function note(post, how, acts) {
  return el(
    "div",
    { class: "card is-note" },
    post.title ? el("h3", { dir: "auto" }, post.title) : null,
    post.text ? el("p", { class: "note-text", dir: "auto" }, post.text) : null,
    post.images.length ? wall(post.images, (index) => acts.openPicture(post, index)) : null,
    linesOf(post),
    filesOf(post),
    privateMark(post, acts),
    buttonsOf(post, acts),
  );
}

function privateMark(post, acts) {
  if (!post.is_private) return null;
  return el(
    "p",
    { class: "private" },
    icon("eye"),
    el("span", {}, t("page.card.only_you", "Only you see this")),
    el("button", { type: "button", class: "link", onclick: () => acts.dismiss(post) }, t("page.card.dismiss", "Dismiss")),
  );
}

function linesOf(post) {
  if (!post.lines.length) return null;
  return el(
    "dl",
    { class: "lines" },
    post.lines.map(({ name, value }) =>
      el("div", {}, el("dt", { dir: "auto" }, name), el("dd", { dir: "auto" }, value)),
    ),
  );
}

function filesOf(post) {
  if (!post.files.length) return null;
  return el(
    "ul",
    { class: "files" },
    post.files.map((file) =>
      el(
        "li",
        {},
        el(
          "a",
          { href: safeUrl(downloadUrl(file.url)), download: file.name },
          icon("download"),
          el("bdi", {}, file.name),
          el("small", {}, sizeText(file.size_bytes)),
        ),
      ),
    ),
  );
}

function headOf(post) {
  const name = el("bdi", { class: "author" }, post.author.name);
  const to =
    post.to && post.author.is_bot ? el("span", { class: "to" }, mixed("page.card.to", "for {name}", { name: el("bdi", {}, post.to.name) })) : null;
  return el("header", { class: "post-head" }, name, to, timeOf(post));
}

function timeOf(post) {
  return el("time", { datetime: post.at, title: fullTime(post.at) }, clockTime(post.at));
}

/** @param {{id: string, name: string, is_bot: boolean}} author */
export function avatarOf(author) {
  if (author.is_bot)
    return el("img", { class: "avatar", src: "/static/icon.svg", alt: "", width: 36, height: 36 });
  const letter = [...author.name.trim()][0] ?? "?";
  return el(
    "span",
    { class: `avatar hue-${hueOf(author.id)}`, "aria-hidden": "true" },
    letter.toLocaleUpperCase(),
  );
}

function hueOf(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % HUES;
}

function labelOf(post) {
  return `${post.author.name}, ${clockTime(post.at)}`;
}

/** Words of mine that are on their way. */
export function pendingCard(item, isHead, { retry, discard }) {
  const notes = {
    sending: null,
    waiting: item.tries ? el("p", { class: "fate" }, t("page.card.waiting", "Waiting for the connection…")) : null,
    failed: el(
      "div",
      { class: "fate is-bad", role: "alert" },
      icon("alert"),
      el("span", { dir: "auto" }, item.error),
      textButton(t("page.again", "Try again"), () => retry(item.id)),
      textButton(t("page.card.discard", "Discard"), () => discard(item.id)),
    ),
  };
  const author = { id: state.me.id, name: state.me.name, is_bot: false };
  const thumbs = item.thumbs.length
    ? el(
        "div",
        { class: "wall is-many" },
        item.thumbs.map((image) => frameOf({ ...image, alt: image.name })),
      )
    : null;
  return el(
    "article",
    {
      class: `post is-words is-mine is-pending ${isHead ? "is-head" : ""}`,
      "aria-label": t("page.card.mine", "Your words, on their way"),
    },
    isHead ? avatarOf(author) : el("span", { class: "gutter" }),
    el(
      "div",
      { class: "post-body" },
      isHead
        ? el("header", { class: "post-head" }, el("bdi", { class: "author" }, author.name), timeOf(item))
        : null,
      item.text ? el("p", { class: "words", dir: "auto" }, item.text) : null,
      thumbs,
      notes[item.state],
    ),
  );
}
