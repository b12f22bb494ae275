// What this phone said of the logs it holds: in the mark on every page, and opened again in full on the log page.

import { unsent } from "./offline.js";
import { page } from "./page_data.js";
import { logs, profile, sent } from "./person_store.js";
import { CALL_911, clockOf, titleOf, URGENT } from "./tiers.js";
import { say } from "./words.js";

const SAVED = "#saved-";
const SHOWN = 3;
const mark = () => document.getElementById("unsent");

/** The log page that shows a kept verdict again. */
export const addressOf = (id) => `/log/${SAVED}${id}`;

/** The kept log this page was opened for, or null. */
export async function savedHere() {
  if (!location.hash.startsWith(SAVED)) return null;
  const id = location.hash.slice(SAVED.length);
  const found = (await all(logs)).find((entry) => entry.id === id);
  if (found?.verdict) return found;
  const known = (await all(sent)).find((entry) => entry.id === id);
  return known?.verdict ? { ...known, state: "sent" } : null;
}

/** Whom a kept log is about, when this page is about somebody else: {name, call, tel}; else null. */
export async function ofAnother({ about }) {
  return about === page.about ? null : (await profile.get())?.people?.[about] || null;
}

const all = (rows) => rows.all().catch(() => []);

/** The newest log the clinic has, with the phone's verdict on it. */
export async function lastSent() {
  const found = (await all(sent)).filter((entry) => entry.verdict && !entry.lost);
  return found.sort((a, b) => b.at - a.at)[0] || null;
}

/** Under the mark: each log the clinic does not have, what to do about it, and 911 where that is it. */
export async function showVerdicts() {
  const place = mark()?.querySelector("[data-verdicts]");
  if (!place) return;
  const entries = (await unsent().catch(() => [])).filter((entry) => entry.verdict).slice(0, SHOWN);
  const people = (await profile.get())?.people || {};
  const lines = entries.map((entry) => lineOf(entry, Object.keys(people).length > 1 ? people[entry.about]?.name : ""));
  if (place.textContent !== lines.map((line) => line.textContent).join("")) place.replaceChildren(...lines);
  place.hidden = !lines.length;
  mark().querySelector(".call-911").hidden = !entries.some((entry) => entry.tier === CALL_911);
}

// name: of whom it is, where it could be about more than one.
function lineOf({ id, at, tier, verdict }, name) {
  const line = document.createElement("li");
  const link = Object.assign(document.createElement("a"), {
    href: addressOf(id),
    textContent: say("See all of it"),
    className: "more-link",
    ariaLabel: say("See all of it: log of {time}", { time: clockOf(at) }),
  });
  const said = name ? "Your log about {name} of {time}" : "Your log of {time}";
  line.append(say(said, { name, time: clockOf(at) }), ...whatOf(tier, verdict), ". ", link);
  return line;
}

// What is not urgent has no name of its own.
function whatOf(tier, verdict) {
  if (!URGENT.includes(tier)) return [];
  return [": ", Object.assign(document.createElement("strong"), { textContent: titleOf(tier, verdict.erNow) })];
}
