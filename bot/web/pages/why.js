// "Why this?": the plan of a picture in a sheet, with everything one can do from there.

import { address, get } from "/static/api.js";
import { buttonOf, showBusy } from "/static/buttons.js";
import { el, fill, textButton, toast } from "/static/dom.js";
import { editForm } from "/static/edit.js";
import { frameOf } from "/static/pictures.js";
import { planBones, planProblem, planView } from "/static/plan.js";
import { openSheet } from "/static/sheet.js";
import { on } from "/static/store.js";
import { mixed, t } from "/static/texts.js";

/**
 * Open the sheet for a job.
 * @param {string} place @param {string} job
 * @param {{press: (button: string, fields?: any) => Promise<boolean>, openPictures: (pictures: any[], index: number) => void,
 *   onClose: () => void, startInEdit?: boolean}} acts
 */
export function openWhy(place, job, acts) {
  const sheet = openSheet({ title: t("page.why", "Why this?"), look: "sheet", content: [planBones()], onClose });
  const stop = on("busy", () => sheet.body.querySelectorAll("[data-button]").forEach(showBusy));
  function onClose() {
    stop();
    acts.onClose();
  }
  load(sheet, place, job, acts);
  return sheet;
}

async function load(sheet, place, job, acts) {
  try {
    const answer = await get(address(`/api/jobs/${encodeURIComponent(job)}`, { place }));
    if (acts.startInEdit && answer.job.edit) showEdit(sheet, answer.job, acts);
    else showPlan(sheet, answer.job, acts);
  } catch (error) {
    fill(sheet.body, planProblem(error.message));
  }
}

function showPlan(sheet, job, acts) {
  sheet.heading.textContent = t("page.why", "Why this?");
  fill(
    sheet.body,
    pictureRow(job, acts),
    el(
      "p",
      { class: "quiet by" },
      mixed("page.why.asked_by", "Asked by {name}", {
        name: el("bdi", {}, job.is_mine ? t("page.why.you", "you") : job.person.name),
      }),
      job.state === "done" ? "" : `; ${jobState(job.state)}`,
    ),
    planView(job.plan, job),
    el(
      "div",
      { class: "buttons sheet-buttons" },
      job.edit
        ? textButton(t("page.why.edit", "Edit and draw"), () => showEdit(sheet, job, acts), {
            class: "is-primary",
            picture: "edit",
          })
        : null,
      job.buttons
        .filter((button) => button.verb !== "why" && button.verb !== "edit")
        .map((button) => buttonOf(button, () => act(sheet, acts, button.id), { isShort: true })),
    ),
  );
  sheet.body.focus({ preventScroll: true });
}

function jobState(state) {
  const told = {
    queued: t("page.job.queued", "queued"),
    running: t("page.job.running", "running"),
    failed: t("page.job.failed", "failed"),
    cancelled: t("page.job.cancelled", "cancelled"),
  };
  return told[state] ?? state;
}

function pictureRow(job, acts) {
  if (!job.pictures?.length) return null;
  return el(
    "div",
    { class: `sheet-pictures ${job.pictures.length === 1 ? "is-one" : ""}` },
    job.pictures.map((image, index) =>
      frameOf(
        { ...image, alt: "" },
        {
          tag: "button",
          lazy: false,
          props: {
            type: "button",
            "aria-label": t("page.enlarge", "Enlarge: {label}", { label: image.alt || t("page.picture", "picture") }),
            onclick: () => acts.openPictures(job.pictures, index),
          },
        },
      ),
    ),
  );
}

async function act(sheet, acts, button, fields) {
  try {
    if (!(await acts.press(button, fields))) return;
    sheet.close();
  } catch (error) {
    toast(error.message, "bad");
  }
}

function showEdit(sheet, job, acts) {
  sheet.heading.textContent = t("page.why.edit", "Edit and draw");
  const form = editForm(job.edit.fields, {
    submit: (fields) => act(sheet, acts, job.edit.button, fields),
    back: () => showPlan(sheet, job, acts),
  });
  fill(sheet.body, form);
  form.querySelector("input, textarea")?.focus();
}
