// The 911 and doctor-now rules as a plain chain of ifs, and what an acknowledged alert may lower (RL-03).
import * as hand from "./hand_facts.mjs";

const FRESH = new Set(["fall_hurt", "apap_over", "opioid_over", "site_bleeding", "thinner_bleed"]);
const STANDING = { can: 0, hard: 1, cannot: 2 };

export function emergencies({ log: g, before }) {
  const fired = new Map();
  const breath = g.em_breath ?? "none";
  const leg = g.em_leg_move ?? "both_move";
  if (g.em_feels_emergency === "yes") fired.set("R911-01", "em_feels_emergency");
  if (g.em_passed_out === "yes") fired.set("R911-02", "em_passed_out");
  if (breath === "severe") fired.set("R911-03", "em_breath");
  if (breath === "some" || (breath === "usual" && !before.includes("breath_usual"))) fired.set("R911-04", "em_breath");
  if (g.em_chest_pain === "yes") fired.set("R911-05", "em_chest_pain");
  if (g.em_cough_blood === "yes") fired.set("R911-06", "em_cough_blood");
  const asBefore = g.em_leg_move_change === "same_as_before" && before.includes("leg_paralysis");
  if (leg !== "both_move" && !asBefore) fired.set("R911-07", "em_leg_move");
  if (g.weak === "yes" && g.weak_stand === "cannot") fired.set("R911-08", "weak_stand_cannot");
  if (g.em_hard_to_wake === "yes") fired.set("R911-09", "em_hard_to_wake");
  if (g.em_face_throat_swelling === "yes") fired.set("R911-10", "em_face_throat_swelling");
  if (g.em_gate === "some" && !emergencyItem(g, breath, leg)) fired.set("R911-11", "em_gate_unspecified");
  if (g.notes_confirm !== "not_now" && hand.saysPhrase(g.notes, hand.PHRASES_911)) fired.set("R911-12", "R911-12");
  return fired;
}

function emergencyItem(g, breath, leg) {
  if (breath !== "none" || leg !== "both_move") return true;
  const items = ["em_feels_emergency", "em_passed_out", "em_chest_pain", "em_cough_blood", "em_hard_to_wake"];
  return [...items, "em_face_throat_swelling"].some((item) => (g[item] ?? "no") !== "no");
}

export function doctorNow(f) {
  const fired = new Map();
  nerve(f, fired);
  site(f, fired);
  back(f, fired);
  others(f, fired);
  return fired;
}

function counts(f, symptom) {
  if (f.log[symptom] !== "yes") return false;
  const change = f.log[`${symptom}_change`] ?? null;
  return change === "new" || change === "worse" || change === null || hand.openAlert(f, symptom) !== null;
}

function lostControl(f, organ) {
  if ((f.log[organ] ?? "none") === "none") return false;
  const change = f.log[`${organ}_change`];
  const old = change === "same_as_before" || change === "better";
  return !(old && f.before.includes(organ) && hand.openAlert(f, organ) === null);
}

function nerve(f, fired) {
  if (counts(f, "numb")) {
    const where = f.log.numb_where ?? [];
    const low = where.includes("legs") || where.includes("belly") || where.includes("buttocks");
    if (!where.length || low) fired.set("RDN-01", "numb");
    if (where.includes("treated_area")) fired.set("RDN-02", "numb");
    if (where.includes("other")) fired.set("RDN-03", "numb");
  }
  if (counts(f, "weak")) fired.set("RDN-04", "weak");
  if (counts(f, "spread_pain")) fired.set("RDN-05", "spread_pain");
  if (lostControl(f, "bladder")) fired.set("RDN-06", "bladder");
  if (lostControl(f, "bowel")) fired.set("RDN-07", "bowel");
}

const otherSiteItem = (g) =>
  (g.site_warmth ?? "none") !== "none" ||
  (g.site_redness ?? "none") !== "none" ||
  (g.site_streaks ?? "no") !== "no" ||
  (g.site_drainage ?? "none") !== "none" ||
  (g.site_bleeding ?? "none") !== "none" ||
  (g.site_bruise ?? "none") !== "none";

export function inGrace(f) {
  const g = f.log;
  if (g.site_swelling !== "small_not_growing" || f.hours < 0) return false;
  if (f.hours >= Math.min(f.overrides.site_swelling_grace_hours ?? 0, 72) || otherSiteItem(g)) return false;
  if (hand.feverMeasured(f) || g.fever_feel === "yes") return false;
  return !sitePainUp(f) && !hand.siteRose(f) && hand.openAlert(f, "site_swelling") === null;
}

const sitePainRises = (f) => f.log.site_pain_change === "more" || (hand.siteRose(f) && f.site >= 3);

function sitePainUp(f) {
  if (sitePainRises(f)) return true;
  if (f.site === null || f.site < 3 || f.log.site_pain_change === "less") return false;
  return hand.openAlert(f, "site_pain_up") !== null;
}

function site(f, fired) {
  const g = f.log;
  if ((g.site_swelling ?? "none") !== "none" && !inGrace(f)) fired.set("RDN-08", "site_swelling");
  if (g.site_warmth === "warm") fired.set("RDN-09", "site_warmth");
  if (g.site_redness === "new_or_spreading") fired.set("RDN-10", "site_redness");
  if (g.site_streaks === "yes") fired.set("RDN-11", "site_streaks");
  if (g.site_drainage === "pus") fired.set("RDN-12", "site_pus");
  if (sitePainUp(f)) fired.set("RDN-13", "site_pain_up");
  if (hand.feverMeasured(f)) fired.set("RDN-14", "fever");
  if (g.fever_feel === "yes" && f.temp === null) fired.set("RDN-15", "fever");
}

function back(f, fired) {
  const high = f.pain !== null && f.pain >= 4;
  const open = (sign) => high && hand.openAlert(f, sign) !== null;
  if (f.log.back_change === "new_sudden" || open("back_new_sudden")) fired.set("RDN-16", "back_new_sudden");
  const overLow = f.pain !== null && f.low !== null && f.pain - f.low >= 3;
  if (high && (hand.rose(f, 2) || overLow || open("back_pain_up"))) fired.set("RDN-17", "back_pain_up");
  const over = f.pain !== null && f.baseline !== null && f.pain >= f.baseline + 2;
  if (over || open("back_worse_than_before")) fired.set("RDN-18", "back_worse_than_before");
}

function others(f, fired) {
  const g = f.log;
  const bleeding = g.site_bleeding ?? "none";
  if (g.fall === "fell_hurt" || g.fall_head_hit === "yes") fired.set("RDN-19", "fall_hurt");
  if ((g.apap_total_mg ?? null) !== null && g.apap_total_mg > (f.patient.apap_max_mg ?? 4000)) fired.set("RDN-20", "apap_over");
  if (bleeding === "soaking") fired.set("RDN-21", "site_bleeding");
  if (g.rash === "yes") fired.set("RDN-22", "rash");
  const still = g.walk_level === "none" && g.mobility_change !== "better" && hand.openAlert(f, "cannot_walk");
  if (g.mobility_change === "cannot" || still) fired.set("RDN-23", "cannot_walk");
  const nerveItem = [g.numb, g.weak, g.spread_pain].some((one) => (one ?? "no") !== "no");
  const noNerve = g.nerve_gate === "some" && !nerveItem && (g.bladder ?? "none") === "none" && (g.bowel ?? "none") === "none";
  const siteItem = (g.site_swelling ?? "none") !== "none" || otherSiteItem(g) || (g.dressing ?? "ok") !== "ok";
  if (noNerve || (g.site_gate === "some" && !siteItem && !sitePainRises(f))) fired.set("RDN-24", "RDN-24");
  if (g.notes_confirm !== "not_now" && hand.saysPhrase(g.notes, hand.PHRASES_DOCTOR_NOW)) fired.set("RDN-25", "RDN-25");
  const bleeds = g.site_bruise === "growing" || bleeding !== "none";
  if (g.blood_thinner_taken === "yes" && bleeds) fired.set("RDN-26", "thinner_bleed");
  if (g.took_as_directed === "more" && f.opioid && g.energy === "very_tired") fired.set("RDN-27", "opioid_over");
}

export function mayBeLowered(f, sign) {
  if (FRESH.has(sign)) return false;
  const about = f.alerts.filter((alert) => alert.sign === sign);
  return about.length > 0 && about.every((alert) => knownAndSteady(f, sign, alert));
}

function knownAndSteady(f, sign, alert) {
  const answered = alert.ack_hours ?? null;
  if (answered === null || (alert.ack !== "contacted" && alert.ack !== "evaluated")) return false;
  if (hand.HARD.has(sign) && alert.ack !== "evaluated") return false;
  const age = f.hours - answered;
  return age >= 0 && age <= 48 && !isWorse(f, sign, alert.snapshot ?? {});
}

function isWorse(f, sign, then) {
  const g = f.log;
  if (sign === "numb" || sign === "weak" || sign === "spread_pain") return nerveWorse(g, sign, then);
  if (sign === "bladder" || sign === "bowel") return g[`${sign}_change`] === "worse";
  if (sign === "fever") return upBy(hand.celsius(f), then.temp_c ?? null, 0.5);
  if (sign === "site_pain_up") return g.site_pain_change === "more" || upBy(f.site, then.pain_site ?? null, 2);
  if (sign === "back_pain_up" || sign === "back_worse_than_before") return upBy(f.pain, then.pain ?? null, 2);
  if (sign === "site_swelling") return g.site_swelling === "new_or_growing";
  if (sign === "site_redness") return g.site_redness === "new_or_spreading";
  return sign === "back_new_sudden" && g.back_change !== "same" && g.back_change !== "better";
}

function nerveWorse(g, sign, then) {
  const where = g[`${sign}_where`] ?? [];
  const known = then.regions ?? [];
  if (g[`${sign}_change`] === "worse" || where.some((one) => !known.includes(one))) return true;
  if (known.length && !where.length) return true;
  return sign === "weak" && (STANDING[g.weak_stand] ?? 0) > (STANDING[then.weak_stand] ?? 0);
}

function upBy(now, then, step) {
  if (now === null || then === null) return (now === null) !== (then === null);
  return now - then >= step - 0.000001;
}
