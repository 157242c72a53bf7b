// Talks to the bot: JSON in, JSON out, and every refusal as one kind of error.

import { t } from "/static/texts.js";

const PATIENCE_MS = 20_000;

/** What the bot refused, or that it could not be reached (`status` 0). */
export class Refused extends Error {
  /** @param {number} status @param {string} code @param {string} text @param {number} retryInS */
  constructor(status, code, text, retryInS = 0) {
    super(text);
    this.status = status;
    this.code = code;
    this.retryInS = retryInS;
  }

  /** Asking again may help: the network, a restart, a rate limit. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const UNREACHABLE = t(
  "page.unreachable",
  "I can't reach Atelier. It is tried again as soon as the connection is back.",
);

/** @param {string} path @returns {Promise<any>} */
export function get(path) {
  return send(path, { method: "GET" });
}

/** @param {string} path @param {unknown} body @returns {Promise<any>} */
export function post(path, body = {}) {
  const headers = { "X-Atelier": "1", "Content-Type": "application/json" };
  return send(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** @param {string} path @returns {Promise<null>} */
export function remove(path) {
  return send(path, { method: "DELETE", headers: { "X-Atelier": "1" } });
}

/** Send a file as it is. @param {string} path @param {Blob} file @returns {Promise<any>} */
export function postFile(path, file) {
  return send(path, { method: "POST", headers: fileHeaders(file), body: file });
}

async function send(path, request) {
  let answer;
  try {
    answer = await fetch(path, {
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...request,
    });
  } catch {
    throw new Refused(0, "unreachable", UNREACHABLE);
  }
  if (answer.status === 204) return null;
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw refusal(answer.status, body, Number(answer.headers.get("Retry-After")));
  return body;
}

function refusal(status, body, retryInS) {
  const said = body?.error ?? {};
  const error = new Refused(status, said.code ?? "failed", said.text || otherwise(status), retryInS || 0);
  error.body = body;
  if (status === 401) dispatchEvent(new CustomEvent("atelier:signed-out"));
  return error;
}

function otherwise(status) {
  if (status === 413) return t("page.too_large", "That file is too large. A smaller one works.");
  if (status === 429) return t("page.at_once", "That was a lot at once. It goes on in a moment.");
  if (status >= 500) return t("page.stumbled", "Atelier stumbled. Please try again in a moment.");
  return t("page.cant", "Atelier can't do that. Reloading the page may help.");
}

function fileHeaders(file) {
  return {
    "X-Atelier": "1",
    "Content-Type": file.type || "application/octet-stream",
    "X-Name": encodeURIComponent(file.name || "picture.png"),
  };
}

/**
 * Upload a picture and hear how far it is (fetch can't tell).
 * @param {string} place @param {File} file @param {(part: number) => void} onPart @param {AbortSignal} signal
 * @returns {Promise<any>} the upload
 */
export function upload(place, file, onPart, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address("/api/uploads", { place }));
    for (const [name, value] of Object.entries(fileHeaders(file))) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onPart(event.loaded / event.total);
    request.onload = () => {
      if (request.status === 201) resolve(request.response.upload);
      else
        reject(refusal(request.status, request.response, Number(request.getResponseHeader("Retry-After"))));
    };
    request.onerror = () => reject(new Refused(0, "unreachable", UNREACHABLE));
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** An address with its query; empty values are left out. @param {string} path @param {Record<string, unknown>} query */
export function address(path, query) {
  const parts = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  return `${path}?${new URLSearchParams(parts.map(([name, value]) => [name, String(value)]))}`;
}

/** Is this picture gone for good, or was it only the network? @param {string} url */
export async function isGone(url) {
  try {
    const answer = await fetch(url, { method: "HEAD", credentials: "same-origin", cache: "no-store" });
    return answer.status === 404 || answer.status === 410;
  } catch {
    return false;
  }
}

/** The address that downloads the original. @param {string} url */
export function downloadUrl(url) {
  if (!url.startsWith("/pictures/")) return url;
  return `${url}${url.includes("?") ? "&" : "?"}download=1`;
}
