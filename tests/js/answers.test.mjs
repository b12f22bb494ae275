// From taps to answers; that Python reads the same is asked by tests/recovery/test_phone_answers.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswers, readNumber } from "../../static/js/answers.js";
import { rounded, sumOf } from "../../static/js/tylenol.js";

const CALM = [
  ["em_gate", "none"],
  ["nerve_gate", "none"],
  ["site_gate", "none"],
  ["fever_feel", "no"],
  ["pain_move", "2"],
  ["back_change", "better"],
];
const read = (more = [], options = {}) => readAnswers([...CALM, ...more], options);

test("a calm day has no problems, and numbers are numbers", () => {
  const { answers, problems } = read([
    ["activities", "rest"],
    ["activities", "drove"],
    ["temp_unit", "F"],
  ]);
  assert.deepEqual(problems, []);
  assert.equal(answers.pain_move, 2);
  assert.deepEqual(answers.activities, ["rest", "drove"]);
  assert.ok(!("temp_unit" in answers), "a unit without a temperature says nothing");
});

test("what is missing is named in the order of the page, and not asked of a part", () => {
  const { problems } = readAnswers([]);
  assert.deepEqual(
    problems.map(([code]) => code),
    ["em_gate", "nerve_gate", "site_gate", "fever_feel", "pain_move", "back_change"],
  );
  assert.deepEqual(readAnswers([], { partial: true }).problems, []);
});

test("a comma is a decimal point; anything but a plain number is not a number", () => {
  assert.equal(readNumber(" 98,6 "), 98.6);
  assert.equal(readNumber(""), null);
  for (const typed of ["1e3", "98.6F", ".", "-", "1,234.5", "Infinity"]) assert.throws(() => readNumber(typed), typed);
  assert.throws(() => readNumber("2.5", { whole: true }), /whole number/);
  assert.throws(() => readNumber("601", { whole: true, limits: [0, 600] }), /from 0 to 600/);
});

test("a unit may stand behind a temperature, and it wins over the tapped one", () => {
  for (const [typed, number, unit] of [
    ["101.2°F", 101.2, "F"],
    ["38,5 C", 38.5, "C"],
    ["１０１.２", 101.2, "C"],
  ]) {
    const { answers } = read([
      ["temp_value", typed],
      ["temp_unit", "C"],
    ]);
    assert.deepEqual([answers.temp_value, answers.temp_unit], [number, unit], typed);
  }
});

test("a text loses what nobody can see, and nothing else; it is never too long", () => {
  const { answers, problems } = read([
    ["notes", "numb\u0000leg \ud800\u202e\u200bnow\r\nyes"],
    ["question_for_team", "?".repeat(3000)],
  ]);
  assert.deepEqual([answers.notes, answers.question_for_team.length, problems], ["numb leg now\nyes", 3000, []]);
});

test("an odd temperature is asked about once, then taken as it is", () => {
  const once = read([["temp_value", "986"]]);
  assert.deepEqual(
    once.problems.map(([code]) => code),
    ["temp_value"],
  );
  assert.ok(!("temp_value" in once.answers));
  const twice = read([
    ["temp_value", "986"],
    ["temp_seen", "986"],
  ]);
  assert.deepEqual([twice.problems, twice.answers.temp_value], [[], 986]);
});

test("an item that was opened and not answered is asked again, never taken for no", () => {
  const { answers, problems } = readAnswers([["open_em_breath", "1"], ...CALM.slice(1)]);
  assert.deepEqual(
    problems.map(([code]) => code),
    ["em_breath"],
  );
  assert.equal(answers.em_gate, "some");
});

test("tylenol is strength times pills, added up, unless a sum was given", () => {
  const rows = [
    ["apap_mg_acetaminophen", "500"],
    ["apap_pills_acetaminophen", "2,5"],
    ["apap_mg_opioid_acetaminophen", "325"],
    ["apap_pills_opioid_acetaminophen", "2"],
  ];
  assert.equal(read(rows).answers.apap_total_mg, 1900);
  assert.equal(read([...rows, ["apap_total_mg", "3000"]]).answers.apap_total_mg, 3000);
  assert.deepEqual(
    read(rows.slice(0, 1)).problems.map(([code]) => code),
    ["apap_total_mg"],
  );
  assert.deepEqual([0.5, 1.5, 2.5, 2.4].map(rounded), [0, 2, 2, 2]);
  assert.equal(
    sumOf([
      [500, 6],
      [undefined, 2],
    ]),
    3000,
  );
});

test("a helper's log says so", () => {
  assert.equal(read([["logged_by", "self"]], { byHelper: true }).answers.logged_by, "caregiver");
});
