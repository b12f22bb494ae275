// The mark on every page of the patient: how many logs the clinic does not have, and since when.
import { page } from "./own_facts.js";
import { soon, unsent } from "./offline.js";
import { logs } from "./kept.js";

const MINUTE_MS = 60000;

/** 4 min, 3 h, 2 days. */
export function age(milliseconds) {
  const minutes = Math.max(Math.floor(milliseconds / MINUTE_MS), 0);
  if (minutes < 90) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}

/** "1 log, 4 min old", "2 logs, just now" */
export function counted(entries, now) {
  const oldest = Math.min(...entries.map((entry) => entry.at));
  const since = now - oldest < MINUTE_MS ? "just now" : `${age(now - oldest)} old`;
  return `${entries.length} ${entries.length === 1 ? "log" : "logs"}, ${since}`;
}

/** Which line of the mark is true: refused first, because somebody has to act. */
export function lineFor(entries, about) {
  const states = entries.filter((entry) => entry.about === about).map((entry) => entry.state);
  if (!states.length) return "other";
  return ["refused", "sign_in"].find((state) => states.includes(state)) || "waiting";
}

export async function showUnsent() {
  const mark = document.getElementById("unsent");
  if (!mark) return;
  const entries = await unsent().catch(() => []);
  mark.hidden = entries.length === 0;
  if (mark.hidden) return;
  const line = lineFor(entries, page.about);
  setText(mark.querySelector("[data-count]"), counted(entries, Date.now()));
  for (const part of mark.querySelectorAll("[data-line]")) part.hidden = !part.dataset.line.split(" ").includes(line);
  setText(mark.querySelector("[data-why]"), entries.find((entry) => entry.why)?.why || "");
}

// Said again only when it changed.
function setText(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

export function watchUnsent() {
  document.addEventListener("kypho:logs", showUnsent);
  document.getElementById("unsent-send")?.addEventListener("click", soon);
  document.getElementById("unsent-remove")?.addEventListener("click", async () => {
    for (const entry of await unsent(page.about)) if (entry.state === "refused") await logs.remove(entry.id);
    showUnsent();
  });
  setInterval(showUnsent, MINUTE_MS);
  return showUnsent();
}
