// The person's own small window: name, theme, leaving.

import { post } from "/static/api.js";
import { el, textButton, toast } from "/static/dom.js";
import { openSheet } from "/static/sheet.js";
import { setMe, state } from "/static/store.js";
import { t } from "/static/texts.js";

const NAME_CHARS = 40;

/** Change the theme and keep it. @param {"auto"|"light"|"dark"} choice */
export function chooseTheme(choice) {
  try {
    localStorage.setItem("atelier.theme", choice);
  } catch {
    document.documentElement.dataset.theme = choice; // storage is off: for this page only
  }
  dispatchEvent(new Event("atelier:theme"));
}

/** Light becomes dark and dark becomes light. */
export function toggleTheme() {
  chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}

export function openProfile() {
  const name = el("input", {
    type: "text",
    id: "my-name",
    value: state.me.name,
    maxlength: NAME_CHARS,
    dir: "auto",
    autocomplete: "nickname",
  });
  const save = textButton(t("page.save", "Save"), null, { type: "submit", class: "is-primary" });
  const form = el(
    "form",
    { class: "profile-form" },
    el("label", { for: "my-name" }, t("page.profile.name", "Your name here")),
    el("div", { class: "row" }, name, save),
  );
  const sheet = openSheet({ title: t("page.profile", "You"), look: "small", content: [form, themes(), leaving()] });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = name.value.trim();
    if (!wanted) return name.focus();
    try {
      setMe(await post("/api/me", { name: wanted }));
      sheet.close();
      toast(t("page.profile.renamed", "You are {name} now", { name: wanted }));
    } catch (error) {
      toast(error.message, "bad");
    }
  });
  name.select();
}

function themes() {
  const chosen = document.documentElement.dataset.choice ?? "auto";
  const radios = [
    ["auto", t("page.theme.auto", "As the system")],
    ["light", t("page.theme.light", "Light")],
    ["dark", t("page.theme.dark", "Dark")],
  ].map(([value, label]) =>
    el(
      "label",
      {},
      el("input", {
        type: "radio",
        name: "theme",
        value,
        checked: value === chosen,
        onchange: () => chooseTheme(value),
      }),
      el("span", {}, label),
    ),
  );
  return el(
    "fieldset",
    { class: "themes" },
    el("legend", {}, t("page.profile.theme", "Look of the page")),
    el("div", { class: "segments" }, radios),
  );
}

function leaving() {
  const told =
    state.signIn === "link"
      ? t("page.profile.need_link", "You need a new link to come back.")
      : t("page.profile.forgotten", "Your name and session on this browser are forgotten.");
  return el(
    "div",
    { class: "leaving" },
    textButton(t("page.profile.leave", "Leave"), leave, { picture: "leave", class: "is-danger" }),
    el("small", { class: "quiet" }, told),
  );
}

async function leave() {
  try {
    await post("/api/leave");
    sessionStorage.clear();
    location.assign("/");
  } catch (error) {
    toast(error.message, "bad");
  }
}
