// The frame around everything: places at the side, the bar above, the connection's banner.

import { avatarOf } from "/static/card.js";
import { el, fill, icon, iconButton, mend } from "/static/dom.js";
import { openProfile, toggleTheme } from "/static/profile.js";
import { linkTo } from "/static/route.js";
import { feedOf, on, placeOf, state } from "/static/store.js";
import { t } from "/static/texts.js";

const QUIET_MS = 1_200;
const BACK_MS = 1_800;

export class Shell {
  /** @param {{posts: HTMLElement, gallery: HTMLElement, looks: HTMLElement, composer: HTMLElement}} parts */
  constructor(parts) {
    this.parts = parts;
    this.#build();
    on("places", () => this.#showPlaces());
    on("me", () => this.#showMe());
    this.#showPlaces();
    this.#showMe();
  }

  #build() {
    this.places = el("nav", { class: "places", "aria-label": t("page.places", "Places") });
    this.me = el("button", { type: "button", class: "me", onclick: openProfile });
    this.side = el(
      "aside",
      { class: "side", "aria-label": t("page.places.side", "Places and you") },
      el(
        "div",
        { class: "brand" },
        el("img", { src: "/static/icon.svg", alt: "", width: 30, height: 30 }),
        el("span", {}, "Atelier"),
        iconButton("close", t("page.places.close", "Close places"), () => this.drawer(false), { class: "drawer-close" }),
      ),
      this.places,
      el("div", { class: "side-foot" }, this.me, this.#themeButton()),
    );
    this.shade = el("div", { class: "shade", onclick: () => this.drawer(false) });
    this.title = el("h1", { dir: "auto" });
    const tab = (picture, text, ...more) => el("a", {}, icon(picture), el("span", {}, text), ...more);
    this.count = el("b", { class: "count", hidden: true });
    this.links = {
      chat: tab("chat", t("page.chat", "Chat")),
      gallery: tab("grid", t("page.gallery", "Gallery")),
      looks: tab("looks", t("page.looks", "Looks"), this.count),
    };
    this.tabs = el("nav", { class: "tabs", "aria-label": t("page.views", "Views") }, Object.values(this.links));
    this.menu = iconButton("menu", t("page.places", "Places"), () => this.drawer(true), {
      class: "drawer-open",
      "aria-expanded": "false",
    });
    this.menuDot = el("i", { class: "dot", hidden: true });
    this.menu.append(this.menuDot);
    this.banner = el("div", { class: "banner", role: "status", hidden: true });
    const bar = el("header", { class: "bar" }, this.menu, this.title, this.tabs);
    this.stage = el(
      "main",
      { class: "stage" },
      bar,
      this.banner,
      this.parts.posts,
      this.parts.composer,
      this.parts.gallery,
      this.parts.looks,
    );
    this.node = el(
      "div",
      { class: "app", id: "app", onkeydown: (event) => event.key === "Escape" && this.drawer(false) },
      this.side,
      this.shade,
      this.stage,
    );
  }

  #themeButton() {
    const button = iconButton("moon", t("page.theme", "Dark or light"), toggleTheme, { class: "theme" });
    button.append(icon("sun"));
    return button;
  }

  /** On a phone the places are a drawer. @param {boolean} isOpen */
  drawer(isOpen) {
    if (this.node.classList.contains("has-drawer") === isOpen) return;
    this.node.classList.toggle("has-drawer", isOpen);
    this.menu.setAttribute("aria-expanded", String(isOpen));
    this.stage.inert = isOpen;
    if (isOpen) this.places.querySelector("a")?.focus();
    else this.menu.focus();
  }

  #showPlaces() {
    const channels = state.places.filter((place) => place.kind !== "dm");
    const own = state.places.filter((place) => place.kind === "dm");
    mend(this.places, this.#group(t("page.places.channels", "Channels"), channels, "hash"), this.#group(t("page.places.own", "Just you"), own, "chat"));
    const unread = state.places.filter((place) => feedOf(place.id).isUnread);
    this.menuDot.hidden = !unread.some((place) => place.id !== state.place);
    document.title = `${unread.length ? "• " : ""}${this.named ?? "Atelier"}`;
  }

  #group(title, places, picture) {
    if (!places.length) return null;
    return el(
      "div",
      { class: "place-group", data: { key: picture } },
      el("h2", {}, title),
      el(
        "ul",
        {},
        places.map((place) => el("li", { data: { key: place.id } }, this.#link(place, picture))),
      ),
    );
  }

  #link(place, picture) {
    const isUnread = feedOf(place.id).isUnread && place.id !== state.place;
    return el(
      "a",
      {
        href: linkTo({ place: place.id }),
        class: isUnread ? "is-unread" : "",
        "aria-current": place.id === state.place ? "page" : null,
        onclick: () => this.drawer(false),
      },
      icon(picture),
      el("span", { dir: "auto" }, place.title),
      isUnread ? el("i", { class: "dot" }, el("span", { class: "unseen" }, t("page.places.new", "new posts"))) : null,
    );
  }

  #showMe() {
    if (!state.me) return;
    const level = state.me.level === "member" ? null : el("small", {}, state.me.level);
    fill(
      this.me,
      avatarOf({ ...state.me, is_bot: false }),
      el("span", { class: "me-name" }, el("bdi", {}, state.me.name), level),
      el("span", { class: "unseen" }, t("page.me", ": your name and the look of the page")),
      icon("edit"),
    );
  }

  /** @param {import("/static/route.js").Route} route */
  show(route) {
    const place = placeOf(route.place);
    this.title.textContent = place?.title ?? "";
    this.named = `${place?.title ?? "Atelier"}${route.view === "chat" ? "" : ` ${viewName(route.view)}`} · Atelier`;
    for (const [view, link] of Object.entries(this.links)) {
      link.setAttribute("href", linkTo({ place: route.place, view }));
      if (view === route.view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    this.parts.posts.hidden = this.parts.composer.hidden = route.view !== "chat";
    this.parts.gallery.hidden = route.view !== "gallery";
    this.parts.looks.hidden = route.view !== "looks";
    this.#showPlaces();
  }

  /** How many files wait for this person's decision. @param {number} count */
  waiting(count) {
    this.waits = count;
    this.#showWaiting();
  }

  #showWaiting() {
    this.count.hidden = !this.waits;
    mend(this.count, this.waits ? [String(this.waits), el("span", { class: "unseen" }, t("page.places.to_vet", " to vet"))] : []);
  }

  /** The connection went or came back; short gaps stay unsaid. @param {"open"|"waiting"} now */
  connection(now) {
    if (now === this.state) return;
    this.state = now;
    clearTimeout(this.timer);
    if (now === "waiting") this.timer = setTimeout(() => this.#say(t("page.reconnecting", "Reconnecting…"), "is-waiting"), QUIET_MS);
    else if (!this.banner.hidden && !this.isTold) {
      this.#say(t("page.connected", "Back"), "is-back");
      this.timer = setTimeout(() => (this.banner.hidden = true), BACK_MS);
    }
  }

  #say(text, look) {
    if (this.isTold) return;
    fill(
      this.banner,
      look === "is-waiting" ? el("span", { class: "spinner" }) : icon("check"),
      el("span", {}, text),
    );
    this.banner.className = `banner ${look}`;
    this.banner.hidden = false;
  }

  /** Something here is older than it could be. @param {string} why */
  offerReload(why) {
    fill(
      this.banner,
      el("span", {}, why),
      el("button", { type: "button", class: "link", onclick: () => location.reload() }, t("page.reload", "Reload")),
    );
    this.banner.className = "banner";
    this.banner.hidden = false;
    this.isTold = true;
  }
}

function viewName(view) {
  return view === "gallery" ? t("page.gallery.in_title", "gallery") : t("page.looks.in_title", "looks");
}
