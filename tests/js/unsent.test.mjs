// The words of the mark on every page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { age, counted, lineFor, whose } from "../../static/js/unsent_mark.js";

const MINUTE = 60000;
const entry = (changes = {}) => ({ person: "me", about: "rosa", at: 0, state: "waiting", ...changes });

test("an age is said in the largest unit that is honest", () => {
  assert.deepEqual(
    [-5, 0, 4, 89, 90, 47 * 60, 48 * 60].map((minutes) => age(minutes * MINUTE)),
    ["just now", "just now", "4 min old", "89 min old", "1 h old", "47 h old", "2 days old"],
  );
});

test("the oldest log gives the age", () => {
  assert.equal(counted([entry({ at: 5 * MINUTE }), entry()], 10 * MINUTE), "2 logs, 10 min old");
  assert.equal(counted([entry()], MINUTE), "1 log, 1 min old");
  assert.equal(counted([entry()], MINUTE - 1), "1 log, just now");
});

test("somebody who has to act is told before somebody who may wait", () => {
  assert.equal(lineFor([entry(), entry({ state: "refused" }), entry({ state: "sign_in" })], "me"), "refused");
  assert.equal(lineFor([entry(), entry({ state: "sign_in" })], "me"), "sign_in");
  assert.equal(lineFor([entry()], "me"), "waiting");
  assert.equal(lineFor([entry(), entry({ state: "newer" })], "me"), "newer");
  assert.equal(lineFor([entry({ state: "refused" })], "somebody else"), "other");
  assert.equal(lineFor([entry(), entry({ envelope: "{}" })], "somebody else"), "other_urgent");
});

test("the mark names the patient where more than one is possible, and of others who wrote it", () => {
  const page = { person: "me", about: "rosa", people: { rosa: { name: "Rosa" } } };
  const two = { ...page, people: { rosa: { name: "Rosa" }, olga: { name: "Olga" } } };
  assert.equal(whose([entry()], page), "");
  assert.equal(whose([entry()], two), "Rosa");
  assert.equal(whose([entry({ about: "olga" }), entry(), entry()], two), "Olga, Rosa");
  assert.equal(whose([entry({ person: "you", name: "Hilda" })], page), "Hilda");
  assert.equal(whose([entry()], { ...page, people: undefined }), "");
});
