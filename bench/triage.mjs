// node triage.mjs ENGINE CASES: times the phone's judge beside the hand-written chain, in alternating rounds, after
// checking that both give the same verdicts. Prints {"ours": [seconds], "hand": [seconds], "apart": count} a round each.
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { judge as hand } from "./hand_chain.mjs";

const ROUNDS = 9;
const { judge: ours } = await import(pathToFileURL(process.argv[2]));
const cases = JSON.parse(await readFile(process.argv[3], "utf8"));
const plain = ({ tier, fired, notices, nurse_priority }) =>
  JSON.stringify([tier, fired.map((rule) => rule.id ?? rule), notices, nurse_priority]);
const apart = cases.filter((one) => plain(ours(...one)) !== plain(hand(...one))).length;

function seconds(judge) {
  const start = performance.now();
  for (const one of cases) judge(...one);
  return (performance.now() - start) / 1000;
}

const times = { ours: [], hand: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  times.ours.push(seconds(ours));
  times.hand.push(seconds(hand));
}
process.stdout.write(JSON.stringify({ ...times, apart }));
