// One upload as a card: how far it is, what is asked about it, and what became of it.

import { el, fill, freshId, icon, iconButton, textButton } from "/static/dom.js";
import { KINDS, LICENCES, bytesText } from "/static/look-words.js";
import { kindText, t } from "/static/texts.js";

const STEPS = [
  ["received", t("page.step.received", "Received")],
  ["checked", t("page.step.checked", "Checked")],
  ["identified", t("page.step.identified", "Identified")],
  ["previewing", t("page.step.previewing", "Preview drawn")],
  ["waiting", t("page.step.waiting", "Waiting for a moderator")],
];
const ORDER = ["fetching", "received", "checked", "identified", "previewing", "waiting", "approved"];
const ENDS = {
  approved: ["check", t("page.end.approved", "Approved"), t("page.end.approved_told", "Everybody here can ask for it by its name now.")],
  rejected: ["close", t("page.end.rejected", "Turned down"), ""],
  retired: ["trash", t("page.state.retired", "Retired"), ""],
  refused: ["alert", t("page.end.refused", "This can't be taken"), ""],
  known: ["check", t("page.end.known", "It is here already"), t("page.end.known_told", "The same file is known in this place; nothing more is needed.")],
};
const CURE = t("page.end.cure", "What works: the LoRA itself as a .safetensors file, as it came from its trainer or its page.");

/** @param {import("/static/uploads.js").Upload} upload @param {{remove: () => void, again: () => void}} acts */
export function uploadCard(upload, acts) {
  const title = el("h3", { dir: "auto" }, upload.name);
  const told = el("p", { class: "upload-told" });
  const beside = el("p", { class: "upload-told", dir: "auto", hidden: true });
  const fillBar = el("i", { class: "bar-fill" });
  const bar = el("div", { class: "track", role: "progressbar", "aria-label": t("page.upload.sending", "Sending {name}", { name: upload.name }), "aria-valuemin": "0", "aria-valuemax": "100" }, fillBar);
  const buttons = el("div", { class: "row" });
  const steps = el("ol", { class: "steps", hidden: true });
  const end = el("div", { role: "status" });
  const form = questions(upload);
  const node = el(
    "li",
    { class: "upload-card" },
    el("div", { class: "upload-head" }, el("div", { class: "upload-name" }, title, told, beside), buttons, iconButton("close", t("page.remove", "Remove {name}", { name: upload.name }), acts.remove)),
    bar,
    steps,
    end,
    form.node,
  );
  let shown = "";
  const show = () => {
    const part = upload.size ? upload.sent / upload.size : 0;
    fillBar.style.transform = `scaleX(${part})`;
    bar.setAttribute("aria-valuenow", String(Math.floor(part * 100)));
    bar.classList.toggle("is-still", ["paused", "waiting", "lost"].includes(upload.state));
    bar.hidden = Boolean(upload.intake) || upload.state === "failed";
    told.textContent = tellOf(upload);
    const names = Object.keys(upload.beside);
    beside.hidden = !names.length;
    beside.textContent = t("page.upload.with", "with {names}", { names: names.join(", ") });
    form.show(upload);
    const now = JSON.stringify([upload.state, upload.intake?.state, upload.drawn, upload.error, Boolean(upload.answers)]);
    if (now === shown) return;
    shown = now;
    node.dataset.state = upload.intake?.state ?? upload.state;
    fill(buttons, buttonsOf(upload, acts));
    showSteps(steps, upload);
    fill(end, endOf(upload));
  };
  show();
  return { node, show, form };
}

function buttonsOf(upload, acts) {
  if (upload.state === "going" && !upload.intake)
    return [iconButton("pause", t("page.upload.pause", "Pause {name}", { name: upload.name }), () => upload.pause())];
  if (upload.state === "paused") return [iconButton("play", t("page.upload.go_on", "Go on with {name}", { name: upload.name }), () => upload.go())];
  if (upload.state === "waiting") return [textButton(t("page.upload.try_now", "Try now"), () => upload.go(), { class: "is-tiny" })];
  if (upload.state === "lost") return [textButton(t("page.upload.choose_again", "Choose the file again"), acts.again, { class: "is-primary", picture: "upload" })];
  return [];
}

function tellOf(upload) {
  const { sent, size, state, leftInS, intake } = upload;
  const all = bytesText(size);
  if (intake || state === "failed") return all;
  const part = t("page.of", "{at} of {all}", { at: bytesText(sent), all });
  if (state === "paused") return t("page.upload.paused", "{part} · paused", { part });
  if (state === "waiting") return t("page.upload.no_connection", "{part} · no connection; goes on by itself", { part });
  if (state === "lost") return t("page.upload.stopped", "{part} · stopped; choose the same file and it goes on from there", { part });
  if (state === "sent") return t("page.upload.all_here", "{all} · all here; answer the questions to hand it in", { all });
  if (!upload.token) return t("page.upload.starting", "{all} · starting", { all });
  return leftInS === null ? part : t("page.upload.left", "{part} · {span} left", { part, span: leftText(leftInS) });
}

function leftText(seconds) {
  if (seconds < 60) return t("page.span.seconds", "{n} s", { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 3600) return t("page.age.minutes", "{n} min", { n: Math.round(seconds / 60) });
  return t("page.age.hours", "{n} h", { n: (seconds / 3600).toFixed(1) });
}

function showSteps(list, upload) {
  const state = upload.intake?.state;
  list.hidden = !state || !ORDER.includes(state) || state === "approved";
  if (list.hidden) return;
  const at = ORDER.indexOf(state);
  fill(
    list,
    STEPS.map(([step, label]) => {
      const place = ORDER.indexOf(step);
      // "received" and so on are states that were reached; "previewing" is one that lasts.
      const isLasting = step === "previewing";
      const isDone = isLasting ? at > place : at >= place && step !== "waiting";
      const isNow = isLasting ? at === place || at === place - 1 : !isDone && at === place;
      const drawn = isLasting && at === place ? upload.drawn : null;
      const text = isLasting && isNow ? previewText(drawn) : label;
      const mark = isDone ? icon("check") : isNow && step !== "waiting" ? el("span", { class: "spinner" }) : el("i", { class: "step-dot" });
      const look = isDone ? "is-done" : isNow ? "is-now" : "";
      return el("li", { class: look, "aria-current": isNow ? "step" : null }, mark, el("span", {}, text));
    }),
  );
}

function previewText(drawn) {
  if (!drawn) return t("page.step.drawing", "Drawing the preview");
  return t("page.step.drawing_at", "Drawing the preview {done} of {all}", { done: drawn.done, all: drawn.of });
}

function endOf(upload) {
  if (upload.state === "failed")
    return el("div", { class: "upload-end is-refused" }, icon("alert"), el("div", {}, el("b", {}, t("page.end.failed", "This was not taken")), el("p", { dir: "auto" }, upload.error)));
  const state = upload.intake?.state;
  if (!ENDS[state]) return [];
  const [picture, title, text] = ENDS[state];
  const { why, name } = upload.intake;
  const words = [state === "approved" ? text : why || text, state === "refused" && !/safetensors/.test(why) ? CURE : ""];
  const named = name && state !== "refused" ? `${title}: ${name}` : title;
  return el(
    "div",
    { class: `upload-end is-${state}` },
    icon(picture),
    el("div", {}, el("b", { dir: "auto" }, named), words.filter(Boolean).map((line) => el("p", { dir: "auto" }, line))),
  );
}

/** What only people can tell. It can be answered while the bytes are on their way. */
function questions(upload) {
  const name = field("text", t("page.field.name", "Name"), { maxlength: 80, placeholder: upload.name.replace(/\.[^.]+$/, "") });
  const kindId = freshId("kind");
  const kind = el("select", { id: kindId }, [["", t("page.field.not_sure", "not sure")], ...KINDS.map((each) => [each, kindText(each)])].map(([value, text]) => el("option", { value }, text)));
  const licence = field("text", t("page.field.licence", "Licence"), { maxlength: 200, placeholder: t("page.field.licence_hint", "as its creator gave it") });
  const offers = el("datalist", { id: freshId("licences") }, LICENCES.map((each) => el("option", { value: each })));
  licence.input.setAttribute("list", offers.id);
  const consent = field("text", t("page.field.consent", "Who allowed it, and how?"), { maxlength: 200, placeholder: t("page.field.consent_hint", "such as: my own face; written consent of …") });
  const person = radios(t("page.field.person", "Does it show a real person?"), () => (consent.box.hidden = person.value !== "yes"));
  const brand = radios(t("page.field.brand", "Does it show a brand or a protected character?"), () => {});
  consent.box.hidden = true;
  const problem = el("p", { class: "problem", role: "alert" });
  const send = textButton(t("page.upload.hand_in", "Hand it in"), null, { type: "submit", class: "is-primary is-solid", picture: "check" });
  const form = el(
    "form",
    { class: "questions", novalidate: true },
    el("div", { class: "questions-grid" }, name.box, el("div", { class: "field" }, el("label", { for: kindId }, t("page.field.kind", "Kind")), kind), licence.box),
    offers,
    person.box,
    consent.box,
    brand.box,
    problem,
    el("div", { class: "row" }, send, el("small", { class: "quiet" }, t("page.upload.read", "Triggers, base and weight are read from the file."))),
  );
  const done = el("p", { class: "quiet", hidden: true }, t("page.upload.thanks", "Thank you. It is handed in as soon as the last byte is there."));
  const handed = [];
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = !person.value ? person : !brand.value ? brand : null;
    if (missing) {
      problem.textContent = t("page.upload.answer", "Please answer this, so that nobody's face or mark is used against their will.");
      return missing.focus();
    }
    if (person.value === "yes" && !consent.input.value.trim()) {
      problem.textContent = t("page.upload.agreed", "A real person has to have agreed: please say who allowed it.");
      return consent.input.focus();
    }
    problem.textContent = "";
    const said = {
      name: name.input.value.trim(),
      kind: kind.value,
      licence: licence.input.value.trim(),
      real_person: person.value,
      consent: person.value === "yes" ? consent.input.value.trim() : "",
      brand: brand.value,
    };
    upload.answer(Object.fromEntries(Object.entries(said).filter(([, value]) => value)));
    for (const listener of handed) listener(said);
  });
  const node = el("div", {}, form, done);
  return {
    node,
    /** @param {(said: any) => void} listener */
    onHanded: (listener) => handed.push(listener),
    /** Files that came together mostly have the same answers. */
    offer(said) {
      if (!licence.input.value) licence.input.value = said.licence;
      if (!person.value) person.choose(said.real_person);
      if (!brand.value) brand.choose(said.brand);
      if (!consent.input.value) consent.input.value = said.consent;
      consent.box.hidden = person.value !== "yes";
    },
    show({ answers, intake, state }) {
      form.hidden = Boolean(answers || intake || state === "failed");
      done.hidden = !answers || Boolean(intake) || state === "failed";
    },
  };
}

function field(type, label, props) {
  const input = el("input", { type, id: freshId("field"), dir: "auto", autocomplete: "off", ...props });
  return { input, box: el("div", { class: "field" }, el("label", { for: input.id }, label), input) };
}

function radios(question, changed) {
  const name = freshId("answer");
  const inputs = [["no", t("page.no", "No")], ["yes", t("page.yes", "Yes")]].map(([value, text]) => {
    const input = el("input", { type: "radio", name, value, onchange: changed });
    return { input, label: el("label", {}, input, el("span", {}, text)) };
  });
  const box = el("fieldset", { class: "answer" }, el("legend", {}, question), el("div", { class: "segments" }, inputs.map(({ label }) => label)));
  return {
    box,
    focus: () => inputs[0].input.focus(),
    choose: (value) => inputs.forEach(({ input }) => (input.checked = input.value === value)),
    get value() {
      return inputs.find(({ input }) => input.checked)?.input.value ?? "";
    },
  };
}
