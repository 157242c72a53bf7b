// Where the page is: kept in the address's fragment, so links and the back button work.

/** @typedef {{place: string|null, view: "chat"|"gallery"|"looks", part: string|null, job: string|null}} Route */

const VIEWS = ["gallery", "looks"];
const PARTS = ["vet", "bring"];
let opened = 0;
/** Settles when the step back that closes a plan is done. @type {Promise<void>|null} */
let leaving = null;

/** @returns {Route} */
export function current() {
  const parts = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decode);
  const view = VIEWS.includes(parts[1]) ? parts[1] : "chat";
  const part = view === "looks" && PARTS.includes(parts[2]) ? parts[2] : null;
  const at = parts.indexOf("job");
  return { place: parts[0] ?? null, view, part, job: at > 0 ? (parts[at + 1] ?? null) : null };
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** @param {Partial<Route>} route */
export function linkTo({ place, view = "chat", part = null, job = null }) {
  const home = encodeURIComponent(place ?? "").replaceAll("%3A", ":");
  const parts = [home, view === "chat" ? "" : view, part ?? "", job ? `job/${encodeURIComponent(job)}` : ""];
  return `#/${parts.filter((each, index) => each || !index).join("/")}`;
}

/** @param {Partial<Route>} route */
export function go(route) {
  location.hash = linkTo(route);
}

/** Change the address without a step in the history. */
export function settle(route) {
  history.replaceState(history.state, "", linkTo(route));
}

/** Open the picture's plan over what is shown; back closes it. */
export function openJob(job) {
  if (leaving) return void leaving.then(() => openJob(job)); // the step back would undo this one
  if (current().job === job) return;
  opened += 1;
  go({ ...current(), job });
}

/** Close the plan again. */
export function closeJob() {
  if (!current().job) return;
  if (opened > 0) {
    opened -= 1;
    leaving = new Promise((resolve) => addEventListener("popstate", resolve, { once: true })).then(() => (leaving = null));
    history.back();
  } else {
    settle({ ...current(), job: null });
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}
