// A log that is half filled in comes back after a reload or a call in between; one that was sent comes back with the
// browser's Back button and then takes its own place. Kept closed for its person (store.js), gone once it is sent.
import { logs, sent } from "./person_store.js";
import { get, put, remove } from "./store.js";
import { clockOf } from "./tiers.js";

const PAUSE_MS = 300;
// Older answers describe another day.
const KEPT_MS = 12 * 3600000;
const SENT_HERE = "kypho-sent-here";
const OWN = new Set(["csrfmiddlewaretoken", "about"]);
const note = document.getElementById("draft-note");
let timer = 0;
let touched = false;

const entriesOf = (form) => [...new FormData(form)].filter(([name]) => !OWN.has(name));

/** Keep what is filled in, a moment after each change. */
export function keepDraft(form, about) {
  const save = () => put("draft", about, { entries: entriesOf(form), at: Date.now() }).catch(() => null);
  const soon = () => {
    touched = true;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  addEventListener("pagehide", () => timer && save());
}

/** It was sent, or the person starts over. id: the log it became. */
export async function forgetDraft(about, id = "") {
  clearTimeout(timer);
  timer = 0;
  if (id) remember(id);
  await remove("draft", about).catch(() => null);
}

// The id alone, for this tab: not an answer, and gone when the tab is closed.
function remember(id) {
  try {
    sessionStorage.setItem(SENT_HERE, id);
  } catch {
    // No storage: Back shows an empty log.
  }
}

/** Bring back what was filled in. Returns the id of the log that was sent from it, to be replaced; "" for a draft. */
export async function bringBack(form, about) {
  const before = (await sentBefore(about)) || (await draftOf(about));
  if (!before || touched) return "";
  fillIn(form, before.entries || entriesOfAnswers(form, before.body.answers));
  for (const line of note.querySelectorAll("[data-sent], [data-draft]")) line.hidden = true;
  const part = note.querySelector(before.body ? "[data-sent]" : "[data-draft]");
  part.querySelector("[data-when]").textContent = clockOf(before.at);
  part.hidden = note.hidden = false;
  // The browser comes back to where it was, far below the note.
  document.getElementById("takes-place").hidden = !before.body;
  return before.body ? before.id : "";
}

export function onStartOver(act) {
  for (const link of document.querySelectorAll("#draft-note a, #takes-place a")) link.addEventListener("click", act);
}

async function draftOf(about) {
  const found = await get("draft", about).catch(() => null);
  if (!found || found.lost) return null;
  if (Date.now() - found.at < KEPT_MS) return found;
  await remove("draft", about).catch(() => null);
  return null;
}

// Only with Back: whoever opens the log anew has something new to tell.
async function sentBefore(about) {
  const [came] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  if (came?.type !== "back_forward") return null;
  const id = globalThis.sessionStorage?.getItem(SENT_HERE);
  for (const rows of id ? [logs, sent] : []) {
    const found = (await rows.all().catch(() => [])).find(
      (entry) => entry.id === id && entry.about === about && entry.body,
    );
    if (found) return found;
  }
  return null;
}

function entriesOfAnswers(form, answers) {
  const given = Object.entries(answers).flatMap(([code, value]) => [value].flat().map((one) => [code, String(one)]));
  const opened = Object.keys(answers).map((code) => [`open_${code}`, "1"]);
  return [...given, ...opened.filter(([name]) => form.elements.namedItem(name))];
}

function fillIn(form, entries) {
  const values = new Map();
  for (const [name, value] of entries) values.set(name, [...(values.get(name) || []), value]);
  for (const field of form.elements) {
    if (!field.name || OWN.has(field.name)) continue;
    const given = values.get(field.name);
    if (field.type === "radio" || field.type === "checkbox")
      field.checked = given?.includes(field.value) ?? (field.name === "temp_unit" && field.defaultChecked);
    else if (given) field.value = given[0];
  }
}
