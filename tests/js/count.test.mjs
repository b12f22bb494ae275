// Each log of a phone has a number: the same log keeps its own, and what was taken back is said to be gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { after, gone, without } from "../../static/js/log_numbers.js";

const MINUTE = 60000;
const three = () => ["a", "b", "c"].reduce((count, id, at) => after(count, id, at, "fresh"), undefined);

test("numbers go up by one, and a new phone begins a sequence of its own at one", () => {
  const count = three();
  assert.deepEqual([count.sequence, count.last], ["fresh", 3]);
  assert.deepEqual(
    count.open.map(({ id, place }) => [id, place]),
    [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ],
  );
  assert.equal(after(count, "d", 9, "another").sequence, "fresh");
  assert.deepEqual(
    [after(undefined, "d", 9, "another").sequence, after(undefined, "d", 9, "another").last],
    ["another", 1],
  );
});

test("the same log kept once more keeps its number", () => {
  assert.deepEqual(after(three(), "b", 99, "fresh"), three());
});

test("a number is gone when its log neither waits here nor was sent, once it had time to be kept", () => {
  const waits = new Set(["a"]);
  assert.deepEqual(gone(three(), waits, 2 * MINUTE), [2, 3]);
  assert.deepEqual(gone(three(), waits, MINUTE), []);
  assert.deepEqual(gone(three(), new Set(["a", "b", "c"]), 9 * MINUTE), []);
});

test("no message says more than fifty numbers are gone", () => {
  let many;
  for (let n = 0; n < 80; n += 1) many = after(many, `log ${n}`, 0, "fresh");
  assert.equal(gone(many, new Set(), 2 * MINUTE).length, 50);
});

test("what the clinic has named, and what it was told, is not looked at again", () => {
  const left = without(three(), { id: "a", body: { count: { number: 1, gone: [3] } } });
  assert.deepEqual(
    left.open.map(({ id }) => id),
    ["b"],
  );
  assert.equal(left.last, 3);
});
