// The one-time upload link: somebody who comes from a chat, without a session, with one file.

import { sortOut, textsOf } from "/static/beside.js";
import { el, fill, icon, textButton } from "/static/dom.js";
import { bytesText } from "/static/look-words.js";
import { mixed, t } from "/static/texts.js";
import { uploadCard } from "/static/upload-card.js";
import { Upload } from "/static/uploads.js";

const KEPT = "atelier.upload-link";

export async function showUpload() {
  document.head.append(el("link", { rel: "stylesheet", href: "/static/looks.css" }));
  const token = location.hash.slice(1) || recall();
  // Whatever loads this page again, the link that was opened last is the one that counts.
  keep(token);
  history.replaceState(null, "", "/upload");
  addEventListener("hashchange", opensAnother);
  if (!token) return gone();
  let told;
  try {
    told = await ask(token);
  } catch (error) {
    return error.status === 404 ? gone() : problem(() => showUpload());
  }
  page(token, told);
}

function opensAnother() {
  if (location.hash.length < 2) return;
  keep(location.hash.slice(1));
  location.reload();
}

async function ask(token, body) {
  const headers = { "X-Atelier": "1", "X-Upload-Token": token, ...(body ? { "Content-Type": "application/json" } : {}) };
  const request = body ? { method: "POST", body: JSON.stringify(body) } : { method: "GET" };
  const answer = await fetch("/api/registry/upload", { ...request, headers, cache: "no-store" });
  const read = await answer.json().catch(() => ({}));
  if (answer.ok) return read;
  throw Object.assign(new Error(read.error?.text || t("page.upload.failed", "That did not work.")), { status: answer.status });
}

function keep(token) {
  try {
    sessionStorage.setItem(KEPT, token);
  } catch {
    // storage is switched off: a reload needs the link again
  }
}

function recall() {
  try {
    return sessionStorage.getItem(KEPT) ?? "";
  } catch {
    return "";
  }
}

function frame(...content) {
  const app = document.getElementById("app");
  app.className = "entry";
  app.removeAttribute("aria-busy");
  document.getElementById("skip").hidden = true;
  fill(
    app,
    el("main", { class: "entry-card is-wide" }, el("img", { src: "/static/icon.svg", alt: "", width: 72, height: 72 }), ...content),
  );
}

function gone() {
  frame(
    el("h1", {}, t("page.upload.gone", "This link takes nothing any more")),
    el("p", { role: "alert" }, mixed("page.upload.gone_told", "Upload links work once and for a while. Ask the bot for a new one where you got this: {command}.", { command: el("code", {}, "/lora add") })),
  );
}

function problem(again) {
  frame(
    el("h1", {}, t("page.silent", "Atelier is not answering")),
    el("p", { role: "alert" }, t("page.upload.still_good", "Your link is still good. Please try again in a moment.")),
    textButton(t("page.again", "Try again"), again, { class: "is-primary is-large" }),
  );
}

function page(token, told) {
  const list = el("ul", { class: "upload-list" });
  const wrong = el("p", { class: "problem", role: "alert" });
  const input = el("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  const zone = el(
    "button",
    { type: "button", class: "drop-zone", onclick: () => ((input.value = ""), input.click()) },
    icon("upload"),
    el("b", {}, t("page.upload.choose", "Choose a LoRA file, or drop it here")),
    el("span", {}, t("page.upload.most", ".safetensors, at most {most}", { most: bytesText(told.cap_bytes) })),
    el("small", {}, t("page.upload.beside", "What lies beside it comes along: .civitai.info, .metadata.json, .json")),
  );
  let current = null;
  let dropping = Promise.resolve();
  const show = (upload) => {
    current = upload;
    const card = uploadCard(upload, { remove: () => anew(), again: () => zone.click() });
    upload.changed = () => {
      card.show();
      zone.hidden = upload.state !== "failed" && upload.state !== "lost";
    };
    fill(list, card.node);
    upload.go();
  };
  const anew = () => {
    const isIn = Boolean(current?.intake);
    dropping = Promise.resolve(current?.drop());
    current = null;
    fill(list);
    zone.hidden = isIn;
    if (isIn) gone();
    else zone.focus();
  };
  const take = async (files) => {
    wrong.textContent = "";
    const { loras, free } = sortOut([...files]);
    if (loras.length > 1) return (wrong.textContent = t("page.upload.one", "This link takes one LoRA: choose one .safetensors file, with what lies beside it."));
    if (!loras.length) {
      if (free.length && current && !current.intake) current.bring(await textsOf(free));
      else if (free.length) wrong.textContent = t("page.upload.beside_only", "That lies beside a LoRA: choose its .safetensors file, too.");
      return;
    }
    const [{ file, beside }] = loras;
    if (current?.state === "lost" && current.isOf(file)) {
      current.file = file;
      return current.go();
    }
    try {
      await dropping;
      await ask(token, { name: file.name, size_bytes: file.size });
      current?.leave();
      show(new Upload({ token, file, name: file.name, size: file.size, changedAt: file.lastModified, changed: () => {} }));
      current.bring(await textsOf(beside));
      zone.hidden = true;
    } catch (error) {
      wrong.textContent = error.message;
    }
  };
  input.addEventListener("change", () => take(input.files));
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  addEventListener("drop", (event) => take(event.dataTransfer?.files ?? []));
  frame(
    el("h1", {}, t("page.upload.title", "Send your LoRA")),
    el("p", {}, t("page.upload.how", "It is checked, shown at work, and left for a moderator. You hear what becomes of it where you got this link.")),
    zone,
    input,
    wrong,
    list,
  );
  if (told.name && told.size_bytes) {
    show(new Upload({ token, name: told.name, size: told.size_bytes, changed: () => {} }));
    if (told.intake) zone.hidden = true;
  } else zone.focus();
}
