// Starts the page: who am I, where am I, what is there; then keeps the parts together.

import { get, post as send, Refused } from "/static/api.js";
import { keepClicksWhole } from "/static/clicks.js";
import { Composer } from "/static/composer.js";
import { el, icon, toast } from "/static/dom.js";
import { acceptDrops } from "/static/drop.js";
import { editForm } from "/static/edit.js";
import { showEnter, showNeedsLink, showProblem } from "/static/entry.js";
import { Gallery } from "/static/gallery.js";
import { openLightbox, picturesOf } from "/static/lightbox.js";
import { Live } from "/static/live.js";
import { press, pump } from "/static/outbox.js";
import { Posts } from "/static/posts.js";
import { openRecipe } from "/static/recipe.js";
import { closeJob, current, openJob, settle } from "/static/route.js";
import { openSheet } from "/static/sheet.js";
import { Shell } from "/static/shell.js";
import {
  beginAt,
  feedOf,
  loadNewest,
  lookForUnread,
  markRead,
  placeOf,
  resetAll,
  seenRevision,
  setMe,
  state,
  takePost,
  takeProgress,
} from "/static/store.js";
import { locale } from "/words.js";
import { t } from "/static/texts.js";
import { openWhy } from "/static/why.js";

const EXAMPLES = [
  "a small red heart on a yellow background",
  "three blue stars on a black background, glowing",
  "find something glowing",
];
const RETRY_MS = 2_500;
const SPOKEN = "atelier.spoken";

const LOOK_EVERY_MS = 30_000;

let posts, composer, gallery, looks, shell, live, why, lightbox, version;

async function start() {
  if (location.pathname === "/enter") return showEnter();
  if (location.pathname === "/upload") return (await import("/static/upload-page.js")).showUpload();
  try {
    setMe(await whoAmI());
  } catch (error) {
    if (error.status === 401) return showNeedsLink();
    showProblem(error.message, () => location.reload());
    setTimeout(start, RETRY_MS);
    return;
  }
  build();
  await loadNewest(state.place);
  live.start();
  lookForUnread();
}

async function whoAmI() {
  try {
    return await get("/api/me");
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && error.body?.sign_in === "open")
      return send("/api/session", {});
    throw error;
  }
}

function build() {
  posts = new Posts({ openPicture, press: pressOn, empty: welcome });
  composer = new Composer({ sent: () => posts.toEnd() });
  gallery = new Gallery({ openPictures, readRecipe });
  const wall = el("div", { class: "looks-view" });
  shell = new Shell({ posts: posts.node, gallery: gallery.node, looks: wall, composer: composer.node });
  live = new Live({ after: seenRevision, onFrame: take, onState: connection });
  document.getElementById("app").replaceWith(shell.node);
  const skip = document.getElementById("skip");
  skip.textContent = t("page.skip", "Skip to writing");
  skip.hidden = false;
  acceptDrops({
    attach: (files) => composer.tray.add(files),
    readRecipe,
    bring: (files) => looks?.bring(files),
    view: () => current().view,
  });
  addEventListener("hashchange", follow);
  addEventListener("keydown", shortcut);
  addEventListener("atelier:signed-out", signedOut);
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && markRead(state.place),
  );
  document.getElementById("skip").addEventListener("click", (event) => {
    event.preventDefault();
    const { view } = current();
    if (view === "chat") composer.focus();
    else if (view === "gallery") gallery.filters.search.focus();
    else looks?.focus();
  });
  follow();
  setInterval(() => current().view !== "looks" && countWaiting(), LOOK_EVERY_MS);
  if (matchMedia("(pointer: fine)").matches && !current().job) composer.focus();
}

/** Show what the address says. */
function follow() {
  const route = current();
  if (!placeOf(route.place) && state.places.length) {
    settle({ ...route, place: state.places[0]?.id ?? null, job: null });
    if (route.place) toast(t("page.main.not_open", "That place is not open to you; here is another."));
    return follow();
  }
  state.place = route.place;
  shell.drawer(false);
  shell.show(route);
  composer.open(route.place);
  posts.open(route.place);
  if (route.view === "gallery") gallery.open(route.place);
  if (route.view === "looks") openLooks();
  else looks?.leave();
  countWaiting();
  markRead(route.place);
  showJob(route);
}

/** The looks and their vetting are loaded when somebody first goes there. */
async function openLooks() {
  try {
    const { Looks } = await import("/static/looks.js");
    looks ??= new Looks(shell.parts.looks, { use: useLook, waiting: (count) => shell.waiting(count) });
    await looks.dressed;
    const route = current();
    if (route.view === "looks") looks.open(route.place, route.part);
  } catch {
    toast(t("page.main.part_lost", "That part of the page did not load. It is tried again when you come back to it."), "bad");
  }
}

function useLook(name) {
  settle({ place: state.place, view: "chat" });
  follow();
  composer.suggest(`${name} `);
}

/** Moderators see at the tab what waits for them. */
async function countWaiting() {
  const place = placeOf(state.place);
  const isVetting = place && place.level !== "member";
  if (!isVetting || document.visibilityState !== "visible") return isVetting || shell.waiting(0);
  const pulse = await get(`/api/registry?place=${encodeURIComponent(place.id)}`).catch(() => null);
  if (pulse && state.place === place.id) shell.waiting(pulse.waiting ?? 0);
}

function showJob(route) {
  if (why && why.job === route.job) return;
  why?.sheet.close();
  if (!route.job) return;
  const startInEdit = wantsEdit === route.job;
  wantsEdit = "";
  const opened = { job: route.job, sheet: null };
  why = opened;
  opened.sheet = openWhy(route.place, route.job, {
    startInEdit,
    press: pressFrom,
    openPictures: (pictures, index) => openPictures(pictures.map(plainShown), index),
    onClose: () => {
      if (why === opened) why = null;
      if (current().job === opened.job) closeJob();
    },
  });
}

let wantsEdit = "";

function plainShown(image) {
  return { ...image, title: image.alt || image.name, detail: image.name };
}

/** A press from a sheet or the gallery: its answer comes in the chat, so that is shown. */
async function pressFrom(button, fields) {
  const from = location.hash;
  const worked = await press(state.place, button, { fields });
  if (!worked) return false;
  if (location.hash !== from) return true; // the person went elsewhere meanwhile
  lightbox?.close();
  settle({ place: state.place, view: "chat", job: null });
  follow();
  posts.toEnd();
  return true;
}

async function pressOn(post, button) {
  try {
    if (button.verb === "form") return await opening(() => openForm(post, button));
    const isAboutPlan = post.job && (button.verb === "why" || button.verb === "edit");
    if (isAboutPlan && (await opening(() => openPlan(post, button)))) return;
    await press(post.place, button.id, { post: post.id });
  } catch (error) {
    toast(error.message, "bad");
  }
}

let isOpening = false;

/** A second press while something is on its way opens nothing more. */
async function opening(open) {
  if (isOpening) return true;
  isOpening = true;
  try {
    return await open();
  } finally {
    isOpening = false;
  }
}

async function openPlan(post, button) {
  if (!(await hasPlan(post))) return false;
  if (post.place !== state.place) return true; // the person went elsewhere meanwhile
  wantsEdit = button.verb === "edit" ? post.job : "";
  openJob(post.job);
  return true;
}

/** A button that needs words first asks for them. */
async function openForm(post, button) {
  const query = new URLSearchParams({ place: post.place, button: button.id });
  const { fields } = await get(`/api/registry/form?${query}`);
  const word = button.label.charAt(0).toUpperCase() + button.label.slice(1);
  const sheet = openSheet({ title: word, look: "sheet", content: [] });
  const submit = async (given) => {
    try {
      await press(post.place, button.id, { post: post.id, fields: given });
      sheet.close();
    } catch (error) {
      toast(error.message, "bad");
    }
  };
  const typed = fields.map((field) => ({ ...field, type: field.kind }));
  sheet.body.append(editForm(typed, { submit, back: sheet.close, send: word, backWord: t("page.cancel", "Cancel") }));
  return true;
}

/** A plan that is gone is not opened: the bot itself then says why. */
async function hasPlan(post) {
  try {
    await get(`/api/jobs/${encodeURIComponent(post.job)}?place=${encodeURIComponent(post.place)}`);
    return true;
  } catch (error) {
    return error.status !== 404;
  }
}

function openPicture(post, index) {
  const all = picturesOf(feedOf(post.place).posts);
  const at = all.findIndex((picture) => picture.url === post.images[index].url);
  if (at >= 0) openPictures(all, at); // else it went just now, and its card goes with the next frame
}

function openPictures(pictures, index, more) {
  lightbox = openLightbox(state.place, pictures, Math.max(0, index), { why: openJob, more });
}

function readRecipe(file) {
  openRecipe(state.place, file, { press: pressFrom });
}

/** What an empty place says. */
function welcome(id) {
  const place = placeOf(id);
  const chip = (text) =>
    el("button", { type: "button", class: "chip", onclick: () => composer.suggest(text) }, text);
  return el(
    "div",
    { class: "empty is-welcome" },
    el("span", { class: "empty-mark" }, icon("easel")),
    el("h2", {}, place?.kind === "dm" ? t("page.main.quiet", "A quiet room, just for you") : t("page.main.empty", "An empty wall")),
    el(
      "p",
      {},
      t("page.main.welcome", "Say what you want to see, in plain words. The look, its settings and the seed are chosen for you, and explained."),
    ),
    el("div", { class: "chips" }, EXAMPLES.map(chip)),
  );
}

/** A frame from the live connection. */
function take(frame) {
  if (frame.kind === "hello") hello(frame);
  else if (frame.kind === "post") takePost(frame.post);
  else if (frame.kind === "progress") takeProgress(frame);
  else if (frame.kind === "language") speakAnew();
  else if (frame.kind === "reset") resetAll(Math.max(seenRevision(), live.revision ?? 0));
}

function hello(frame) {
  live.revision = frame.revision;
  beginAt(frame.revision);
  if (frame.revision < seenRevision())
    resetAll(frame.revision, true); // the bot began anew
  else if (feedOf(state.place).status === "failed") loadNewest(state.place);
  if (version && version !== frame.version) shell.offerReload(t("page.updated", "Atelier was updated."));
  version ??= frame.version;
  speakAnew(); // it may have changed while nobody was told
}

/** The language may have changed: a page where nothing is begun is loaded anew, any other offers it. */
async function speakAnew() {
  const told = await get("/api/me").catch(() => null);
  if (!told) return;
  const isTried = sessionStorage.getItem(SPOKEN) === told.locale; // never twice for the same language
  if (told.locale === locale) return sessionStorage.removeItem(SPOKEN);
  if (isTried || !composer.isEmpty || document.querySelector("dialog[open]"))
    return shell.offerReload(t("page.spoken_anew", "The language was changed."));
  sessionStorage.setItem(SPOKEN, told.locale);
  location.reload();
}

function connection(now) {
  if (now === "signed-out") return signedOut();
  state.isConnected = now === "open";
  shell.connection(now);
  if (now !== "open") return;
  dispatchEvent(new Event("atelier:back"));
  pump();
}

let isAsking = false;

/** The session ended: where the door is open a new one is made, otherwise a link is needed. */
async function signedOut() {
  if (isAsking) return;
  isAsking = true;
  live.stop();
  try {
    setMe(await whoAmI());
    live.start();
    resetAll();
  } catch (error) {
    if (error.status === 401) showNeedsLink();
    else setTimeout(signedOut, RETRY_MS);
  }
  isAsking = false;
}

/** "/" starts a command from anywhere; typing goes to the field. */
function shortcut(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key !== "/" || current().view !== "chat" || document.querySelector("dialog[open]")) return;
  if (event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  composer.startCommand();
}

keepClicksWhole();
start();
