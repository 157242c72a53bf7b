// What the page knows: who I am, the places, their posts; tells the parts of the page what changed.

import { address, get } from "/static/api.js";
import { Feed } from "/static/feed.js";

const PAGE = 40;
const UNKNOWN = -1;
const RETRY_MS = 2_500;

/** @type {{me: any, places: any[], limits: any, signIn: string, place: string|null, isConnected: boolean}} */
export const state = { me: null, places: [], limits: {}, signIn: "open", place: null, isConnected: false };

/** @type {Map<string, Feed>} */
const feeds = new Map();
/** @type {Map<string, Set<Function>>} */
const listeners = new Map();
let seen = UNKNOWN;

/** Hear about `kind`: feed, post, progress, places, me, connection, image-gone. Returns a way to stop. */
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
  return () => listeners.get(kind).delete(listener);
}

/** @param {string} kind @param {...unknown} facts */
export function tell(kind, ...facts) {
  for (const listener of listeners.get(kind) ?? []) listener(...facts);
}

/** Take in an answer of `/api/me` and its like. */
export function setMe(answer) {
  state.me = answer.me;
  state.places = answer.places ?? state.places;
  state.limits = answer.limits ?? state.limits;
  state.signIn = answer.sign_in ?? state.signIn;
  tell("me");
  tell("places");
}

/** @param {string} id */
export function placeOf(id) {
  return state.places.find((place) => place.id === id) ?? null;
}

/** @param {string} place @returns {Feed} */
export function feedOf(place) {
  if (!feeds.has(place)) feeds.set(place, new Feed(place));
  return feeds.get(place);
}

/** The highest revision that arrived in order; a connection goes on from here. Null: nothing did yet. */
export function seenRevision() {
  return seen === UNKNOWN ? null : seen;
}

/** What the first connection says, where no load did. @param {number} revision */
export function beginAt(revision) {
  if (seen === UNKNOWN) seen = revision;
}

/** Load the newest posts of a place. The first load also says where the live connection begins. */
export function loadNewest(place) {
  const feed = feedOf(place);
  if (feed.status !== "loading") feed.loaded = load(feed, place);
  return feed.loaded;
}

async function load(feed, place) {
  feed.status = "loading";
  tell("feed", place);
  try {
    const answer = await get(address("/api/posts", { place, limit: PAGE }));
    feed.replace(answer.posts, answer.more, answer.revision);
    if (seen === UNKNOWN) seen = answer.revision;
  } catch {
    feed.status = "failed";
    // Where posts stay shown nobody is asked to try again, and news is let go until it worked.
    if (feed.posts.length) setTimeout(() => feed.status === "failed" && loadNewest(place), RETRY_MS);
  }
  markRead(place);
  tell("feed", place);
}

/** Load the page before the oldest post. @returns {Promise<boolean>} whether it worked */
export async function loadOlder(place) {
  const feed = feedOf(place);
  const oldest = feed.posts[0];
  if (!oldest || !feed.more) return true;
  try {
    const answer = await get(address("/api/posts", { place, before: oldest.id, limit: PAGE }));
    feed.prepend(answer.posts, answer.more);
    return true;
  } catch {
    return false;
  }
}

/** A post from the live connection. */
export function takePost(post) {
  seen = Math.max(seen, post.revision);
  const feed = feedOf(post.place);
  const before = feed.apply(post);
  const isNew = before === null || (before === undefined && feed.status === "none");
  if (isNew && isNews(post)) feed.isUnread = true;
  if (before === undefined && feed.status !== "none") return;
  if (isReading(post.place)) markRead(post.place);
  for (const image of lostImages(before, post)) tell("image-check", image.url);
  tell("post", post, before ?? null);
  if (isNew) tell("places");
}

/** My own post, answered by the server before the live connection brought it. */
export function takeOwn(post) {
  const before = feedOf(post.place).apply(post);
  if (before !== undefined) tell("post", post, before);
}

function isNews(post) {
  return !post.is_deleted && post.author.id !== state.me?.id && !isReading(post.place);
}

function isReading(place) {
  return place === state.place && document.visibilityState === "visible";
}

function lostImages(before, post) {
  if (!before) return [];
  const kept = new Set(post.images.map((image) => image.url));
  return before.images.filter((image) => !kept.has(image.url));
}

/** A step of a running job. */
export function takeProgress(frame) {
  const post = feedOf(frame.place).progress(frame);
  if (post) tell("progress", post);
}

/** Too much was missed: the open place is loaded again, the others when they are opened. */
export function resetAll(revision = 0, isAnew = false) {
  seen = revision;
  for (const feed of feeds.values()) {
    if (isAnew) feed.forget();
    feed.status = "none";
  }
  if (state.place) loadNewest(state.place);
}

/** @param {string} place */
export function markRead(place) {
  const feed = feedOf(place);
  const newest = feed.posts.reduce((most, post) => Math.max(most, post.revision), 0);
  keepRead(place, newest);
  if (!feed.isUnread) return;
  feed.isUnread = false;
  tell("places");
}

function keepRead(place, revision) {
  try {
    const kept = Number(localStorage.getItem(`atelier.read.${place}`));
    if (revision > kept) localStorage.setItem(`atelier.read.${place}`, String(revision));
  } catch {
    // storage is switched off: dots only tell of what happens while the page is open
  }
}

/** After a start: which places have something new since this browser read them last. */
export async function lookForUnread() {
  for (const { id } of state.places) {
    if (feedOf(id).status !== "none") continue;
    const answer = await get(address("/api/posts", { place: id, limit: 1 })).catch(() => null);
    const newest = answer?.posts.at(-1);
    if (!newest || feedOf(id).status !== "none") continue;
    const kept = Number(safeRead(id));
    if (kept && newest.revision > kept && newest.author.id !== state.me.id) feedOf(id).isUnread = true;
    if (!kept) keepRead(id, newest.revision);
  }
  tell("places");
}

function safeRead(place) {
  try {
    return localStorage.getItem(`atelier.read.${place}`);
  } catch {
    return null;
  }
}
