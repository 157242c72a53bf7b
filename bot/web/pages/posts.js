// The posts of the open place: at most about 150 in the page, the view held still while they change.

import { remove } from "/static/api.js";
import { el, fill, icon, say } from "/static/dom.js";
import { showBusy } from "/static/buttons.js";
import { showProgress } from "/static/drawing.js";
import { noticeAnswer, noticeOwn, pendingIn } from "/static/outbox.js";
import { postRows, topRow } from "/static/rows.js";
import { feedOf, loadNewest, loadOlder, on, state } from "/static/store.js";
import { t } from "/static/texts.js";

const MOST_SHOWN = 150;
const STEP = 40;
const NEAR_END = 120;
const MOST_PREVIEWS = 24;

export class Posts {
  /** @param {import("/static/card.js").Acts & {empty: (place: string) => Element}} acts */
  constructor(acts) {
    this.acts = { ...acts, dismiss: (post) => this.#dismiss(post) };
    this.place = "";
    this.end = 0; // how many of the newest posts are left out below
    this.count = STEP;
    this.isStuck = true;
    this.isLoadingOlder = false;
    this.shown = new Map(); // key of what is shown -> {mark, node}
    this.previews = new Map(); // the last preview of each post, under its picture until that is loaded
    this.dismissed = new Set();
    this.places = new Map(); // where each place was scrolled to
    this.#build();
    this.#listen();
  }

  #build() {
    this.list = el("div", { class: "column posts" });
    this.scroller = el("section", { class: "scroller", tabindex: "0", "aria-label": t("page.posts", "Posts") }, this.list);
    this.pill = el(
      "button",
      { type: "button", class: "pill", hidden: true, onclick: () => this.toEnd() },
      icon("down"),
      el("span", {}, t("page.posts.newest", "Newest")),
    );
    this.node = el("div", { class: "posts-view" }, this.scroller, this.pill);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.isStuck && this.#jump()).observe(this.list);
    new ResizeObserver(() => this.isStuck && this.#jump()).observe(this.scroller);
  }

  #listen() {
    on("feed", (place) => place === this.place && this.#soon());
    on("pending", (place) => place === this.place && this.#soon());
    on("progress", (post) => post.place === this.place && this.#progress(post));
    on("busy", () => this.list.querySelectorAll("[data-button]").forEach(showBusy));
    on("post", (post, before) => this.#post(post, before));
  }

  /** Show a place. @param {string} place */
  open(place) {
    if (this.place === place) return;
    this.place = place;
    Object.assign(this, { end: 0, count: STEP, isStuck: true, isSettled: false, fresh: 0 });
    this.shown.clear();
    this.previews.clear();
    fill(this.list);
    this.draw();
    this.toEnd();
    if (feedOf(place).status !== "ready") loadNewest(place);
  }

  toEnd() {
    Object.assign(this, { end: 0, count: Math.min(this.count, MOST_SHOWN), isStuck: true });
    this.fresh = 0;
    this.draw();
    this.#jump();
  }

  #jump() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #soon() {
    if (this.waiting) return;
    this.waiting = true;
    const act = () => {
      this.waiting = false;
      this.draw();
    };
    if (document.hidden) setTimeout(act, 50);
    else requestAnimationFrame(act);
  }

  #post(post, before) {
    if (before === null && post.author.id === state.me?.id) noticeOwn(post);
    noticeAnswer(post);
    if (post.place !== this.place) return;
    if (before?.preview) this.#keepPreview(before);
    this.#announce(post, before);
    if (before === null) this.#make(post);
    this.#soon();
  }

  /** Room for a new post; far from the end it only counts. */
  #make(post) {
    if (this.isStuck || post.author.id === state.me?.id) {
      this.isStuck = true;
      this.end = 0;
      this.count = Math.min(this.count + 1, MOST_SHOWN);
      feedOf(this.place).trim();
      return;
    }
    this.fresh = (this.fresh ?? 0) + 1;
    if (this.end > 0 || this.count >= MOST_SHOWN) this.end += 1;
    else this.count += 1;
  }

  #announce(post, before) {
    if (post.is_deleted || post.author.id === state.me?.id) return;
    const ended = before && before.progress !== null && post.progress === null;
    if (ended)
      say(
        post.images.length
          ? t("page.posts.ready", "{name}: the picture is ready. {text}", { name: post.author.name, text: post.text })
          : `${post.author.name}: ${post.text}`,
      );
    else if (before === null) say(`${post.author.name}: ${post.title} ${post.text}`);
  }

  #progress(post) {
    const shown = this.shown.get(post.id);
    if (post.preview) this.#keepPreview(post);
    const card = shown?.node.querySelector(".card.is-drawing");
    if (card) showProgress(card, post);
  }

  #keepPreview({ id, preview }) {
    this.previews.set(id, preview);
    if (this.previews.size > MOST_PREVIEWS) this.previews.delete(this.previews.keys().next().value);
  }

  #dismiss(post) {
    this.dismissed.add(post.id);
    remove(`/api/posts/${encodeURIComponent(post.id)}`).catch(() => null); // it is hidden here in any case
    this.draw();
    this.scroller.focus();
  }

  /** Bring the page up to date with the posts. */
  draw() {
    const feed = feedOf(this.place);
    const posts = feed.posts.filter((post) => !this.dismissed.has(post.id));
    this.end = Math.min(this.end, Math.max(0, posts.length - this.count));
    const until = posts.length - this.end;
    const from = Math.max(0, until - this.count);
    this.hasOlder = from > 0 || feed.more;
    const pending = this.end === 0 ? pendingIn(this.place) : [];
    const above = topRow(feed, posts.length + pending.length, this.hasOlder, this.acts);
    const rows = postRows(posts.slice(from, until), pending, this.previews, this.acts);
    this.#hold(() => this.#place([...above, ...rows]));
    this.isSettled = feed.status === "ready"; // what is there at first does not move in
    this.#showPill();
  }

  /** Make the list hold exactly these nodes, in this order, keeping those that are unchanged. */
  #place(wanted) {
    const keys = new Set(wanted.map((one) => one.key));
    for (const [key, { node }] of this.shown) {
      if (keys.has(key)) continue;
      node.remove();
      this.shown.delete(key);
    }
    let next = this.list.firstChild;
    for (const one of wanted) {
      const old = this.shown.get(one.key)?.node;
      const node = this.#nodeFor(one);
      if (node === next) next = next.nextSibling;
      else this.list.insertBefore(node, next);
      if (!old || old === node) continue;
      if (old === next) next = next.nextSibling;
      swapOut(old, node);
    }
  }

  #nodeFor({ key, mark, make }) {
    const known = this.shown.get(key);
    if (known?.mark === mark) return known.node;
    const node = make();
    if (!known && this.isStuck && this.isSettled) node.classList.add("is-new");
    this.shown.set(key, { mark, node });
    return node;
  }

  /** Change the list without moving what the reader looks at. */
  #hold(change) {
    if (this.isStuck) {
      change();
      this.#jump();
      return;
    }
    const top = this.scroller.getBoundingClientRect().top;
    const anchors = [...this.list.children].filter(
      (node) => node.getBoundingClientRect().bottom > top && node.dataset.post,
    );
    const before = anchors.map((node) => [node, node.getBoundingClientRect().top]);
    change();
    const [anchor, was] = before.find(([node]) => node.isConnected) ?? [];
    if (anchor) this.scroller.scrollTop += anchor.getBoundingClientRect().top - was;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const below = scrollHeight - scrollTop - clientHeight;
    this.isStuck = below < NEAR_END && this.end === 0;
    if (this.isStuck) this.fresh = 0;
    if (scrollTop < 600 && this.hasOlder) this.#older();
    if (below < 600 && this.end > 0) this.#newer();
    this.#showPill();
  }

  async #older() {
    if (this.isLoadingOlder || (this.isStuck && this.scroller.scrollTop > 100)) return;
    const feed = feedOf(this.place);
    const place = this.place;
    const unshown = feed.posts.length - this.end - this.count;
    if (unshown <= 0) {
      this.isLoadingOlder = true;
      const worked = await loadOlder(place);
      if (!worked) await new Promise((resume) => setTimeout(resume, 2_000));
      this.isLoadingOlder = false;
      if (place !== this.place) return;
    }
    this.isStuck = false;
    this.count += STEP;
    if (this.count > MOST_SHOWN) {
      this.end += this.count - MOST_SHOWN;
      this.count = MOST_SHOWN;
    }
    this.draw();
  }

  #newer() {
    this.end = Math.max(0, this.end - STEP);
    this.draw();
  }

  #showPill() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const isFar = this.end > 0 || scrollHeight - scrollTop - clientHeight > 600;
    this.pill.hidden = !(isFar || (this.fresh && !this.isStuck));
    this.pill.lastChild.textContent = this.fresh ? t("page.posts.fresh", "{n} new", { n: this.fresh }) : t("page.posts.newest", "Newest");
  }
}

/** The new node takes the old one's place, and its focus. */
function swapOut(old, node) {
  const held = old.contains(document.activeElement) ? document.activeElement : null;
  old.remove();
  if (!held) return;
  const button = held.dataset.button;
  const same = button ? node.querySelector(`[data-button="${CSS.escape(button)}"]`) : null;
  (same ?? node.querySelector("button"))?.focus({ preventScroll: true });
}
