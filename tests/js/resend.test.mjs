// Which logs a phone still keeps after the clinic has them, and which of them it sends once more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { lost, MOST_KEPT, outdated } from "../../static/js/resend_after_restore.js";

const DAY = 86400000;
const FACTS = {
  about: "rosa",
  person: "me",
  epoch: "two",
  last_received: "2026-01-10T12:00:00.500000+00:00",
  fetched_at: 1000,
};
const RECEIVED = "2026-01-10T11:00:00+00:00";
const entry = (id, changes = {}) => ({
  id,
  about: "rosa",
  person: "me",
  at: 0,
  tier: "on_track",
  epoch: "two",
  received_at: RECEIVED,
  sent_at: 10,
  body: { supersedes: null },
  ...changes,
});
const ids = (entries, facts = FACTS) => lost(entries, facts).map((one) => one.id);

test("what was received in this epoch and is known is not sent again", () => {
  assert.deepEqual(ids([entry("a"), entry("b", { received_at: FACTS.last_received })]), []);
});

test("another epoch means all of them, the most urgent first, then the oldest", () => {
  const old = { epoch: "one" };
  const entries = [
    entry("calm", { ...old, at: 1 }),
    entry("older", old),
    entry("doctor", { ...old, at: 3, tier: "call_doctor_now" }),
    entry("911", { ...old, at: 4, tier: "call_911" }),
  ];
  assert.deepEqual(ids(entries), ["911", "doctor", "older", "calm"]);
});

test("a log goes before the one that replaces it, however urgent that is", () => {
  const old = { epoch: "one" };
  const entries = [
    entry("whole", { ...old, at: 2, tier: "call_911", body: { supersedes: "part" } }),
    entry("part", { ...old, at: 1, tier: "watch" }),
    entry("doctor", { ...old, at: 0, tier: "call_doctor_now" }),
  ];
  assert.deepEqual(ids(entries), ["part", "whole", "doctor"]);
});

test("a receipt later than the newest log the clinic knows of shows a loss by itself", () => {
  const late = entry("late", { received_at: "2026-01-10T12:00:01+00:00" });
  assert.deepEqual(ids([entry("a"), late]), ["late"]);
  assert.deepEqual(ids([entry("a")], { ...FACTS, last_received: null }), ["a"]);
});

test("what was noted as missing is sent although a later log has arrived since", () => {
  assert.deepEqual(ids([entry("noted", { epoch: null })], { ...FACTS, last_received: "2026-01-11T00:00:00+00:00" }), [
    "noted",
  ]);
});

test("facts from before the answer say nothing of it, and a refusal is not tried again in its epoch", () => {
  assert.deepEqual(ids([entry("just now", { epoch: "one", sent_at: 1001 })]), []);
  assert.deepEqual(ids([entry("refused", { received_at: null })]), []);
});

test("a helper of two sends all again in another epoch, and by its time only that of the patient on screen", () => {
  assert.deepEqual(ids([entry("olga's", { about: "olga", epoch: "one" })]), ["olga's"]);
  assert.deepEqual(ids([entry("olga's", { about: "olga", received_at: "2026-01-10T12:00:01+00:00" })]), []);
});

test("what this phone can no longer open is not sent", () => {
  assert.deepEqual(ids([{ id: "closed", epoch: "one", sent_at: 10, lost: true }]), []);
});

test("fourteen days and sixty logs of each person are kept", () => {
  const now = 100 * DAY;
  const gone = (entries) => outdated(entries, now).map((one) => one.id);
  const many = Array.from({ length: MOST_KEPT + 2 }, (_, n) => entry(`n${n}`, { at: now - n }));
  assert.deepEqual(gone([...many, entry("yours", { at: now - 5000, person: "you" })]), [
    `n${MOST_KEPT}`,
    `n${MOST_KEPT + 1}`,
  ]);
  assert.deepEqual(gone([entry("14 days", { at: now - 14 * DAY }), entry("older", { at: now - 14 * DAY - 1 })]), [
    "older",
  ]);
});
