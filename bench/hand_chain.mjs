// The rules as a plain chain of ifs, the yardstick of bench/triage: tier, fired ids, notices and priority.
import * as hand from "./hand_facts.mjs";
import { doctorNow, emergencies, inGrace, mayBeLowered } from "./hand_urgent.mjs";

const TIERS = ["on_track", "watch", "call_doctor_now", "call_911"];
const OTC = ["acetaminophen", "nsaid", "other"];
const unanswered = (alert) => !alert.ack || alert.ack === "none" || alert.ack === "seen";

export function judge(patient, hours, log, history) {
  const f = hand.factsOf(patient, hours, log, history);
  return log === null ? silence(f) : logged(f);
}

function logged(f) {
  const red = emergencies(f);
  const amber = doctorNow(f);
  const lowered = new Set([...amber.values()].filter((sign) => mayBeLowered(f, sign)));
  const fired = [...red.keys()];
  let top = fired.length ? 3 : 0;
  for (const [rule, sign] of amber) {
    if (lowered.has(sign)) continue;
    fired.push(rule);
    top = Math.max(top, 2);
  }
  const urgent = new Set(fired);
  const signs = new Set(amber.values());
  const held = latch(f, new Set([...red.values(), ...amber.values()]), signs);
  for (const [rule, tier] of held) {
    fired.push(rule);
    top = Math.max(top, tier);
  }
  if (lowered.size) fired.push("RL-03");
  const yellow = watch(f, urgent);
  fired.push(...(f.hours < 0 ? yellow.filter((rule) => rule === "RW-25") : yellow));
  if (fired.length) top = Math.max(top, 1);
  return verdict(f, top, fired, f.hours < 0 ? [] : notices(f), signs);
}

function latch(f, present, signs) {
  const held = new Map();
  for (const alert of f.alerts) {
    if (!unanswered(alert) || present.has(alert.sign) || alert.tier === "watch") continue;
    const fresh = f.hours - alert.opened_hours <= 168;
    const red = alert.tier === "call_911";
    const urgent = fresh && (red || hand.HARD.has(alert.sign));
    const rule = red ? "RL-01" : "RL-02";
    if (urgent) signs.add(alert.sign);
    held.set(rule, Math.max(urgent ? 2 : 1, held.get(rule) ?? 0));
  }
  return held;
}

function silence(f) {
  const urgent = f.alerts.filter((alert) => alert.tier !== "watch" && unanswered(alert));
  const fired = urgent.length ? ["RL-04"] : [];
  let top = urgent.reduce((most, alert) => Math.max(most, TIERS.indexOf(alert.tier)), 0);
  if (tooLong(f)) {
    fired.push("RW-24");
    top = Math.max(top, 1);
  }
  return verdict(f, top, fired, [], new Set(urgent.map((alert) => alert.sign)));
}

function tooLong(f) {
  const since = f.hours - (f.earlier.length ? f.earlier[f.earlier.length - 1].hours : 0);
  if (f.hours < 336) return f.hours >= 0 && since >= 48;
  if (f.hours < 1008) return since >= 72;
  return since >= (f.hours < 2160 ? 192 : 840);
}

function verdict(f, top, fired, shown, signs) {
  return { tier: TIERS[top], fired: fired.sort(inBookOrder), notices: shown, nurse_priority: priority(f, top, signs) };
}

const GROUPS = { R9: 0, RD: 1, RL: 2, RW: 3 };
const inBookOrder = (a, b) => GROUPS[a.slice(0, 2)] - GROUPS[b.slice(0, 2)] || (a < b ? -1 : 1);

function priority(f, top, signs) {
  if (top === 0) return null;
  if (top === 3) return "P0";
  if (top === 1) return hand.lastingPainRisk(f) || hand.newBreakRisk(f) ? "P3" : "P4";
  const rising = signs.has("back_new_sudden") || signs.has("back_pain_up") || hand.rose(f, 2) || f.log.back_change === "worse";
  if (signs.size >= 2 || signs.has("thinner_bleed") || [...signs].some((sign) => hand.HARD.has(sign))) return "P1";
  if (rising && (signs.has("fever") || hand.newBreakRisk(f))) return "P1";
  return (signs.has("numb") || signs.has("spread_pain")) && hand.notGreatlyReduced(f) ? "P1" : "P2";
}

function watch(f, urgent) {
  const fired = [];
  painWatch(f, urgent, fired);
  siteWatch(f, fired);
  bodyWatch(f, fired);
  pillWatch(f, fired);
  return fired;
}

function painWatch(f, urgent, fired) {
  const { hours, pain, site } = f;
  const stays = hours >= 48 && hand.notGreatlyReduced(f);
  if (stays && hours < 336 && !slowGain(f)) fired.push("RW-01");
  if (stays && hours >= 336) fired.push("RW-02");
  if (hours >= 504 && site !== null && site >= 1) fired.push("RW-03");
  const small = hand.rose(f, 2) && pain < 4;
  const louder = urgent.has("RDN-16") || urgent.has("RDN-17") || urgent.has("RDN-18");
  if ((small || f.log.back_change === "worse") && !louder) fired.push("RW-04");
  if ((pain !== null && pain >= 8 && hours < 48) || (site !== null && site >= 7)) fired.push("RW-30");
}

function slowGain(f) {
  const alert = hand.openAlert(f, "early_pain");
  if (alert === null || (alert.ack !== "contacted" && alert.ack !== "evaluated")) return false;
  if (f.baseline === null || f.lastPain === null || hand.lastingPainRisk(f)) return false;
  const gain = f.baseline - f.pain;
  return gain >= 2 && gain >= 0.3 * f.baseline - 1e-9 && f.pain <= f.lastPain;
}

function siteWatch(f, fired) {
  const g = f.log;
  if (g.site_redness === "small_not_spreading") fired.push("RW-06");
  if (g.site_drainage === "clear_or_pink") fired.push("RW-07");
  if (g.site_bleeding === "spot" && f.hours >= 48) fired.push("RW-08");
  if (g.site_bruise === "growing") fired.push("RW-09");
  const under = f.temp !== null && !hand.feverMeasured(f);
  const band = under && f.temp >= (f.unit === "F" ? 100 : 37.8);
  if (band) fired.push("RW-11");
  if ((g.fever_feel === "yes" && under && !band) || (g.fever_feel === "unsure" && f.temp === null)) fired.push("RW-12");
  if ((g.temp_value ?? null) !== null && f.temp === null) fired.push("RW-13");
  if (inGrace(f)) fired.push("RW-28");
  if (hand.siteRose(f) && f.site < 3 && g.site_pain_change !== "more") fired.push("RW-29");
}

function oldNotOnFile(f, symptom, code) {
  const change = f.log[`${symptom}_change`];
  if (f.log[symptom] !== "yes" || (change !== "same_as_before" && change !== "better")) return false;
  const where = f.log[`${symptom}_where`] ?? [];
  const onFile = where.length > 0 && where.every((region) => f.before.includes(`${code}_${region}`));
  return hand.openAlert(f, symptom) === null && !onFile;
}

function bodyWatch(f, fired) {
  const g = f.log;
  if (g.back_stiff === "new_or_worse") fired.push("RW-05");
  if (oldNotOnFile(f, "numb", "numb") || oldNotOnFile(f, "weak", "weak") || oldNotOnFile(f, "spread_pain", "pain")) {
    fired.push("RW-10");
  }
  if (g.em_passed_out === "almost") fired.push("RW-14");
  if (g.fall === "fell_ok" && (g.fall_head_hit ?? "no") === "no") fired.push("RW-15");
  if (g.stomach === "cannot_keep_down") fired.push("RW-20");
  if (g.mobility_change === "worse") fired.push("RW-21");
  const little = (level) => level === "none" || level === "room";
  if (f.hours >= 336 && little(g.walk_level) && !little(f.patient.baseline_walk_level)) fired.push("RW-22");
  const two = f.earlier.slice(-2);
  if (g.mood === "low" && two.length === 2 && two.every((one) => one.log.mood === "low")) fired.push("RW-23");
  const missed = (field) => (g[field] ?? null) === null;
  if (f.pain === null || ["em_gate", "nerve_gate", "site_gate", "fever_feel", "back_change"].some(missed)) {
    fired.push("RW-25");
  }
}

function pillWatch(f, fired) {
  const { log: g, patient, meds } = f;
  const mg = g.apap_total_mg ?? null;
  if (mg !== null && mg > 3000 && mg <= (patient.apap_max_mg ?? 4000)) fired.push("RW-16");
  if (meds.length >= 2 && patient.two_pain_meds_ok !== true) fired.push("RW-17");
  const more = g.took_as_directed === "more" && !(f.opioid && g.energy === "very_tired");
  const otc = meds.some((kind) => OTC.includes(kind));
  if (more || (otc && patient.otc_pain_ok === false)) fired.push("RW-18");
  if (thinnerNotAsSet(f) || g.other_meds_restarted === "yes_not_told") fired.push("RW-19");
  const did = g.activities ?? [];
  const lifted = did.includes("lifted_heavy") && !hand.cleared(f, "heavy_cleared_on");
  if (lifted || (did.includes("hard_exercise") && !hand.cleared(f, "strenuous_cleared_on"))) fired.push("RW-26");
  if (did.includes("drove") && (recentOpioid(f) || f.hours < 24)) fired.push("RW-27");
}

function thinnerNotAsSet(f) {
  if (!f.patient.blood_thinner_held) return false;
  const restart = f.patient.thinner_restart_on ?? null;
  const taken = f.log.blood_thinner_taken;
  if (taken !== "yes" && taken !== "no") return false;
  const today = hand.localDate(f);
  if (taken === "yes") return restart === null || today === null || today < restart;
  return restart !== null && today !== null && today > restart;
}

const recentOpioid = (f) => f.opioid || ((f.log.opioid_hours_since ?? null) !== null && f.log.opioid_hours_since < 24);

function notices(f) {
  const { log: g, patient } = f;
  const shown = [];
  const did = g.activities ?? [];
  if (did.includes("drove") && f.hours >= 24 && f.hours < 48 && !recentOpioid(f)) shown.push("N-01");
  if (did.includes("bent_twisted") && !hand.cleared(f, "heavy_cleared_on")) shown.push("N-02");
  if (g.dressing === "wet_or_loose") shown.push("N-03");
  if ((g.ice_longest_min ?? null) !== null && g.ice_longest_min > 20) shown.push("N-04");
  if (patient.brace_prescribed && (g.brace_worn === "no" || g.brace_worn === "some")) shown.push("N-05");
  if (f.meds.some((kind) => OTC.includes(kind)) && (patient.otc_pain_ok ?? null) === null) shown.push("N-06");
  if (g.stomach === "upset") shown.push("N-08");
  if (did.includes("desk_work") && f.hours < 48) shown.push("N-11");
  return shown;
}
