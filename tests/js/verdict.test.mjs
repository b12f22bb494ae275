// The kept facts and what was not sent yet, put together before the rules are asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isStale, verdictOf } from "../../static/js/phone_verdict.js";
import { cssOf, titleOf } from "../../static/js/tiers.js";

const END = "2026-01-01T12:00:00+00:00";
const at = (hours) => Date.parse(END) + hours * 3600000;
const FACTS = {
  about: "p",
  version: "v",
  procedure_end_at: END,
  fetched_at: at(40),
  patient: { alerts: [], clinic_overrides: {} },
  history: [],
  config: {},
};
const CALM = {
  em_gate: "none",
  nerve_gate: "none",
  site_gate: "none",
  fever_feel: "no",
  pain_move: 2,
  back_change: "better",
};
const NUMB = { ...CALM, nerve_gate: "some", numb: "yes", numb_where: ["legs"], numb_change: "new" };

function kept(id, hours, answers, supersedes = null, unsent = []) {
  const verdict = verdictOf(FACTS, unsent, answers, at(hours), supersedes);
  return { id, signs: verdict.signs, body: { answers, supersedes, answered_at: new Date(at(hours)).toISOString() } };
}

test("a calm log is on track, with the hash of the rules and of the facts", () => {
  const verdict = verdictOf(FACTS, [], CALM, at(50));
  assert.equal(verdict.tier, "on_track");
  assert.equal(verdict.facts, "v");
  assert.match(verdict.rulebook, /^[0-9a-f]{64}$/);
});

test("a sign this phone reported holds a later calm log, although nobody has heard of it", () => {
  const numb = kept("a", 50, NUMB);
  const verdict = verdictOf(FACTS, [numb], CALM, at(51));
  assert.deepEqual([verdict.tier, verdict.fired], ["watch", ["RL-02"]]);
  assert.equal(verdict.facts, "v+1");
});

test("an unsent log is the past of the next one, unless that replaces it", () => {
  const before = kept("a", 50, { ...CALM, pain_move: 1 });
  const worse = { ...CALM, pain_move: 6 };
  const firedAfter = (supersedes) => verdictOf(FACTS, [before], worse, at(60), supersedes).fired;
  assert.notDeepEqual(firedAfter(null), firedAfter("a"));
  assert.deepEqual(firedAfter("a"), verdictOf(FACTS, [], worse, at(60)).fired);
});

test("before the procedure nothing is said of warning signs, but 911 is", () => {
  assert.equal(verdictOf(FACTS, [], CALM, at(-5)).before, true);
  const chest = verdictOf(FACTS, [], { ...CALM, em_chest_pain: "yes" }, at(-5));
  assert.deepEqual([chest.before, chest.tier], [false, "call_911"]);
});

test("without facts only this log speaks, and 911 still does", () => {
  const verdict = verdictOf(null, [], { em_gate: "some", em_chest_pain: "yes" }, at(50));
  assert.deepEqual([verdict.tier, verdict.known, verdict.facts], ["call_911", false, "none"]);
});

test("after fourteen days without a word the advice is called out of date, and 911 stays", () => {
  const late = at(40) + 14 * 24 * 3600000;
  assert.deepEqual([isStale(FACTS, late), isStale(FACTS, late + 1)], [false, true]);
  assert.equal(verdictOf(FACTS, [], { em_chest_pain: "yes" }, late + 1).tier, "call_911");
});

test("a danger phrase in the note is asked about, unless another answer says the same", () => {
  const asks = (answers) => verdictOf(FACTS, [], answers, at(50)).asksAboutNote;
  assert.equal(asks({ ...CALM, notes: "I have chest pain" }), true);
  assert.equal(asks({ ...CALM, notes: "no chest pain" }), false);
  assert.equal(asks({ ...CALM, notes: "chest pain", em_chest_pain: "yes" }), false);
  assert.equal(asks({ ...CALM, notes: "chest pain", notes_confirm: "not_now" }), false);
});

test("how long to wait for a call is the shortest of the signs", () => {
  assert.equal(verdictOf(FACTS, [], NUMB, at(50)).minutes, 30);
  assert.equal(verdictOf(FACTS, [], { ...NUMB, bladder: "leak" }, at(50)).minutes, 10);
  assert.equal(verdictOf(FACTS, [], { ...NUMB, bladder: "leak" }, at(50)).erNow, true);
  assert.equal(verdictOf(FACTS, [], { ...NUMB, numb_where: ["legs"] }, at(50)).erNow, false);
});

test("the heading of what sends to the ER says so, and no other does", () => {
  const ofLog = (answers) => verdictOf(FACTS, [], answers, at(50));
  const leak = ofLog({ ...CALM, nerve_gate: "some", bladder: "leak" });
  assert.equal(titleOf(leak.tier, leak.erNow), "Go to the ER now");
  const numb = ofLog(NUMB);
  assert.equal(titleOf(numb.tier, numb.erNow), "Call your doctor now");
  assert.equal(titleOf("call_911", true), "Call 911 now");
  assert.equal(titleOf("on_track", true), "What to do now");
});

test("no advice that is not urgent stands over words nobody has read without saying so", () => {
  const read = (answers, hours = 50) => {
    const { unread, messages } = verdictOf(FACTS, [], answers, at(hours));
    return [unread, messages.some(({ text }) => text.includes("No one has read your note yet."))];
  };
  const note = { notes: "My tongue tastes of metal." };
  assert.deepEqual(read({ ...CALM, ...note }), [false, true]);
  assert.deepEqual(read({ ...CALM, question_for_team: "May I swim?", back_stiff: "new_or_worse" }), [true, false]);
  assert.equal(read({ ...CALM, ...note }, -5)[0], true);
  assert.deepEqual(read({ ...CALM, notes: " \u200b\n" }), [false, false]);
  assert.deepEqual(read({ ...NUMB, ...note }), [false, false]);
  assert.equal(cssOf(verdictOf(FACTS, [], { ...CALM, ...note }, at(50))), "plain");
  assert.equal(cssOf(verdictOf(FACTS, [], CALM, at(50))), "ok");
});

test("of somebody in the hospital a calm log has no colour of calm, and the phone knows since when", () => {
  const since = new Date(at(45)).toISOString();
  const away = verdictOf({ ...FACTS, in_hospital_since: since }, [], CALM, at(50));
  assert.deepEqual([away.tier, away.awaySince, cssOf(away)], ["on_track", since, "plain"]);
  assert.equal(cssOf(verdictOf(FACTS, [], CALM, at(50))), "ok");
});
