// Files dragged over the page: into the message, to read the recipe inside, or as new looks.

import { el, icon } from "/static/dom.js";
import { t } from "/static/texts.js";

/** @param {{attach: (files: File[]) => void, readRecipe: (file: File) => void, bring: (files: File[]) => void, view: () => string}} acts */
export function acceptDrops({ attach, readRecipe, bring, view }) {
  const add = target("plus", t("page.drop.add", "Add to your message"), t("page.drop.add_told", "as a reference for a new picture"), attach);
  const read = target("recipe", t("page.drop.read", "Read its recipe"), t("page.drop.read_told", "for a picture that was made here"), (files) =>
    readRecipe(files[0]),
  );
  const look = target("upload", t("page.drop.look", "Bring as a look"), t("page.drop.look_told", "one or several .safetensors files"), bring);
  const shade = el("div", { class: "drops", hidden: true }, add, read, look);
  document.body.append(shade);
  let depth = 0;
  const hide = () => {
    depth = 0;
    shade.hidden = true;
  };
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    depth += 1;
    add.hidden = view() !== "chat";
    read.hidden = view() === "looks";
    look.hidden = view() !== "looks";
    shade.hidden = Boolean(document.querySelector("dialog[open]"));
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    depth -= 1;
    if (depth <= 0) hide();
  });
  addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    hide();
    const files = [...event.dataTransfer.files];
    const chosen = event.target.closest?.(".drop-target");
    const usual = { chat: attach, looks: bring }[view()] ?? ((all) => readRecipe(all[0]));
    if (files.length) (chosen?.take ?? usual)(files);
  });
}

function hasFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}

function target(picture, title, detail, take) {
  const node = el("div", { class: "drop-target" }, icon(picture), el("b", {}, title), el("span", {}, detail));
  node.take = take;
  node.addEventListener("dragenter", () => node.classList.add("is-over"));
  node.addEventListener("dragleave", () => node.classList.remove("is-over"));
  node.addEventListener("drop", () => node.classList.remove("is-over"));
  return node;
}
