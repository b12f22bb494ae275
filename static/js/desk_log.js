// A log by phone: the rules of the patient's own phone run beside the questions, so that whoever has the patient on the
// line reads at once what to tell them, and what is urgent is stored before the rest. Nothing lies in the browser. The
// page works without this file: the style sheet shows the 911 panel, and Send judges.
import { readAnswers } from "./answers.js";
import { isEmergency, showEmergency, watchEmergency } from "./emergency.js";
import { untick } from "./exclusive_answers.js";
import { watchNote } from "./note_question.js";
import { verdictOf } from "./phone_verdict.js";
import { titleOf, URGENT } from "./tiers.js";

const RETRY_MS = 5000;
const form = document.getElementById("log-form");
const dialog = document.getElementById("dialog-911");
const box = document.getElementById("so-far");
const state = dialog.querySelector(".dialog-state");
const facts = { ...JSON.parse(document.getElementById("patient-facts").textContent), fetched_at: Date.now() };
let stored = "";
let again = 0;

function judged() {
  const asked = (code) => Boolean(form.elements.namedItem(code));
  const { answers } = readAnswers(new FormData(form), { asked, partial: true });
  return verdictOf(facts, [], answers, Date.now());
}

// What is urgent already, stored as a part of this log: the whole one takes its place.
async function tell() {
  clearTimeout(again);
  const said = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  if (said.toString() === stored) return;
  state.textContent = state.dataset.telling;
  const id = await store(said).catch(() => "");
  state.textContent = id ? state.dataset.told : state.dataset.notTold;
  if (!id) {
    again = setTimeout(tell, RETRY_MS);
    return;
  }
  stored = said.toString();
  form.elements.supersedes.value = id;
  // The server keeps that too, in case this page is reloaded.
  form.dispatchEvent(new Event("input"));
}

async function store(body) {
  const answer = await fetch(form.dataset.urgent, {
    method: "POST",
    headers: { "X-Background": "1" },
    redirect: "error",
    body,
  });
  return answer.ok ? (await answer.json()).stored : "";
}

// Below 911 nothing covers the questions: one line says what the rules say so far.
function showSoFar() {
  const verdict = judged();
  const isUrgent = URGENT.includes(verdict.tier) && !verdict.asksAboutNote;
  box.hidden = !isUrgent || isEmergency();
  const heading = titleOf(verdict.tier, verdict.erNow);
  const texts = verdict.messages.map(({ text }) => text).join(" ");
  if (box.hidden || box.dataset.said === texts) return;
  box.dataset.said = texts;
  box.querySelector("[data-heading]").textContent = heading;
  box.querySelector("[data-words]").textContent = texts;
}

form.addEventListener("change", ({ target }) => untick(form, target));
watchEmergency(judged, tell);
form.addEventListener("change", showSoFar);
watchNote(judged);
form.addEventListener("submit", () => clearTimeout(again));
showSoFar();
// Tapped before this script was there, and stored by nobody yet.
if (isEmergency() && !form.elements.supersedes.value) {
  showEmergency(null);
  tell();
}
