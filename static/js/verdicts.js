// What this phone said of the logs it holds: in the mark on every page, and opened again in full on the log page.
import { logs, sent } from "./kept.js";
import { unsent } from "./offline.js";
import { clockOf, titleOf, URGENT } from "./tiers.js";

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
  const lines = entries.map(lineOf);
  if (place.textContent !== lines.map((line) => line.textContent).join("")) place.replaceChildren(...lines);
  place.hidden = !lines.length;
  mark().querySelector(".call-911").hidden = !entries.some((entry) => entry.tier === "call_911");
}

function lineOf({ id, at, tier, verdict }) {
  const line = document.createElement("li");
  const title = Object.assign(document.createElement(URGENT.includes(tier) ? "strong" : "span"), { textContent: titleOf(tier, verdict.erNow) });
  const link = Object.assign(document.createElement("a"), { href: addressOf(id), textContent: "See all of it", className: "more-link" });
  const whose = Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: ` of ${clockOf(at)}` });
  link.append(whose);
  line.append(`Your log of ${clockOf(at)}: `, title, ". ", link);
  return line;
}
