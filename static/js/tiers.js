// The tiers, and a tier as a heading and as a class: the one place of the scripts.
// tests/architecture/test_one_place.py holds it against patients/tiers.py.
import { LOCALE, say } from "./words.js";

/** @type {Tier[]} */
export const TIERS = ["on_track", "watch", "call_doctor_now", "call_911"];
export const [ON_TRACK, WATCH, CALL_DOCTOR_NOW, CALL_911] = TIERS;
/** @type {string[]} */
export const URGENT = [CALL_911, CALL_DOCTOR_NOW];
/** @type {Map<string, string>} */
const CSS = new Map([
  [CALL_911, "e911"],
  [CALL_DOCTOR_NOW, "now"],
  [WATCH, "watch"],
  [ON_TRACK, "ok"],
]);
/** @type {Map<string, string>} */
const TITLES = new Map([
  [CALL_911, "Call 911 now"],
  [CALL_DOCTOR_NOW, "Call your doctor now"],
]);
const GO_TO_ER = "Go to the ER now";

/** How urgent a tier is, for sorting: 0 is on track. @type {(tier: Tier) => number} */
export const rankOf = (tier) => TIERS.indexOf(tier);

/**
 * What stands over the advice; the twin of heading() in patients/tiers.py. erNow: sent to the ER at once.
 * @type {(tier: string, erNow?: boolean) => string}
 */
export const titleOf = (tier, erNow = false) =>
  say(erNow && tier === CALL_DOCTOR_NOW ? GO_TO_ER : TITLES.get(tier) || "What to do now");

/**
 * The colours of an advice: none of calm over words nobody has read, or of somebody who is in the hospital.
 * @type {(verdict: Pick<Verdict, "tier" | "words" | "awaySince">) => string | undefined}
 */
export const cssOf = ({ tier, words, awaySince }) =>
  tier === ON_TRACK && (words || awaySince) ? "plain" : CSS.get(tier);

/** 10:02 AM today, with its day on another one. @type {(at: number, now?: number) => string} */
export function clockOf(at, now = Date.now()) {
  /** @param {number} moment */
  const day = (moment) => new Date(moment).toDateString();
  const clock = new Date(at).toLocaleTimeString(LOCALE, { hour: "numeric", minute: "2-digit" });
  if (day(at) === day(now)) return clock;
  return `${new Date(at).toLocaleDateString(LOCALE, { weekday: "short", month: "short", day: "numeric" })}, ${clock}`;
}
