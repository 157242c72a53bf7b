// One picture over everything: arrows and swipes move on, Esc closes.

import { address, downloadUrl, get } from "/static/api.js";
import { el, fill, icon, iconButton, say, toast } from "/static/dom.js";
import { frameOf, isKnownGone, safeUrl } from "/static/pictures.js";
import { copyText, keepDialog } from "/static/sheet.js";
import { t } from "/static/texts.js";

const SWIPE = 48;
const SMALL = 128;
const SEEDS = 2n ** 63n;

/**
 * What can be looked at.
 * @typedef {{url: string, alt: string, name?: string, width: number|null, height: number|null, job: string|null,
 *   seed?: string|null, title: string, detail: string}} Shown
 */

/**
 * @param {string} place @param {Shown[]} pictures @param {number} start
 * @param {{why: (job: string) => void, more?: () => Promise<Shown[]>}} acts
 */
export function openLightbox(place, pictures, start, acts) {
  return new Lightbox(place, pictures, start, acts);
}

class Lightbox {
  constructor(place, pictures, start, acts) {
    Object.assign(this, { place, pictures, acts, at: start });
    this.#build();
    const isBeside = (target) => [this.box, this.middle, this.stage].includes(target);
    keepDialog(this.box, () => removeEventListener("resize", this.fit), isBeside);
    this.fit = () => this.#fit();
    addEventListener("resize", this.fit);
    this.show(start);
    this.stage.focus({ preventScroll: true });
  }

  close() {
    this.box.close();
  }

  #build() {
    this.stage = el("div", { class: "stage-of-one", tabindex: "-1" });
    this.count = el("span", { class: "count" });
    this.words = el("div", { class: "lightbox-words" });
    this.seed = this.#tool("copy", t("page.lightbox.seed", "Copy seed"), () => this.#copySeed());
    this.why = this.#tool("why", t("page.why", "Why this?"), () => this.acts.why(this.now.job));
    this.download = el("a", { class: "button", download: "" }, icon("download"), el("span", {}, t("page.lightbox.original", "Original")));
    this.former = iconButton("left", t("page.lightbox.previous", "Previous picture"), () => this.move(-1), { class: "step is-former" });
    this.next = iconButton("right", t("page.lightbox.next", "Next picture"), () => this.move(1), { class: "step is-next" });
    this.middle = el("div", { class: "lightbox-middle" }, this.former, this.stage, this.next);
    this.box = el(
      "dialog",
      { class: "lightbox", "aria-label": t("page.lightbox", "Picture"), onkeydown: (event) => this.#key(event) },
      el(
        "header",
        {},
        this.count,
        iconButton("close", t("page.close", "Close"), () => this.close()),
      ),
      this.middle,
      el("footer", {}, this.words, el("div", { class: "buttons" }, this.why, this.seed, this.download)),
    );
    this.#listenToFingers();
    this.stage.addEventListener("atelier:gone", () => this.#showTools());
  }

  #tool(picture, label, onclick) {
    return el("button", { type: "button", class: "button", onclick }, icon(picture), el("span", {}, label));
  }

  get now() {
    return this.pictures[this.at];
  }

  show(index) {
    this.at = index;
    const picture = this.now;
    fill(this.stage, frameOf(picture, { lazy: false }));
    fill(
      this.words,
      el("p", { class: "caption-words", dir: "auto" }, picture.title),
      el("p", { class: "facts", dir: "auto" }, picture.detail),
    );
    this.count.textContent = this.pictures.length > 1 ? t("page.of", "{at} of {all}", { at: index + 1, all: this.pictures.length }) : "";
    this.#showTools();
    this.#fit();
    this.#ahead();
    if (this.pictures.length > 1) say(t("page.lightbox.at", "Picture {at} of {all}: {title}", { at: index + 1, all: this.pictures.length, title: picture.title }));
  }

  #showTools() {
    const { job, url, name, seed } = this.now;
    const gone = isKnownGone(url);
    this.why.hidden = !job;
    this.seed.hidden = !job && !seed;
    this.download.hidden = gone;
    this.download.href = safeUrl(downloadUrl(url));
    if (name) this.download.download = name;
    this.former.disabled = this.at === 0;
    this.next.disabled = this.at === this.pictures.length - 1 && !this.acts.more;
  }

  /** As large as fits; small pictures by a whole factor so that every pixel is a square. */
  #fit() {
    const frame = this.stage.firstElementChild;
    const width = this.now.width ?? 512;
    const height = this.now.height ?? 512;
    const room = Math.min(this.stage.clientWidth / width, this.stage.clientHeight / height);
    const isSmall = width <= SMALL && height <= SMALL;
    const scale = isSmall && room >= 1 ? Math.floor(room) : Math.min(room, 2);
    frame.style.width = `${Math.floor(width * scale)}px`;
  }

  #ahead() {
    const next = this.pictures[this.at + 1];
    if (next) new Image().src = safeUrl(next.url);
    if (!next && this.acts.more && !this.asked) this.#askMore();
  }

  async #askMore() {
    this.asked = true;
    const more = await this.acts.more();
    this.asked = false;
    if (!more.length) this.acts.more = undefined;
    this.pictures = [...this.pictures, ...more];
    this.#showTools();
    this.count.textContent = t("page.of", "{at} of {all}", { at: this.at + 1, all: this.pictures.length });
  }

  move(step) {
    const index = this.at + step;
    if (index >= 0 && index < this.pictures.length) this.show(index);
  }

  #key(event) {
    if (event.target.closest("input, textarea")) return;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) this.move(step);
    else if (event.key === "Home") this.show(0);
    else if (event.key === "End") this.show(this.pictures.length - 1);
    else return;
    event.preventDefault();
  }

  #listenToFingers() {
    let from = null;
    this.stage.addEventListener(
      "pointerdown",
      (event) => (from = event.pointerType === "mouse" ? null : { x: event.clientX, y: event.clientY }),
    );
    this.stage.addEventListener("pointercancel", () => (from = null));
    this.stage.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      from = null;
      if (Math.abs(x) > SWIPE && Math.abs(x) > Math.abs(y)) this.move(x < 0 ? 1 : -1);
      else if (y > SWIPE * 2) this.close();
    });
  }

  async #copySeed() {
    try {
      const { seed: own, job, index } = this.now;
      const where = address(`/api/jobs/${job}`, { place: this.place });
      const seed = own ?? seedAt((await get(where)).job.plan.seed, index);
      const worked = await copyText(String(seed));
      toast(worked ? t("page.lightbox.copied", "Seed {seed} copied", { seed }) : t("page.lightbox.not_copied", "The seed is {seed}; copying is not allowed here", { seed }));
    } catch (error) {
      toast(error.message, "bad");
    }
  }
}

/** The pictures of a place's posts, in order. @param {any[]} posts @returns {Shown[]} */
export function picturesOf(posts) {
  return posts
    .filter((post) => !post.is_deleted)
    .flatMap((post) => post.images.map((image) => shownFrom(image, post)));
}

function shownFrom(image, post) {
  const [title, ...rest] = post.text.split("\n");
  const told = rest.pop() ?? "";
  const first = /(?:\bseed|シード) (\d+)/i.exec(told);
  const seed = first && image.job ? seedAt(first[1], image.index) : null;
  const detail = seed ? told.replace(first[0], t("page.seed", "seed {seed}", { seed })) : told;
  return {
    ...image,
    title: title || image.alt || image.name,
    detail: detail || post.author.name,
    seed,
  };
}

/** The seed of a job's n-th picture: they count up from the plan's, which may have 63 bits. */
function seedAt(seed, index) {
  return String((BigInt(seed) + BigInt(index ?? 0)) % SEEDS);
}
