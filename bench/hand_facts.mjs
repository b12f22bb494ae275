// What a log says, read by hand: the JavaScript reading of tests/triage/oracle_facts.py, shared with no rule book.
export const HARD = new Set(["bladder", "bowel", "weak", "site_streaks", "site_pus"]);
export const PHRASES_911 = [
  "chest pain", "pain in my chest", "short of breath", "can't breathe", "cannot breathe", "trouble breathing",
  "passed out", "fainted", "coughing up blood", "coughed up blood", "can't move my leg", "cannot move my leg",
  "paralyzed",
].map(pattern);
export const PHRASES_DOCTOR_NOW = [
  "numb", "tingling", "pus", "red streak", "fever", "chills", "lost control of my bladder",
  "lost control of my bowels", "wet myself", "soiled myself", "weak leg", "leg weak", "legs are weak", "leg is weak",
].map(pattern);
const DENIALS = new Set(["denies", "didn't", "don't", "haven't", "isn't", "never", "no", "not", "without"]);

function pattern(phrase) {
  const words = phrase.split(" ").join("[\\s-]+");
  return new RegExp(`(?<![\\p{L}\\p{N}])${words}(?![\\p{L}\\p{N}])`, "gu");
}

/** Facts of one log in its context; an absent answer is null, an absent item its default. */
export function factsOf(patient, hours, log, history) {
  const given = log ?? {};
  const alerts = (patient.alerts ?? []).filter((alert) => (alert.status ?? "open") === "open");
  const earlier = history.filter((one) => one.hours < hours).sort((a, b) => a.hours - b.hours);
  const pains = earlier.map((one) => [one.hours, painOf(one.log)]).filter(([, pain]) => pain !== null);
  const sites = earlier.map((one) => one.log.pain_site ?? null).filter((pain) => pain !== null);
  const week = pains.filter(([at]) => at >= hours - 168).map(([, pain]) => pain);
  const meds = (given.pain_meds ?? []).filter((kind) => kind !== "none");
  const [temp, unit] = temperature(given);
  return {
    patient, hours, log: given, earlier, alerts, meds, temp, unit,
    overrides: patient.clinic_overrides ?? {},
    baseline: patient.baseline_pain ?? null,
    before: patient.baseline_symptoms ?? [],
    pain: painOf(given),
    lastPain: pains.length ? pains[pains.length - 1][1] : null,
    low: week.length ? Math.min(...week) : null,
    site: given.pain_site ?? null,
    lastSite: sites.length ? sites[sites.length - 1] : null,
    opioid: meds.includes("opioid") || meds.includes("opioid_acetaminophen"),
  };
}

export const openAlert = (f, sign) => f.alerts.find((alert) => alert.sign === sign) ?? null;
export const rose = (f, by) => f.pain !== null && f.lastPain !== null && f.pain - f.lastPain >= by;
export const siteRose = (f) => f.site !== null && f.lastSite !== null && f.site - f.lastSite >= 2;

export function notGreatlyReduced(f) {
  if (f.pain === null) return false;
  if (f.pain > 3 && (f.baseline === null || f.pain > 0.5 * f.baseline)) return true;
  return f.baseline !== null && f.baseline >= 1 && f.pain >= f.baseline;
}

export function feverMeasured(f) {
  if (f.temp === null) return false;
  const usual = f.unit === "F" ? 100.4 : 38;
  const own = f.overrides[f.unit === "F" ? "fever_threshold_f" : "fever_threshold_c"] ?? usual;
  return f.temp >= Math.min(usual, own);
}

export const celsius = (f) => (f.temp === null || f.unit === "C" ? f.temp : (f.temp - 32) / 1.8);

const FORMATS = new Map();
function format(zone) {
  if (!FORMATS.has(zone)) {
    const parts = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" };
    FORMATS.set(zone, new Intl.DateTimeFormat("en-CA", parts));
  }
  return FORMATS.get(zone);
}

export function localDate(f) {
  if (!f.patient.procedure_end_at) return null;
  const moment = new Date(Date.parse(f.patient.procedure_end_at) + f.hours * 3_600_000);
  return format(f.patient.time_zone ?? "UTC").format(moment);
}

export function cleared(f, key) {
  const day = f.overrides[key] ?? null;
  if (day === null) return false;
  const today = localDate(f);
  return today !== null && today >= day;
}

export function lastingPainRisk({ patient: p }) {
  return Boolean(p.intravertebral_cleft || p.fascia_oedema || p.facet_injury || p.separated_cement);
}

export function newBreakRisk({ patient: p }) {
  if (p.cement_leakage || p.hu_low || p.bmd_low) return true;
  return (p.levels ?? []).some((level) => level === "T12" || level === "L1");
}

export function painOf(log) {
  const moving = log.pain_move ?? null;
  const resting = log.pain_rest ?? null;
  if (moving === null) return resting;
  return resting === null ? moving : Math.max(moving, resting);
}

function temperature(log) {
  const value = log.temp_value ?? null;
  if (value === null) return [null, ""];
  if (value >= 93 && value <= 110) return [value, "F"];
  return value >= 33.9 && value <= 43.3 ? [value, "C"] : [null, ""];
}

export function saysPhrase(note, phrases) {
  if (!note) return false;
  const text = note.replace(/[\u2018\u2019\u02bc\u00b4`]/g, "'").toLowerCase();
  for (const sentence of text.split(/[.!?;\n\r\v\f\u0085\u2028\u2029]/)) {
    for (const phrase of phrases) {
      for (const hit of sentence.matchAll(phrase)) {
        const before = (sentence.slice(0, hit.index).match(/[\p{L}\p{N}_']+/gu) ?? []).slice(-4);
        if (!before.some((word) => DENIALS.has(word))) return true;
      }
    }
  }
  return false;
}
