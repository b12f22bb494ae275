// Answers, past logs, open alerts and the patient become one flat table of facts that conditions can ask about: the
// twin of recovery/triage/facts.py and past.py. Every fact is a value or null, never undefined.
import { writtenFacts } from "./free_text.js";
import { rulebook as book } from "./rulebook.js";

/** @typedef {{ [name: string]: any }} Numbers */
/** @typedef {{ second: number, micro: number }} Moment */

/** @type {<T>(values: Iterable<T>) => T[]} */
export const unique = (values) => [...new Set(values)];
/** @param {any} value */
const given = (value) => value !== null && value !== undefined;
/** @type {(a: any, b: any) => number} */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * All raw facts for one judgement. The input has passed the same checks as on the server.
 * @type {(patient: PatientRecord, hours: number, log: Log | null, history: PastLog[], config: ClinicConfig) => Facts}
 */
export function factsOf(patient, hours, log, history, config) {
  const answers = log || {};
  const numbers = numbersOf(config);
  /** @type {Facts} */
  const facts = book.facts(patient, answers, numbers);
  facts.log_given = log !== null;
  facts.hours = hours;
  facts.apap_max_mg ??= numbers.apap_max_mg;
  override(facts, patient.clinic_overrides || {}, numbers);
  Object.assign(
    facts,
    writtenFacts(
      answers,
      book.lowerOnly.map((name) => facts[name]),
    ),
  );
  lookBack(facts, history, hours);
  const phases = config.missed_log_h || book.missedLog;
  const phase = phases.find((row) => hours < (row.until_h ?? Infinity));
  facts.silence_limit_hours = (phase || last(phases)).gap_h;
  facts.local_date = localDate(patient, hours);
  facts.open_alerts = openAlerts(patient.alerts || []);
  facts.alert_by_sign = alertBySign(facts.open_alerts);
  facts.open_signs = unique(facts.open_alerts.map((alert) => alert.sign));
  return facts;
}

// The rule book's numbers with those the clinic changed in their places.
/** @param {ClinicConfig} config @returns {Numbers} */
function numbersOf(config) {
  if (!Object.keys(config).length) return book.numbers;
  const numbers = { ...book.numbers };
  for (const name in numbers) numbers[name] = config[name] ?? numbers[name];
  for (const key in book.spans) {
    for (const [n, name] of book.spans[key].entries()) if (config[key]) numbers[name] = config[key][n];
  }
  return numbers;
}

/** The fever lines of one patient, °F and °C. @type {(patient: PatientRecord, config: ClinicConfig) => number[]} */
export function feverLines(patient, config) {
  /** @type {Numbers} */
  const facts = {};
  override(facts, patient.clinic_overrides || {}, numbersOf(config));
  return book.lowerOnly.map((name) => facts[name]);
}

// For one patient the fever line may only be lowered.
/** @type {(facts: Numbers, overrides: { [name: string]: any }, numbers: Numbers) => void} */
function override(facts, overrides, numbers) {
  for (const name of book.overrideDates) facts[name] = overrides[name] ?? null;
  for (const name of book.lowerOnly) facts[name] = Math.min(numbers[name], overrides[name] ?? Infinity);
  for (const name in book.atMost) {
    if (given(overrides[name])) facts[name] = Math.min(overrides[name], book.atMost[name]);
  }
}

// ---- The past

/** @type {(facts: Facts, history: PastLog[], hours: number) => void} */
function lookBack(facts, history, hours) {
  const entries = history.filter((entry) => entry.hours < hours).sort((a, b) => a.hours - b.hours);
  const whole = entries.filter((entry) => !given(entry.log.short_answer));
  const moods = whole.slice(-2).map((entry) => entry.log.mood);
  const aWeekAgo = hours - book.weekHours;
  for (const { hours: at, log } of whole.filter((entry) => entry.hours >= 0)) {
    const pain = backPain(log);
    facts.last_pain = pain ?? facts.last_pain;
    if (pain !== null && at >= aWeekAgo) facts.low7_pain = Math.min(pain, facts.low7_pain ?? pain);
    if (pain !== null && at >= book.settledHours && at < aWeekAgo) {
      facts.low_since48 = Math.min(pain, facts.low_since48 ?? pain);
    }
    facts.last_pain_site = log.pain_site ?? facts.last_pain_site;
  }
  facts.last_two_moods_low = moods.length === 2 && moods.every((mood) => mood === "low");
  const heard = entries.filter((entry) => entry.hours >= 0);
  facts.silent_hours = heard.length ? hours - last(heard).hours : hours;
}

/** @type {<T>(values: T[]) => T} */
const last = (values) => values[values.length - 1];

/** @param {Log} log */
function backPain(log) {
  const moving = log.pain_move ?? log.pain_rest ?? null;
  return moving === null ? null : Math.max(moving, log.pain_rest ?? moving);
}

/** @type {(alerts: OpenAlert[]) => KnownAlert[]} */
function openAlerts(alerts) {
  return alerts
    .filter((alert) => (alert.status ?? "open") === "open")
    .map((alert) => ({
      sign: alert.sign,
      tier: alert.tier,
      opened_hours: alert.opened_hours,
      ack: alert.ack || "none",
      ack_hours: alert.ack_hours ?? null,
      snapshot: alert.snapshot || {},
    }));
}

// The one alert that speaks for each sign: the least acknowledged, then the oldest answer, then the newest.
/** @param {KnownAlert[]} alerts */
function alertBySign(alerts) {
  /** @param {KnownAlert} alert */
  const rank = (alert) => book.ackLevels.indexOf(alert.ack);
  /** @param {KnownAlert} alert */
  const answeredAt = (alert) => alert.ack_hours ?? -Infinity;
  /** @type {(a: KnownAlert, b: KnownAlert) => number} */
  const order = (a, b) =>
    rank(b) - rank(a) || compare(answeredAt(b), answeredAt(a)) || compare(a.opened_hours, b.opened_hours);
  return new Map([...alerts].sort(order).map((alert) => [alert.sign, alert]));
}

// ---- The patient's calendar: whole microseconds, years 1 to 9999, as Python counts

const MOMENT =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)$/;
const FIRST_SECOND = -62135596800;
const LAST_SECOND = 253402300799;
/** @type {Map<string, Intl.DateTimeFormat | null>} */
const calendars = new Map();

/**
 * ISO date at this hour in the patient's zone; null when the procedure's end, or to this phone the zone, is unknown.
 * @type {(patient: PatientRecord, hours: number) => string | null}
 */
function localDate(patient, hours) {
  const parts = MOMENT.exec(patient.procedure_end_at ?? "");
  const calendar = parts && calendarOf(patient.time_zone || "UTC");
  if (!calendar) return null;
  const wall = later(parts, hours);
  const offset = offsetOf(parts);
  const second = wall.second - offset.second + (wall.micro < offset.micro ? -1 : 0);
  const there = inCalendar(wall.second) && inCalendar(second) && dateIn(calendar, second);
  // Farther away than the calendar reaches.
  return there || (hours > 0 ? "9999-12-31" : "0001-01-01");
}

/** @param {number} second */
const inCalendar = (second) => second >= FIRST_SECOND && second <= LAST_SECOND;
/** @param {string | undefined} digits */
const micros = (digits) => Number((digits || "").padEnd(6, "0"));

// The clock at the procedure's end, `hours` later: a part of a microsecond is rounded, a half to the even one.
/** @type {(parts: string[], hours: number) => Moment} */
function later([, year, month, day, hour, minute, second, fraction], hours) {
  const whole = Math.trunc(hours);
  const exact = (hours - whole) * 3600000000;
  const micro = Math.trunc(exact);
  const left = Math.abs(exact - micro);
  const up = left > 0.5 || (left === 0.5 && micro % 2 !== 0) ? Math.sign(exact) : 0;
  const sum = micros(fraction) + micro + up;
  const midnight = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day)) / 1000;
  const clock = Number(hour) * 3600 + Number(minute) * 60 + Number(second || 0);
  return {
    second: midnight + clock + whole * 3600 + Math.floor(sum / 1000000),
    micro: ((sum % 1000000) + 1000000) % 1000000,
  };
}

// East of Greenwich is positive; the microseconds of an offset are never negative.
/** @type {(parts: string[]) => Moment} */
function offsetOf([, , , , , , , , sign, hour, minute, second, fraction]) {
  const micro = micros(fraction);
  const size = Number(hour || 0) * 3600 + Number(minute || 0) * 60 + Number(second || 0);
  if (sign !== "-") return { second: size, micro };
  return micro ? { second: -size - 1, micro: 1000000 - micro } : { second: -size, micro };
}

/** @param {string} timeZone */
function calendarOf(timeZone) {
  if (!calendars.has(timeZone)) calendars.set(timeZone, newCalendar(timeZone));
  return calendars.get(timeZone);
}

/** @param {string} timeZone */
function newCalendar(timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const gregorian = { calendar: "gregory", numberingSystem: "latn" };
  /** @type {Intl.DateTimeFormatOptions} */
  const shown = { era: "short", year: "numeric", month: "2-digit", day: "2-digit" };
  try {
    return new Intl.DateTimeFormat("en-US", { ...gregorian, ...shown, timeZone });
  } catch {
    return null;
  }
}

/** @type {(calendar: Intl.DateTimeFormat, second: number) => string | null} */
function dateIn(calendar, second) {
  /** @type {{ [type: string]: string }} */
  const part = {};
  for (const { type, value } of calendar.formatToParts(new Date(second * 1000))) part[type] = value;
  if (part.era.startsWith("B") || part.year.length > 4) return null;
  return `${part.year.padStart(4, "0")}-${part.month}-${part.day}`;
}
