// node triage.mjs ENGINE CASES: times the phone's judge, a number of rounds over all cases, and gives its verdicts.
// Prints {"seconds": [a round each], "verdicts": [[tier, fired, notices, priority] a case each]}.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const ROUNDS = 9;
const { judge } = await import(pathToFileURL(process.argv[2]));
const cases = JSON.parse(await readFile(process.argv[3], "utf8"));
const verdicts = cases.map((one) => {
  const { tier, fired, notices, nurse_priority } = judge(...one);
  return [tier, fired.map((rule) => rule.id ?? rule), notices.map((notice) => notice.id ?? notice), nurse_priority];
});

function round() {
  const start = performance.now();
  for (const one of cases) judge(...one);
  return (performance.now() - start) / 1000;
}

const seconds = Array.from({ length: ROUNDS }, round);
process.stdout.write(JSON.stringify({ seconds, verdicts }));
