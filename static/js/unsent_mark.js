// The mark on every page of the patient: how many logs the clinic does not have, and since when.

import { soon, waiting } from "./offline.js";
import { page } from "./page_data.js";
import { logs, profile } from "./person_store.js";
import { showVerdicts } from "./shown_verdicts.js";
import { clockOf, titleOf, URGENT } from "./tiers.js";
import { say } from "./words.js";

const MINUTE_MS = 60000;

/** 4 min old, 3 h old, 2 days old. */
export function age(milliseconds) {
  const minutes = Math.floor(milliseconds / MINUTE_MS);
  if (minutes < 1) return say("just now");
  if (minutes < 90) return say("{number} min old", { number: minutes });
  if (minutes < 48 * 60) return say("{number} h old", { number: Math.floor(minutes / 60) });
  return say("{number} days old", { number: Math.floor(minutes / 1440) });
}

/** "1 log, 4 min old", "2 logs, just now" */
export function counted(entries, now) {
  const since = age(now - Math.min(...entries.map((entry) => entry.at)));
  const number = entries.length;
  return number === 1 ? say("1 log, {since}", { since }) : say("{number} logs, {since}", { number, since });
}

/** Which line of the mark is true: refused first, because somebody has to act. person: whoever is signed in. */
export function lineFor(entries, person) {
  const states = entries.filter((entry) => entry.person === person).map((entry) => entry.state);
  if (!states.length) return entries.some((entry) => entry.envelope) ? "other_urgent" : "other";
  return ["refused", "sign_in", "newer"].find((state) => states.includes(state)) || "waiting";
}

/**
 * Whose they are: "", unless the page could be read as about somebody else. Of the signed-in person's logs the patients
 * are named, of other people's who wrote them. people: {code: {name}} of whoever is signed in.
 */
export function whose(entries, { person, about, people = {} }) {
  const own = entries.filter((entry) => entry.person === person);
  const names = (own.length ? own : entries).map((entry) =>
    own.length ? Object.hasOwn(people, entry.about) && people[entry.about].name : entry.name,
  );
  const plain = own.length && own.every((entry) => entry.about === about) && Object.keys(people).length < 2;
  return plain ? "" : [...new Set(names.filter(Boolean))].join(", ");
}

export async function showUnsent() {
  const mark = document.getElementById("unsent");
  if (!mark) return;
  const entries = await waiting().catch(() => []);
  mark.hidden = entries.length === 0;
  if (mark.hidden) return;
  const { person, about } = page;
  const line = lineFor(entries, person);
  const shown = line.startsWith("other") ? entries : entries.filter((entry) => entry.person === person);
  const names = whose(shown, { person, about, people: (await profile.get())?.people });
  setText(mark.querySelector("[data-count]"), counted(shown, Date.now()) + (names ? ` (${names})` : ""));
  for (const part of mark.querySelectorAll("[data-line]")) part.hidden = !part.dataset.line.split(" ").includes(line);
  setText(mark.querySelector("[data-why]"), shown.find((entry) => entry.why)?.why || "");
  const others = line.startsWith("other") && shown.find((entry) => entry.urgent && entry.tel);
  if (others) callTheirClinic(mark.querySelector("[data-call]"), others);
  await showVerdicts();
}

// An urgent log that has gone out in the background: said on the page that is open, with what to do.
function showJustSent({ state, at, tier, erNow, told }) {
  const place = document.getElementById("just-sent");
  const now = told?.tier || tier;
  // The page of this very log says more.
  if (told?.advice && location.pathname === told.advice) return;
  if (!place || state !== "sent" || !URGENT.includes(now)) return;
  place.querySelector("[data-when]").textContent = clockOf(at);
  place.querySelector("[data-what]").textContent = titleOf(now, told?.er_now ?? erNow);
  if (told?.advice) place.querySelector("[data-advice]").href = told.advice;
  place.hidden = false;
}

// Another person's clinic may be another one.
function callTheirClinic(link, { call, tel }) {
  link.href = tel;
  setText(link.querySelector(".one-line"), call);
}

// Said again only when it changed.
function setText(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

export function watchUnsent() {
  document.addEventListener("kypho:logs", showUnsent);
  document.addEventListener("kypho:logs", ({ detail }) => detail && showJustSent(detail));
  document.getElementById("unsent-send")?.addEventListener("click", soon);
  document.getElementById("unsent-remove")?.addEventListener("click", async () => {
    /** @param {Marked} entry */
    const refused = ({ person, state }) => person === page.person && state === "refused";
    for (const entry of await waiting()) if (refused(entry)) await logs.remove(entry.id);
    showUnsent();
  });
  setInterval(showUnsent, MINUTE_MS);
  return showUnsent();
}
