// Sends a file in pieces, goes on after any cut, and follows what becomes of it.

import { address, post, Refused } from "/static/api.js";
import { t } from "/static/texts.js";

const PIECE_BYTES = 4 * 1024 * 1024;
const ASK_EVERY_MS = 1_200;
const ASK_SLOWLY_MS = 8_000;
const FIRST_WAIT_MS = 800;
const LONGEST_WAIT_MS = 15_000;
const RELEASE_MS = 3_000;
const SPEED_OVER_MS = 8_000;
const OVER = ["approved", "rejected", "retired", "refused", "known"];

/**
 * One file on its way. `state`: going, paused, waiting (for the network), lost (its file must be
 * chosen again), sent (all bytes are there, the answers are not), following, over, failed.
 */
export class Upload {
  /** @param {{token?: string, place?: string, file?: File|null, name: string, size: number, changedAt?: number, changed: (upload: Upload) => void}} how */
  constructor({ token = "", place = "", file = null, name, size, changedAt = 0, changed }) {
    Object.assign(this, { token, place, file, name, size, changedAt, changed });
    this.id = `${Date.now()}-${Math.random()}`;
    this.offset = 0;
    this.sent = 0;
    this.state = file || !token ? "going" : "lost";
    this.answers = null;
    /** @type {Record<string, string>} texts of files beside it, by name */
    this.beside = {};
    this.intake = null;
    this.drawn = null;
    this.error = "";
    this.tries = 0;
    this.marks = [];
    addEventListener("online", () => this.state === "waiting" && this.go());
  }

  /** Begin, or go on where it stopped. */
  async go() {
    clearTimeout(this.timer);
    const run = (this.run = Symbol("run"));
    const isMine = () => this.run === run;
    this.#set("going");
    try {
      if (!this.token) await this.#begin(isMine);
      else await this.#ask();
      while (isMine() && !this.intake && this.offset < this.size) {
        if (!this.file) return this.#set("lost");
        await this.#send();
        this.tries = 0;
      }
      if (isMine()) await this.#finish();
    } catch (error) {
      if (isMine()) this.#stumbled(error);
    }
  }

  pause() {
    this.run = null;
    clearTimeout(this.timer);
    this.request?.abort();
    this.marks = [];
    this.#set("paused");
  }

  /** Another file takes its place: its link goes on. */
  leave() {
    this.run = null;
    clearTimeout(this.timer);
    this.request?.abort();
    this.state = "over";
  }

  /** Nobody wants it any more: what came of it so far is deleted at once. */
  drop() {
    const isOpen = Boolean(this.token) && !this.intake && this.state !== "over";
    this.leave();
    return isOpen ? this.#cancel() : Promise.resolve();
  }

  /** Where it can't be told, the parts go when the link is over. */
  async #cancel() {
    await this.#call("DELETE", "/api/registry/upload").catch(() => null);
  }

  /** Files that lie beside it: read and sent along with the answers. @param {Record<string, string>} texts */
  bring(texts) {
    this.beside = { ...this.beside, ...texts };
    this.changed(this);
  }

  /** Is this the file that was being sent? @param {File} file */
  isOf(file) {
    return file.name === this.name && file.size === this.size && (!this.changedAt || file.lastModified === this.changedAt);
  }

  /** What its sender says of it; the file is handed in once all of it is there. */
  answer(facts) {
    this.answers = facts;
    if (this.state === "sent") this.go();
    else this.changed(this);
  }

  /** @returns {number|null} seconds until the last byte, when that can be said */
  get leftInS() {
    const [first] = this.marks;
    if (!first || this.state !== "going") return null;
    const seconds = (performance.now() - first.at) / 1000;
    const speed = (this.sent - first.sent) / seconds;
    return seconds < 0.7 || speed <= 0 ? null : (this.size - this.sent) / speed;
  }

  get isOver() {
    return this.state === "over" || this.state === "failed" || (this.intake && OVER.includes(this.intake.state));
  }

  #set(state) {
    this.state = state;
    this.changed(this);
  }

  async #begin(isMine) {
    const { token } = await post(address("/api/registry/uploads", { place: this.place }));
    if (!isMine()) return; // paused, or begun again: that has a link of its own
    this.token = token;
    const body = JSON.stringify({ name: this.name, size_bytes: this.size });
    this.#take(await this.#call("POST", "/api/registry/upload", body));
  }

  async #ask() {
    this.#take(await this.#call("GET", "/api/registry/upload"));
  }

  #take(upload) {
    this.offset = this.sent = upload.offset;
    this.intake = upload.intake;
    this.drawn = upload.drawn;
    this.place = upload.place;
    this.changed(this);
  }

  async #send() {
    const piece = this.file.slice(this.offset, this.offset + PIECE_BYTES);
    try {
      this.#take(await this.#put(piece));
    } catch (error) {
      if (error.status !== 409 || typeof error.body?.offset !== "number") throw error;
      this.offset = this.sent = error.body.offset;
    }
  }

  /** Pieces go by the old way of asking: it tells how far it is. */
  #put(piece) {
    return new Promise((resolve, reject) => {
      const request = (this.request = new XMLHttpRequest());
      request.open("PATCH", "/api/registry/upload");
      const where = { "Upload-Offset": String(this.offset), "Upload-Ends": "no" };
      for (const [name, value] of Object.entries({ ...this.#headers(), ...where })) request.setRequestHeader(name, value);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.responseType = "json";
      request.upload.onprogress = (event) => this.#moved(this.offset + event.loaded);
      request.onload = () => {
        if (request.status === 200) return resolve(request.response);
        const said = request.response?.error ?? {};
        const error = new Refused(request.status, said.code ?? "failed", said.text || t("page.upload.stumbled", "The upload stumbled."));
        error.body = request.response;
        return reject(error);
      };
      request.onerror = () => reject(new Refused(0, "unreachable", t("page.upload.no_line", "The connection is gone.")));
      request.send(piece);
    });
  }

  #moved(sent) {
    const now = performance.now();
    this.sent = Math.min(this.size, sent);
    this.marks.push({ at: now, sent: this.sent });
    while (this.marks.length > 2 && now - this.marks[0].at > SPEED_OVER_MS) this.marks.shift();
    this.changed(this);
  }

  async #finish() {
    const run = this.run;
    if (!this.intake) {
      if (!this.answers) return this.#set("sent");
      const body = JSON.stringify({ facts: this.answers, beside: this.beside });
      this.#take(await this.#call("POST", "/api/registry/upload/finish", body));
      if (this.run !== run) return;
    }
    this.#set("following");
    this.#follow();
  }

  #follow() {
    if (this.isOver) return this.#set("over");
    const pause = this.intake.state === "waiting" ? ASK_SLOWLY_MS : ASK_EVERY_MS;
    const run = this.run;
    this.timer = setTimeout(async () => {
      if (document.visibilityState === "visible")
        try {
          await this.#ask();
        } catch (error) {
          if (!error.isPassing) return this.#stumbled(error);
        }
      if (this.run === run) this.#follow();
    }, pause);
  }

  /** The network went: wait and go on; anything else is said. */
  #stumbled(error) {
    this.marks = [];
    if (error.isPassing) {
      const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries);
      this.tries += 1;
      this.#set("waiting");
      this.timer = setTimeout(() => this.go(), Math.max(most, error.retryInS * 1000));
      return;
    }
    this.error = error.message;
    this.#set("failed");
  }

  async #call(method, path, body) {
    const headers = { ...this.#headers(), ...(body ? { "Content-Type": "application/json" } : {}) };
    let answer;
    try {
      answer = await fetch(path, { method, headers, body, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(60_000) });
    } catch {
      throw new Refused(0, "unreachable", t("page.upload.no_line", "The connection is gone."));
    }
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return told;
    if (answer.status === 409 && typeof told.offset === "number") throw new Refused(0, "wrong_offset", t("page.upload.elsewhere", "It goes on from another place."));
    throw new Refused(answer.status, told.error?.code ?? "failed", told.error?.text || t("page.upload.not_worked", "That did not work. Please try again."), Number(answer.headers.get("Retry-After")) || 0);
  }

  #headers() {
    return { "X-Atelier": "1", "X-Upload-Token": this.token };
  }
}

// --- what a reload must not forget -------------------------------------------------------------

const KEPT = "atelier.uploads";
const LARGEST_KEPT = 256 * 1024 * 1024;
const LONGEST_BESIDE = 200_000;

/** Remember a person's uploads; their bytes too, where they are not too many. @param {string} person @param {Upload[]} uploads */
export function keepUploads(person, uploads) {
  const rows = uploads
    .filter(({ token, isOver }) => token && !isOver)
    .map(({ token, place, name, size, changedAt, answers, beside }) => ({ token, place, name, size, changedAt, answers, beside: short(beside) }));
  try {
    localStorage.setItem(`${KEPT}.${person}`, JSON.stringify(rows));
  } catch {
    // storage is switched off: uploads live as long as the page
  }
}

/** What is too long for this store is left out; the file itself is what counts. */
function short(texts) {
  return JSON.stringify(texts).length <= LONGEST_BESIDE ? texts : {};
}

/** @param {string} person @returns {any[]} */
export function keptUploads(person) {
  try {
    return JSON.parse(localStorage.getItem(`${KEPT}.${person}`) ?? "[]");
  } catch {
    return [];
  }
}

/**
 * This tab sends that upload; no other one does, until this one is closed. The page that was just
 * reloaded may hold it for a moment more. @returns {Promise<boolean>} whether it may
 */
export function hold(token) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const keep = () => (resolve(true), new Promise(() => {}));
    const signal = AbortSignal.timeout(RELEASE_MS);
    navigator.locks.request(`atelier.upload.${token}`, { signal }, keep).catch(() => resolve(false));
  });
}

/** @param {string} token @param {File} file */
export async function keepFile(token, file) {
  if (file.size > LARGEST_KEPT) return;
  await inFiles("readwrite", (files) => files.put(file, token)).catch(() => null);
}

/** @param {string} token @returns {Promise<File|null>} */
export async function keptFile(token) {
  return (await inFiles("readonly", (files) => files.get(token)).catch(() => null)) ?? null;
}

/** @param {string} token */
export async function forgetFile(token) {
  await inFiles("readwrite", (files) => files.delete(token)).catch(() => null);
}

function inFiles(mode, act) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("atelier", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const base = opening.result;
      const asked = act(base.transaction("files", mode).objectStore("files"));
      asked.onsuccess = () => (base.close(), resolve(asked.result));
      asked.onerror = () => (base.close(), reject(asked.error));
    };
  });
}
