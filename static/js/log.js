// The log works without this file. It adds: the phone's own judgement, sending that survives a lost signal, telling
// the clinic the moment an emergency answer is tapped, the full-screen 911 view, and the Tylenol sum.
import { setState, showAdvice, showSoFar } from "./advice.js";
import { readAnswers } from "./answers.js";
import { showBodies } from "./body_picture.js";
import { bringBack, forgetDraft, keepDraft, onStartOver } from "./draft.js";
import { isEmergency, knownEmergency, showEmergency, watchEmergency } from "./emergency.js";
import { untick } from "./exclusive_answers.js";
import { clearProblems, showProblems } from "./form_errors.js";
import { countLetters } from "./letter_count.js";
import { watchNote } from "./note_question.js";
import { deliver, entryOf, keep, unsent, uuid } from "./offline.js";
import { knownFacts } from "./own_facts.js";
import { logs } from "./person_store.js";
import { verdictOf } from "./phone_verdict.js";
import { words } from "./questions.js";
import { ofAnother, savedHere } from "./shown_verdicts.js";
import { watchSteps } from "./step_seconds.js";
import { tell } from "./tell_clinic.js";
import { CALL_911, URGENT } from "./tiers.js";
import { sumOf } from "./tylenol.js";
import { numberOf } from "./typed_text.js";
import { say } from "./words.js";
// What those import in their turn, named here so that a browser asks for all of it at once.
import "./rulebook.js";
import "./free_text.js";
import "./triage.js";
import "./triage_facts.js";
import "./store.js";
import "./db.js";
import "./person_keys.js";
import "./seal_log.js";

const form = document.getElementById("log-form");
const dialog = document.getElementById("dialog-911");
const button = form.querySelector(".send");
const ANSWER_MS = 4000;
const AGAIN_MS = 10000;
const about = form.elements.about.value;
// What this phone knows of the person, and what it has not sent: kept at hand, so that judging waits for nothing.
const own = { facts: null, unsent: [] };
const withSteps = watchSteps(form);
let sentFromHere = "";
let reopened = "";

// ---- What the phone knows

async function recall() {
  own.facts ||= await knownFacts(about);
  own.unsent = await unsent(about)
    .then((found) => found.sort((a, b) => a.at - b.at))
    .catch(() => own.unsent);
}
document.addEventListener("kypho:facts", ({ detail }) => {
  if (detail.about === about) own.facts = detail;
});
document.addEventListener("kypho:logs", recall);

function read(partial = false) {
  const asked = (code) => Boolean(form.elements.namedItem(code));
  return readAnswers(new FormData(form), { asked, partial, byHelper: "helper" in form.dataset });
}

function judged(answers, at = Date.now()) {
  return verdictOf(own.facts, own.unsent, answers, at, form.elements.supersedes.value || null);
}

const token = () => form.elements.csrfmiddlewaretoken.value;

// ---- Send: judge here, keep, then let the network answer for a moment

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (button.disabled) return;
  button.disabled = true;
  button.textContent = button.dataset.sending;
  send(event.submitter?.name === "partial")
    .catch(() => sendByPage())
    .finally(() => {
      button.disabled = false;
      button.textContent = button.dataset.send;
    });
});

async function send(partial) {
  const { answers, problems } = read(partial);
  const verdict = judged(answers);
  if (problems.length) return putRight(answers, problems, verdict);
  clearProblems(form);
  const entry = newEntry(answers, verdict, partial);
  const emergency = verdict.tier === CALL_911;
  if (emergency) showAdvice(verdict, "sending");
  const isKept = await keep(entry);
  if (isKept) await forgetDraft(about, entry.id);
  const answered = deliver(entry, token());
  const outcome = await Promise.race([answered, pause(ANSWER_MS)]);
  if (!emergency && outcome?.told?.advice) return location.assign(outcome.told.advice);
  if (!emergency && outcome?.state === "refused") return askServer(entry);
  if (!emergency) showAdvice(verdict, "sending");
  follow(entry, outcome, isKept);
  if (!outcome) answered.then((late) => follow(entry, late, isKept));
}

function newEntry(answers, verdict, partial) {
  const { client_id, supersedes } = form.elements;
  // Sent before from this page: a log of its own, in place of the one before.
  if (sentFromHere) [supersedes.value, client_id.value] = [sentFromHere, uuid()];
  sentFromHere = client_id.value ||= uuid();
  const at = Date.now();
  return entryOf({
    id: sentFromHere,
    about,
    answers: withSteps(answers),
    verdict,
    at,
    partial,
    supersedes: supersedes.value || null,
  });
}

// The server does not take it as it is: its own page says why, with everything kept.
async function askServer(entry) {
  await logs.remove(entry.id).catch(() => null);
  await sendByPage();
}

// What comes back has everything on it: nothing else is kept of it here.
async function sendByPage() {
  await forgetDraft(about);
  form.submit();
}

function follow(entry, outcome, isKept) {
  if (outcome?.state === "sent") return setState("sent", outcome.told);
  // Nothing is called saved that this phone could not keep.
  const waiting = !outcome || outcome.state === "waiting" || (outcome.state === "sign_in" && !isKept);
  setState(waiting ? (isKept ? "waiting" : "not_kept") : outcome.state, outcome || {});
  if (waiting && outcome && !isKept)
    setTimeout(async () => follow(entry, await deliver(entry, token()), isKept), AGAIN_MS);
}
// Whatever became of it in the background, here, in another tab or in the worker: this page says so.
document.addEventListener("kypho:logs", ({ detail }) => {
  if (detail && (detail.id === sentFromHere || detail.id === reopened))
    setState(detail.state, { ...detail.told, why: detail.why });
});

// A verdict of before, opened again from the mark on another page.
async function reopen() {
  const entry = await savedHere();
  if (!entry) return;
  reopened = entry.id;
  showAdvice(entry.verdict, entry.state, { why: entry.why, of: await ofAnother(entry) });
}
addEventListener("hashchange", reopen);

// Something can not be read: asked again here. What could be read is told, if that much is already urgent.
function putRight(answers, problems, verdict) {
  const urgent = URGENT.includes(verdict.tier);
  if (problems.some(([, why]) => why === say(words.checkTemp))) {
    form.elements.temp_seen.value = form.elements.temp_value.value;
  }
  showProblems(form, problems);
  if (urgent) showSoFar(verdict, tellNow(answers, verdict));
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// ---- Emergencies

function tellNow(answers = read(true).answers, verdict = judged(answers)) {
  const log = { answers, verdict, about, at: Date.now(), token: token() };
  return tell(log, form.elements.supersedes, dialog.querySelector(".dialog-state"));
}

form.addEventListener("change", ({ target }) => {
  untick(form, target);
  addUp();
});
form.addEventListener("kypho:leave", (event) => {
  const missing = read().problems.filter(([code]) => event.detail.has(code));
  clearProblems(form);
  if (!missing.length) return;
  event.preventDefault();
  showProblems(form, missing);
});
watchEmergency(
  () => judged(read(true).answers),
  () => tellNow(),
);

// ---- The Tylenol sum

// The sum, unless the person wrote one of their own.
const sumField = form.elements.apap_total_mg;
let ownSum = Boolean(sumField?.value);
function addUp() {
  if (sumField && !ownSum) sumField.value = sumOfRows();
}
function sumOfRows() {
  const rows = [...form.querySelectorAll(".apap-row")];
  return String(sumOf(rows.map((row) => [numberIn(row, "mg", true), numberIn(row, "pill", false)])) || "");
}
form.addEventListener("kypho:filled", () => (ownSum = Boolean(sumField?.value) && sumField.value !== sumOfRows()));
function numberIn(row, unit, whole) {
  const place = row.querySelector(unit === "mg" ? '[name^="apap_mg_"]' : '[name^="apap_pills_"]');
  return numberOf(place.value, { whole, unit });
}
form.addEventListener("input", ({ target }) => {
  if (target.name === "apap_total_mg") ownSum = target.value !== "";
  if (target.name.startsWith("apap_")) addUp();
});

// ---- Begin

// Tapped before this script was there: the style sheet has shown the panel, now the clinic is told too.
function lookAtOnce() {
  knownEmergency();
  if (!isEmergency()) return recall();
  if (!form.elements.supersedes.value) showEmergency(null);
  return recall().then(() => tellNow());
}

async function begin() {
  const isBlank = "blank" in form.dataset;
  // What the page already says it takes the place of was told when it was sent.
  if (isBlank && form.elements.supersedes.value) recall();
  else lookAtOnce();
  keepDraft(form, about);
  if (!isBlank || location.hash.startsWith("#saved-")) return;
  const wasThere = isEmergency();
  const replaced = await bringBack(form, about);
  if (replaced) form.elements.supersedes.value = replaced;
  // Told before: not told again only because it is back on the screen.
  if (form.elements.supersedes.value) knownEmergency();
  else if (!wasThere) await lookAtOnce();
  form.dispatchEvent(new Event("kypho:filled"));
}

onStartOver(async (event) => {
  event.preventDefault();
  await forgetDraft(about);
  location.replace(location.pathname);
});
begin();
countLetters(form);
showBodies(form);
reopen();
watchNote(() => judged(read(true).answers));

// After an error: the list of what to put right is read first.
(document.querySelector("#so-far:not([hidden]) h2") || document.getElementById("error-summary"))?.focus();
