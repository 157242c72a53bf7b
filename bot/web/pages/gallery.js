// The gallery of a place: every picture made there, found again by words, look, person or day.

import { address, get } from "/static/api.js";
import { el, fill, icon, say } from "/static/dom.js";
import { Filters } from "/static/filters.js";
import { frameOf } from "/static/pictures.js";
import { on, placeOf } from "/static/store.js";
import { t, tn } from "/static/texts.js";
import { fullTime, shortDay } from "/static/times.js";

const PAGE = 40;

export class Gallery {
  /** @param {{openPictures: (pictures: any[], index: number, more: () => Promise<any[]>) => void, readRecipe: (file: File) => void}} acts */
  constructor(acts) {
    this.acts = acts;
    this.place = "";
    this.pictures = [];
    this.next = null;
    this.asked = 0;
    this.filters = new Filters(() => this.reload());
    this.#build();
    on("post", (post, before) => this.#notice(post, before));
  }

  #build() {
    this.total = el("p", { class: "total", role: "status" });
    this.news = el(
      "button",
      { type: "button", class: "chip is-news", hidden: true, onclick: () => this.reload() },
      icon("again"),
      el("span", {}, t("page.gallery.new", "New pictures")),
    );
    this.grid = el("ul", { class: "grid" });
    this.rest = el(
      "button",
      { type: "button", class: "button load-more", hidden: true, onclick: () => this.loadMore() },
      t("page.more", "Load more"),
    );
    this.note = el("div", {});
    const file = el("input", {
      type: "file",
      accept: "image/png",
      class: "unseen",
      tabindex: "-1",
      "aria-hidden": "true",
      onchange: () => file.files[0] && this.acts.readRecipe(file.files[0]),
    });
    const read = el(
      "button",
      { type: "button", class: "button", onclick: () => ((file.value = ""), file.click()) },
      icon("recipe"),
      el("span", {}, t("page.gallery.recipe", "Read a recipe")),
    );
    this.scroller = el(
      "section",
      { class: "scroller", tabindex: "0", "aria-label": t("page.gallery", "Gallery") },
      el(
        "div",
        { class: "gallery" },
        this.filters.node,
        el("div", { class: "gallery-row" }, this.total, this.news, read, file),
        this.grid,
        this.note,
        this.rest,
      ),
    );
    this.node = el("div", { class: "gallery-view" }, this.scroller);
    const watcher = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && this.loadMore(),
      { root: this.scroller, rootMargin: "600px" },
    );
    watcher.observe(this.rest);
  }

  /** @param {string} place */
  open(place) {
    if (this.place === place) {
      if (!this.news.hidden) this.reload();
      return;
    }
    this.place = place;
    this.filters.open(place);
    this.reload();
  }

  async reload() {
    this.pictures = [];
    this.next = null;
    this.news.hidden = true;
    this.rest.hidden = true;
    fill(this.note);
    fill(
      this.grid,
      Array.from({ length: 8 }, () => el("li", { class: "tile is-bone", "aria-hidden": "true" })),
    );
    this.grid.setAttribute("aria-busy", "true");
    this.scroller.scrollTop = 0;
    await this.#load(true);
  }

  async loadMore() {
    if (!this.next || this.isLoading) return [];
    return this.#load(false);
  }

  async #load(isFirst) {
    const asked = ++this.asked;
    this.isLoading = true;
    try {
      const answer = await get(
        address("/api/gallery", {
          place: this.place,
          ...this.filters.chosen,
          before: this.next,
          limit: PAGE,
        }),
      );
      if (asked !== this.asked) return [];
      this.#take(answer, isFirst);
      return answer.pictures.map(shownFrom);
    } catch (error) {
      if (asked === this.asked) this.#failed(error, isFirst);
      return [];
    } finally {
      if (asked === this.asked) this.isLoading = false;
      this.grid.removeAttribute("aria-busy");
    }
  }

  #take({ pictures, next, total }, isFirst) {
    if (isFirst) fill(this.grid);
    const start = this.pictures.length;
    this.pictures = [...this.pictures, ...pictures];
    this.next = next;
    this.rest.hidden = !next;
    this.grid.append(...pictures.map((picture, index) => this.#tile(picture, start + index)));
    this.total.textContent = tn("page.gallery.count", total, "{n} picture", "{n} pictures");
    if (isFirst && !total) this.#empty();
  }

  #failed(error, isFirst) {
    if (isFirst) fill(this.grid);
    this.rest.hidden = isFirst;
    if (!isFirst) return say(error.message);
    fill(
      this.note,
      el(
        "div",
        { class: "empty" },
        el("h2", {}, t("page.gallery.failed", "The gallery did not load")),
        el("p", {}, error.message),
        el(
          "button",
          { type: "button", class: "button is-primary", onclick: () => this.reload() },
          t("page.again", "Try again"),
        ),
      ),
    );
  }

  #empty() {
    this.total.textContent = "";
    const isAll = this.filters.isEmpty;
    fill(
      this.note,
      el(
        "div",
        { class: "empty" },
        el("span", { class: "empty-mark" }, icon("picture")),
        el("h2", {}, isAll ? t("page.gallery.empty", "Nothing hangs here yet") : t("page.gallery.no_match", "No picture fits")),
        el(
          "p",
          {},
          isAll
            ? t("page.gallery.empty_told", "Describe a picture in the chat and it appears on this wall.")
            : t("page.gallery.no_match_told", "Fewer words, another look or a longer span of days may find it."),
        ),
        isAll
          ? null
          : el(
              "button",
              { type: "button", class: "button is-primary", onclick: () => this.filters.clear() },
              t("page.gallery.all", "Show everything"),
            ),
      ),
    );
  }

  #tile(picture, index) {
    const label = t("page.gallery.label", "{words}, by {name}", { words: picture.words || picture.prompt, name: picture.person.name });
    const frame = frameOf(
      { ...picture, alt: "" },
      {
        tag: "button",
        props: {
          type: "button",
          class: "hung",
          "aria-label": t("page.enlarge", "Enlarge: {label}", { label }),
          onclick: () => this.acts.openPictures(this.pictures.map(shownFrom), index, () => this.loadMore()),
        },
      },
    );
    return el(
      "li",
      { class: "tile" },
      frame,
      el("p", { class: "tile-words", dir: "auto", title: picture.words }, picture.words || picture.prompt),
      el(
        "p",
        { class: "facts" },
        el("bdi", {}, picture.person.name),
        picture.looks.length ? el("bdi", {}, ` · ${picture.looks.join(" + ")}`) : null,
        el("time", { datetime: picture.at, title: fullTime(picture.at) }, ` · ${shortDay(picture.at)}`),
      ),
    );
  }

  #notice(post, before) {
    if (post.place !== this.place || !placeOf(post.place)) return;
    const isNews = before === null || before.progress !== null; // null: it was done while the line was cut
    const isFinished = isNews && post.author.is_bot && post.progress === null && post.images.length > 0;
    if (isFinished) this.news.hidden = false;
  }
}

function shownFrom(picture) {
  const detail = [
    picture.looks.join(" + "),
    t("page.seed", "seed {seed}", { seed: picture.seed }),
    t("page.by", "by {name}", { name: picture.person.name }),
    shortDay(picture.at),
  ]
    .filter(Boolean)
    .join(" · ");
  return {
    url: picture.url,
    alt: picture.prompt,
    name: `${picture.job}-${picture.index + 1}.png`,
    width: picture.width,
    height: picture.height,
    job: picture.job,
    seed: picture.seed,
    title: picture.words || picture.prompt,
    detail,
  };
}
