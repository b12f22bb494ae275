// The phone's own judge: the server's rule book, evaluated here, with or without a network. No clock, no network,
// nothing written. Step by step the twin of recovery/triage/engine.py and latch.py; the tests hold the two against
// each other on every rule, so change both or neither.
import { rulebook as book } from "./rulebook.js";
import { CALL_DOCTOR_NOW as DOCTOR_NOW } from "./tiers.js";
import { factsOf, unique } from "./triage_facts.js";

/** @typedef {{ rule: Rule | LatchRule, words: Wording, tier: Tier, signs: string[], sources: string[] }} Entry */
/** @typedef {[sign: string, level: LatchLevel][]} Hits */

const HARD_SIGNS = Object.keys(book.signs).filter((key) => book.signs[key].hard);
// A sign of a newer rule book: nothing this phone knows may quiet it.
/** @type {Sign} */
const UNKNOWN_SIGN = { tier: DOCTOR_NOW, hard: true, fresh: () => true };

/**
 * The verdict on one log, or on silence when `log` is null.
 * patient: the record with clinic_overrides and alerts; hours: since the procedure ended; history: [{hours, log}];
 * config: what the clinic changed for all its patients.
 *
 * @type {(patient: PatientRecord, hours: number, log: Log | null, history: PastLog[], config?: ClinicConfig) =>
 *   Judgement}
 */
export function judge(patient, hours, log, history, config = {}) {
  const facts = factsOf(patient, hours, log, history, config);
  book.derive(facts);
  const holding = book.urgent.filter((rule) => rule.when(facts));
  const latched = latch(facts, new Set(holding.map((rule) => rule.sign)));
  const told = holding.map((rule) => asFired(rule, facts));
  const loud = told.filter((entry) => !latched.lowered.has(entry.rule.sign));
  const fired = /** @type {Entry[]} */ (loud).concat(latched.fired);
  facts.fired = fired.map((entry) => entry.rule.id);
  const inSeason = book.watchGuard(facts);
  const watching = book.watch.filter((rule) => (inSeason || rule.anyHour) && rule.when(facts));
  fired.push(...watching.map((rule) => asFired(rule, facts)));
  const tier = mostUrgent(fired.map((entry) => entry.tier));
  return {
    tier,
    fired: fired.map(({ rule, words, ...found }) => ({
      id: rule.id,
      ...found,
      defaults: rule.defaults,
      er_now: words.er_now === true,
    })),
    notices: book.noticeGuard(facts) ? book.notices.filter((row) => row.when(facts)).map((row) => row.id) : [],
    nurse_priority: nursePriority(facts, tier, told, latched.held),
    messages: messages(fired, tier, facts),
    rulebook: book.hash,
  };
}

/**
 * Minutes without a call-back until the patient should go in: the shortest of these signs.
 * @type {(signs: string[], config?: ClinicConfig) => number}
 */
export function fallbackMinutes(signs, config = {}) {
  const minutes = { ...book.fallbackMinutes, ...config.fallback_min };
  const known = signs.filter((sign) => Object.hasOwn(minutes, sign)).map((sign) => minutes[sign]);
  return known.length ? Math.min(...known) : minutes.default;
}

// words: the variant that holds, else the rule itself.
/** @type {(rule: Rule, facts: Facts) => Entry & { rule: Rule }} */
function asFired(rule, facts) {
  const words = (rule.variants || []).find((row) => row.when(facts)) || rule;
  return { rule, words, tier: words.tier || rule.tier, signs: [rule.sign], sources: rule.sources };
}

/** @param {Tier[]} tiers */
const mostUrgent = (tiers) => book.tiers[tiers.reduce((top, tier) => Math.max(top, book.tiers.indexOf(tier)), 0)];

// At most two texts of the top tier, the most specific first, none twice.
/** @type {(fired: Entry[], tier: Tier, facts: Facts) => Message[]} */
function messages(fired, tier, facts) {
  if (tier === book.tiers[0]) {
    const text = facts.words_written ? book.calm.message_unread : book.calm.message;
    return [{ rule: book.calm.id, text, sources: book.calm.sources }];
  }
  const top = fired.filter((entry) => entry.tier === tier).sort((a, b) => specificity(b) - specificity(a));
  const texts = new Map();
  for (const { rule, words, sources } of top) {
    const text = (words.message || rule.message).replace(book.feverWords, feverWords(facts));
    if (!texts.has(text)) texts.set(text, { rule: rule.id, text, sources });
  }
  return [...texts.values()].slice(0, book.maxMessages);
}

/** @param {Entry} entry */
const specificity = ({ rule, words }) => words.specificity || rule.specificity;

/** @param {Facts} facts */
const feverWords = (facts) => `${facts.fever_threshold_f}°F (${facts.fever_threshold_c}°C)`;

// P0 to P4: acknowledged signs count, and so do those an unanswered alert holds at doctor-now.
/** @type {(facts: Facts, tier: Tier, told: (Entry & { rule: Rule })[], held: [string, Tier][]) => string | null} */
function nursePriority(facts, tier, told, held) {
  const rows = told.map((entry) => [entry.rule.sign, entry.tier]).concat(held);
  facts.tier = tier;
  facts.urgent_signs = unique(rows.filter(([, at]) => at === DOCTOR_NOW).map(([sign]) => sign));
  facts.hard_signs = HARD_SIGNS;
  const row = book.priorities.find(([, when]) => when(facts));
  return row ? row[0] : null;
}

// ---- Open alerts against what is reported now

/** @type {(facts: Facts, present: Set<string>) => { fired: Entry[], lowered: Set<string>, held: [string, Tier][] }} */
function latch(facts, present) {
  const open = facts.open_alerts.map((alert) => alertFacts(facts, alert, present));
  const quiet = [...facts.alert_by_sign.values()]
    .filter(({ sign }) => present.has(sign) && Object.hasOwn(book.signs, sign) && book.signs[sign].tier === DOCTOR_NOW)
    .map((alert) => alertFacts(facts, alert, present));
  /** @type {Entry[]} */
  const fired = [];
  const lowered = new Set();
  /** @type {[string, Tier][]} */
  let held = [];
  for (const rule of book.latch) {
    const hits = hitsOf(rule, facts, rule.each === "open_alert" ? open : quiet);
    if (!hits.length) continue;
    fired.push(latchFired(rule, hits));
    if (rule.each === "present_sign") for (const [sign] of hits) lowered.add(sign);
    held = held.concat(hits.map(([sign, level]) => [sign, level.tier]));
  }
  return { fired, lowered, held };
}

/** @type {(facts: Facts, alert: KnownAlert, present: Set<string>) => AlertFacts} */
function alertFacts(facts, alert, present) {
  const sign = Object.hasOwn(book.signs, alert.sign) ? book.signs[alert.sign] : UNKNOWN_SIGN;
  return {
    alert_sign: alert.sign,
    alert_tier: alert.tier,
    alert_ack: alert.ack,
    alert_age_hours: facts.hours - alert.opened_hours,
    ack_age_hours: alert.ack_hours === null ? null : facts.hours - alert.ack_hours,
    sign_present: present.has(alert.sign),
    sign_hard: sign.hard === true,
    sign_fresh: sign.fresh ? sign.fresh(facts) : false,
    sign_worse: sign.worse ? sign.worse(facts) : false,
  };
}

/** @type {(rule: LatchRule, facts: Facts, alerts: AlertFacts[]) => Hits} */
function hitsOf(rule, facts, alerts) {
  /** @type {Hits} */
  const hits = [];
  for (const alert of alerts) {
    const level = rule.when(facts, alert) && rule.levels.find((row) => row.when(facts, alert));
    if (level) hits.push([alert.alert_sign, level]);
  }
  return hits;
}

// One entry however many alerts it is about, in the words of its highest level; its sources end with those of the signs.
/** @type {(rule: LatchRule, hits: Hits) => Entry} */
function latchFired(rule, hits) {
  const signs = unique(hits.map(([sign]) => sign));
  const ofSigns = signs.flatMap((sign) =>
    [...book.urgent, ...book.watch].filter((row) => row.sign === sign).flatMap((row) => row.sources),
  );
  const tier = mostUrgent(hits.map(([, level]) => level.tier));
  const [, words] = /** @type {Hits[0]} */ (hits.find(([, level]) => level.tier === tier));
  return { rule, words, tier, signs, sources: unique(rule.sources.concat(ofSigns)) };
}
