// Names that every object answers to, as keys of what comes from outside: they change nothing, and find nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswers } from "../../static/js/answers.js";
import { parted } from "../../static/js/person_store.js";
import { verdictOf } from "../../static/js/phone_verdict.js";
import { cssOf, titleOf } from "../../static/js/tiers.js";
import { fallbackMinutes } from "../../static/js/triage.js";
import { numberOf } from "../../static/js/typed_text.js";
import { whose } from "../../static/js/unsent_mark.js";

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
const END = "2026-01-01T12:00:00+00:00";
const at = (hours) => Date.parse(END) + hours * 3600000;
const NUMB = {
  em_gate: "none",
  nerve_gate: "some",
  numb: "yes",
  numb_where: ["legs"],
  numb_change: "new",
  site_gate: "none",
  fever_feel: "yes",
  temp_value: 101,
  temp_unit: "F",
  pain_move: 2,
  back_change: "better",
};
// As it comes over the wire: there such a name is a key like any other.
const wire = (text) => JSON.parse(text);
const factsWith = (name = "") => {
  const alert = {
    sign: name,
    tier: "call_doctor_now",
    opened_hours: 1,
    status: "open",
    ack: "none",
    ack_hours: null,
    snapshot: {},
  };
  const hostile = name ? `{"${name}": {"fever_threshold_f": 200, "polluted": 1}}` : "{}";
  return {
    about: "p",
    version: "v",
    procedure_end_at: END,
    fetched_at: at(40),
    history: [],
    config: wire(hostile),
    patient: { alerts: name ? [alert] : [], clinic_overrides: wire(hostile) },
  };
};

const unchanged = () => {
  assert.equal({}.polluted, undefined);
  assert.deepEqual(Object.keys(Object.prototype), []);
};

for (const name of NAMES) {
  test(`the verdict on an urgent log stands whatever is called ${name}`, () => {
    const plain = verdictOf(factsWith(), [], NUMB, at(50));
    const log = wire(`{"${name}": {"polluted": 1}, ${JSON.stringify(NUMB).slice(1)}`);
    const found = verdictOf(factsWith(name), [], log, at(50));
    assert.deepEqual([found.tier, found.minutes], [plain.tier, plain.minutes]);
    assert.ok(plain.fired.every((rule) => found.fired.includes(rule)));
    unchanged();
  });

  test(`${name} has no minutes, title, colour, unit or patient of its own`, () => {
    assert.equal(fallbackMinutes([name]), fallbackMinutes([]));
    assert.equal(fallbackMinutes([], { fallback_min: wire(`{"${name}": 1}`) }), fallbackMinutes([]));
    assert.deepEqual([titleOf(name), cssOf({ tier: name })], ["What to do now", undefined]);
    assert.equal(numberOf("5 mg", { unit: name }), null);
    const people = { c: { name: "Zoe" }, d: { name: "Yan" } };
    assert.equal(whose([{ person: "a", about: name, name: "n" }], { person: "a", about: "c", people }), "");
    unchanged();
  });

  test(`a field called ${name} is no answer, and is kept as it came`, () => {
    const { answers } = readAnswers(
      [
        [name, "1"],
        ["nerve_gate", "some"],
      ],
      { partial: true },
    );
    assert.deepEqual(Object.entries(answers), [["nerve_gate", "some"]]);
    const [thing, marks] = parted(wire(`{"${name}": {"polluted": 1}, "at": 1}`));
    assert.deepEqual([Object.keys(thing), marks], [[name], { at: 1 }]);
    unchanged();
  });
}
