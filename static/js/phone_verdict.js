// The phone's verdict: its rule book, the kept facts of this person, and what this phone has not sent yet. Pure.
import { writesWords } from "./free_text.js";
import { rulebook } from "./rulebook.js";
import { CALL_DOCTOR_NOW, ON_TRACK, URGENT } from "./tiers.js";
import { fallbackMinutes, judge } from "./triage.js";

const HOUR_MS = 3600000;
export const STALE_DAYS = 14;
// The rules that read the note (DF-33): 'not now' clears these and nothing else.
const NOTE_RULES = rulebook.urgent.filter(({ role }) => role === "note").map(({ id }) => id);

/**
 * facts: as kept from /api/facts/, or null on a phone that has none: then nothing is known of the person, and only
 * this log speaks. unsent: kept entries of the same person, oldest first. at: milliseconds since 1970.
 * @type {(facts: KeptFacts | null, unsent: StoredLog[], answers: Log, at: number, supersedes?: string | null) =>
 *   Verdict}
 */
export function verdictOf(facts, unsent, answers, at, supersedes = null) {
  const replaced = new Set([supersedes, ...unsent.map((entry) => entry.body.supersedes)]);
  const earlier = facts ? unsent.filter((entry) => !replaced.has(entry.id)) : [];
  const verdict = facts
    ? judge(withOwnSigns(facts, unsent), hoursOf(facts, at), answers, pastOf(facts, earlier), facts.config)
    : judge({}, 0, answers, [], {});
  const urgent = verdict.fired.filter((entry) => URGENT.includes(entry.tier));
  const before = facts ? hoursOf(facts, at) < 0 && !URGENT.includes(verdict.tier) : false;
  const words = writesWords(answers);
  return {
    tier: verdict.tier,
    fired: verdict.fired.map((entry) => entry.id),
    signs: urgent.flatMap((entry) => entry.signs.map((sign) => [sign, entry.tier])),
    messages: verdict.messages,
    notices: rulebook.notices.filter((row) => verdict.notices.includes(row.id)),
    minutes: fallbackMinutes(
      urgent.flatMap((entry) => entry.signs),
      facts?.config || {},
    ),
    erNow: verdict.tier === CALL_DOCTOR_NOW && urgent.some((entry) => entry.er_now),
    words,
    // Words the clinic has not read: said below any advice that is not urgent and does not say it itself.
    unread: !URGENT.includes(verdict.tier) && words && (before || verdict.tier !== ON_TRACK),
    asksAboutNote: asksAboutNote(verdict, answers),
    rulebook: verdict.rulebook,
    facts: facts ? facts.version + (unsent.length ? `+${unsent.length}` : "") : "none",
    known: Boolean(facts),
    // Since when the clinic has written down a stay in the hospital, as this phone last heard; null: none.
    awaySince: facts?.in_hospital_since || null,
    before,
    stale: isStale(facts, at),
    // The clinic judges by another rule book, as this phone last heard.
    outdated: Boolean(facts?.rulebook && facts.rulebook !== verdict.rulebook),
  };
}

/**
 * Too long without a word from the clinic: what this phone knows may be out of date.
 * @type {(facts: KeptFacts | null, at: number) => boolean}
 */
export function isStale(facts, at) {
  return facts ? at - facts.fetched_at > STALE_DAYS * 24 * HOUR_MS : false;
}

// Was this tier reached only by words in the note that were not asked about yet?
/** @type {(judgement: Judgement, answers: Log) => boolean} */
function asksAboutNote({ fired, tier }, answers) {
  const top = fired.filter((entry) => entry.tier === tier).map((entry) => entry.id);
  return answers.notes_confirm !== "yes_now" && top.length > 0 && top.every((id) => NOTE_RULES.includes(id));
}

/** @type {(facts: KeptFacts, at: number) => number} */
const hoursOf = (facts, at) => (at - Date.parse(facts.procedure_end_at)) / HOUR_MS;

/** @type {(facts: KeptFacts, earlier: StoredLog[]) => PastLog[]} */
function pastOf(facts, earlier) {
  const own = earlier.map((entry) => ({
    hours: hoursOf(facts, Date.parse(entry.body.answered_at)),
    log: entry.body.answers,
  }));
  return [...facts.history, ...own];
}

// A sign this phone reported is open although the clinic has not heard of it: a later calm log does not erase it.
/** @type {(facts: KeptFacts, unsent: StoredLog[]) => KeptFacts["patient"]} */
function withOwnSigns(facts, unsent) {
  const known = new Set(facts.patient.alerts.map((alert) => alert.sign));
  /** @type {OpenAlert[]} */
  const own = [];
  for (const entry of unsent) {
    for (const [sign, tier] of entry.signs) {
      if (known.has(sign)) continue;
      known.add(sign);
      own.push({
        sign,
        tier,
        opened_hours: hoursOf(facts, Date.parse(entry.body.answered_at)),
        status: "open",
        ack: "none",
      });
    }
  }
  return { ...facts.patient, alerts: [...facts.patient.alerts, ...own] };
}
