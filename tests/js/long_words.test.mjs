// A word without end is heard in little memory: 60,000 letters were 3.6 GB and ten minutes.
import assert from "node:assert/strict";
import test from "node:test";
import { getHeapStatistics } from "node:v8";
import { foundConcepts } from "../../static/js/free_text.js";

const letters = (count) =>
  Array.from({ length: count }, (_, n) => String.fromCharCode(97 + ((n * n + 7 * n) % 26))).join("");

test("a word without end costs next to nothing, and hides nothing", () => {
  foundConcepts(["hello"], [100.4, 38]);
  const before = getHeapStatistics().malloced_memory + process.memoryUsage().heapUsed;
  const found = foundConcepts([`${letters(12000)} my chest hurts`], [100.4, 38]).map(({ key }) => key);
  const used = getHeapStatistics().malloced_memory + process.memoryUsage().heapUsed - before;
  assert.deepEqual(found, ["chest"]);
  assert.ok(used < 20e6, `${used} bytes`);
});
