// Before one is in: entering with a link, asking for one, or waiting for the bot to start.

import { post } from "/static/api.js";
import { el, fill, icon, textButton } from "/static/dom.js";
import { mixed, t } from "/static/texts.js";

/** A page with one thing on it. */
function page(...content) {
  const app = document.getElementById("app");
  app.className = "entry";
  app.removeAttribute("aria-busy");
  document.getElementById("skip").hidden = true;
  fill(
    app,
    el(
      "main",
      { class: "entry-card" },
      el("img", { src: "/static/icon.svg", alt: "", width: 72, height: 72 }),
      ...content,
    ),
  );
}

/** The one-time link was opened: nothing happens until the button is pressed. */
export function showEnter() {
  const token = location.hash.slice(1);
  history.replaceState(null, "", "/enter");
  addEventListener("hashchange", () => location.hash && showEnter(), { once: true });
  if (!token) return showNeedsLink();
  const problem = el("p", { class: "problem", role: "alert" });
  const enter = textButton(
    t("page.entry.enter", "Enter"),
    async () => {
      if (enter.classList.contains("is-busy")) return; // the link works once
      enter.classList.add("is-busy");
      try {
        await post("/api/enter", { token });
        location.replace("/");
      } catch (error) {
        enter.classList.remove("is-busy");
        if (error.isPassing) fill(problem, error.message);
        else
          page(
            el("h1", {}, t("page.entry.used", "This link opens nothing any more")),
            el("p", { role: "alert" }, error.message),
            howToGetIn(),
          );
      }
    },
    { class: "is-primary is-large" },
  );
  page(
    el("h1", {}, t("page.entry.welcome", "Welcome to the atelier")),
    el("p", {}, t("page.entry.once", "This link signs you in on this browser. It works once.")),
    enter,
    problem,
  );
  enter.focus();
}

/** Signed out, and only a link lets one in. */
export function showNeedsLink() {
  page(
    el("h1", {}, t("page.entry.needs", "You need a link to come in")),
    el(
      "p",
      {},
      t("page.entry.what", "Atelier makes pictures from plain words, for one community. A link of your own opens the door."),
    ),
    howToGetIn(),
  );
}

function howToGetIn() {
  return el(
    "ul",
    { class: "ways" },
    el(
      "li",
      {},
      icon("chat"),
      el(
        "span",
        {},
        mixed("page.entry.chat", "On Discord or Telegram, send the bot {command}: it answers with your link.", {
          command: el("code", {}, "/web"),
        }),
      ),
    ),
    el(
      "li",
      {},
      icon("terminal"),
      el(
        "span",
        {},
        mixed("page.entry.host", "The host makes one with {command}.", {
          command: el("code", {}, "atelier web link"),
        }),
      ),
    ),
  );
}

/** The bot can't be reached yet. @param {string} text @param {() => void} again */
export function showProblem(text, again) {
  page(
    el("h1", {}, t("page.silent", "Atelier is not answering")),
    el("p", { role: "alert" }, text),
    textButton(t("page.again", "Try again"), again, { class: "is-primary is-large" }),
  );
}
