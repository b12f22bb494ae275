// A tier as a heading and as a class, the same wherever the phone says it by itself.
export const URGENT = ["call_911", "call_doctor_now"];
const CSS = new Map([
  ["call_911", "tier-911"],
  ["call_doctor_now", "tier-doctor"],
  ["watch", "tier-watch"],
  ["on_track", "tier-track"],
]);
const TITLES = new Map([
  ["call_911", "Call 911 now"],
  ["call_doctor_now", "Call your doctor now"],
]);
const GO_TO_ER = "Go to the ER now";

/** What stands over the advice; the twin of heading() in recovery/triage/tiers.py. erNow: sent to the ER at once. */
export const titleOf = (tier, erNow = false) =>
  erNow && tier === "call_doctor_now" ? GO_TO_ER : TITLES.get(tier) || "What to do now";

/** The colours of an advice: none of calm over words nobody has read, or of somebody who is in the hospital. */
export const cssOf = ({ tier, words, awaySince }) =>
  tier === "on_track" && (words || awaySince) ? "tier-none" : CSS.get(tier);

/** 10:02 AM today, with its day on another one. */
export function clockOf(at, now = Date.now()) {
  const day = (moment) => new Date(moment).toDateString();
  const clock = new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
  if (day(at) === day(now)) return clock;
  return `${new Date(at).toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" })}, ${clock}`;
}
