// The looks of a place: what there is for everyone, what is to be vetted, and bringing new ones.

import { address, get } from "/static/api.js";
import { Bring } from "/static/bring.js";
import { el, icon, mend } from "/static/dom.js";
import { Browse } from "/static/looks-browse.js";
import { linkTo } from "/static/route.js";
import { placeOf } from "/static/store.js";
import { t } from "/static/texts.js";
import { Vetting } from "/static/vetting.js";

const LOOK_EVERY_MS = 3_000;

export class Looks {
  /** @param {HTMLElement} home @param {{use: (name: string) => void, waiting: (count: number) => void}} acts */
  constructor(home, acts) {
    this.acts = acts;
    this.place = "";
    this.part = null;
    this.stamp = "";
    this.isShown = false;
    this.asked = this.answered = 0;
    const changed = () => this.#look();
    this.browse = new Browse({ use: acts.use, changed });
    this.vetting = new Vetting({ changed });
    this.bringing = new Bring({ changed });
    this.nav = el("nav", { class: "looks-nav", "aria-label": t("page.looks", "Looks") });
    this.parts = { null: this.browse, vet: this.vetting, bring: this.bringing };
    const sheet = el("link", { rel: "stylesheet", href: "/static/looks.css" });
    /** Settles when the page's clothes are here, or will not come. @type {Promise<unknown>} */
    this.dressed = new Promise((resolve) => (sheet.onload = sheet.onerror = resolve));
    document.head.append(sheet);
    home.append(this.nav, this.browse.node, this.vetting.node, this.bringing.node);
    setInterval(() => this.#look(), LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", () => this.#look());
  }

  /** @param {string} place @param {"vet"|"bring"|null} part */
  async open(place, part) {
    const isOther = place !== this.place;
    this.place = place;
    this.part = part;
    this.isShown = true;
    this.stamp = isOther ? "" : this.stamp;
    if (isOther) this.pulse = null;
    this.#show();
    for (const one of Object.values(this.parts)) one.leave?.();
    this.parts[part].open(place, placeOf(place)?.level !== "member");
    await this.#look();
  }

  leave() {
    this.isShown = false;
    this.vetting.leave();
  }

  focus() {
    (this.node ?? this.nav).querySelector("a")?.focus();
  }

  /** Files that were dropped. @param {File[]} files */
  bring(files) {
    this.bringing.open(this.place);
    this.bringing.take(files);
    location.hash = linkTo({ place: this.place, view: "looks", part: "bring" });
  }

  #show() {
    const { place, part, pulse } = this;
    const link = (which, picture, text, count = 0) =>
      el(
        "a",
        { data: { key: String(which) }, href: linkTo({ place, view: "looks", part: which }), "aria-current": part === which ? "page" : null },
        icon(picture),
        el("span", {}, text),
        count ? el("b", { class: "count" }, String(count)) : null,
      );
    const mayDecide = pulse ? pulse.may_decide : placeOf(place)?.level !== "member";
    mend(
      this.nav,
      link(null, "looks", t("page.looks.all", "All looks")),
      mayDecide ? link("vet", "eye", t("page.looks.vet", "To vet"), pulse?.waiting) : null,
      !pulse || pulse.may_add ? link("bring", "upload", t("page.looks.bring", "Bring one"), this.bringing.open_count) : null,
    );
    for (const [name, one] of Object.entries(this.parts)) one.node.hidden = String(part) !== name;
  }

  /** Ask for the place's stamp; when it is another one, what is shown is loaded anew. */
  async #look() {
    if (!this.isShown || document.visibilityState !== "visible") return;
    const place = this.place;
    const asked = ++this.asked;
    const pulse = await get(address("/api/registry", { place })).catch(() => null);
    if (!pulse || place !== this.place || asked < this.answered) return; // a later one overtook it
    this.answered = asked;
    const isNews = this.stamp && pulse.stamp !== this.stamp;
    this.pulse = pulse;
    this.stamp = pulse.stamp;
    this.bringing.mostBytes = pulse.cap_bytes;
    this.#show();
    this.acts.waiting(pulse.waiting ?? 0);
    if (isNews) this.parts[this.part].refresh();
  }
}
