// What I did and the bot has not confirmed: shown at once, sent in order, each act once.

import { post } from "/static/api.js";
import { state, takeOwn, tell } from "/static/store.js";

const KEPT = "atelier.outbox";
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
const BUSY_MS = 8_000;
const MOST_TRIES = 12;

/**
 * Words on their way.
 * @typedef {{id: string, place: string, act: any, uploads: string[], text: string, thumbs: any[], at: string,
 *   state: "waiting"|"sending"|"failed", error: string, tries: number, isSeen: boolean}} Pending
 */

/** @type {Pending[]} */
let pending = restore();
let isSending = false;
let timer = 0;
/** Buttons that were pressed and not answered. @type {Map<string, {place: string, post: string, until: number}>} */
const busy = new Map();
/** Buttons whose press has not reached the bot. @type {Set<string>} */
const flying = new Set();
/** Presses that wait for the next try. @type {(() => void)[]} */
const resting = [];

/** An id that no other act has. */
export function freshActId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `a${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** @param {string} place @returns {Pending[]} what is shown below the posts */
export function pendingIn(place) {
  return pending.filter((item) => item.place === place && !item.isSeen);
}

/** Say something in a place. @param {any[]} uploads as the server answered them */
export function sayIn(place, text, uploads = []) {
  pending.push({
    id: freshActId(),
    place,
    act: { kind: "typed", text },
    uploads: uploads.map((one) => one.id),
    text,
    thumbs: uploads.map(({ url, name, width, height }) => ({ url, name, width, height })),
    at: new Date().toISOString(),
    state: "waiting",
    error: "",
    tries: 0,
    isSeen: false,
  });
  changed(place);
  pump();
}

/** Send again with the same id. @param {string} id */
export function retry(id) {
  const item = pending.find((one) => one.id === id);
  if (!item) return;
  Object.assign(item, { state: "waiting", error: "", tries: 0 });
  changed(item.place);
  pump();
}

/** @param {string} id */
export function discard(id) {
  const item = pending.find((one) => one.id === id);
  pending = pending.filter((one) => one.id !== id);
  if (item) changed(item.place);
  pump();
}

/** The connection is back: whatever waits goes out now. */
export function pump() {
  clearTimeout(timer);
  timer = 0;
  for (const resume of resting.splice(0)) resume();
  if (!isSending) sendNext();
}

async function sendNext() {
  const item = pending.find((one) => one.state === "waiting");
  if (!item || isSending) return;
  isSending = true;
  item.state = "sending";
  try {
    const answer = await post("/api/acts", {
      id: item.id,
      place: item.place,
      act: item.act,
      uploads: item.uploads,
    });
    pending = pending.filter((one) => one !== item);
    if (answer?.post) takeOwn(answer.post);
  } catch (error) {
    failed(item, error);
  }
  isSending = false;
  changed(item.place);
  if (pending.some((one) => one.state === "waiting") && !timerRuns()) sendNext();
}

function failed(item, error) {
  if (!error.isPassing && error.status !== 401) {
    Object.assign(item, { state: "failed", error: error.message, isSeen: false });
    return;
  }
  item.state = "waiting";
  const wait = error.retryInS ? error.retryInS * 1000 : RETRY_MS[Math.min(item.tries, RETRY_MS.length - 1)];
  item.tries += 1;
  timer = setTimeout(() => ((timer = 0), pump()), wait);
}

function timerRuns() {
  return timer !== 0;
}

/** The live connection brought a post of mine: words being sent there are no longer shown twice. */
export function noticeOwn(fresh) {
  const item = pending.find((one) => one.place === fresh.place && one.state === "sending" && !one.isSeen);
  if (!item) return;
  item.isSeen = true;
  changed(item.place);
}

/** Press a button. Pressing it again before the answer does nothing. */
export async function press(place, button, { post: from = "", fields = undefined } = {}) {
  if (isBusy(button) || flying.has(button)) return false;
  busy.set(button, { place, post: from, until: Date.now() + BUSY_MS });
  tell("busy");
  setTimeout(() => tell("busy"), BUSY_MS + 20);
  const act = fields ? { kind: "press", button, fields } : { kind: "press", button };
  flying.add(button);
  try {
    await sendPress({ id: freshActId(), place, act, uploads: [] });
    return true;
  } catch (error) {
    busy.delete(button);
    tell("busy");
    throw error;
  } finally {
    flying.delete(button);
  }
}

async function sendPress(message) {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await post("/api/acts", message);
      if (answer?.post) takeOwn(answer.post);
      return;
    } catch (error) {
      if (!error.isPassing || tries >= MOST_TRIES) throw error;
      const wait = error.retryInS ? error.retryInS * 1000 : RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];
      await new Promise((resume) => {
        resting.push(resume);
        setTimeout(resume, wait);
      });
    }
  }
}

/** @param {string} button */
export function isBusy(button) {
  const pressed = busy.get(button);
  if (pressed && pressed.until <= Date.now()) busy.delete(button);
  return busy.has(button);
}

/** A post came: the press it answers is over. */
export function noticeAnswer(fresh) {
  for (const [button, pressed] of busy) {
    const isAnswer =
      fresh.id === pressed.post || (fresh.place === pressed.place && fresh.to?.id === state.me?.id);
    if (isAnswer) busy.delete(button);
  }
  tell("busy");
}

function changed(place) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(pending));
  } catch {
    // storage is full or off: a reload loses what was not sent, nothing else
  }
  tell("pending", place);
}

function restore() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return kept.map((item) => ({
      ...item,
      state: item.state === "failed" ? "failed" : "waiting",
      isSeen: false,
    }));
  } catch {
    return [];
  }
}
