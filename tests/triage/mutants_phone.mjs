// Each copy of the phone's evaluator in FOLDER/0, FOLDER/1, ... against the true verdicts, until the first difference.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

const [folder, count] = process.argv.slice(2);
const { cases, truth } = JSON.parse(readFileSync(`${folder}/cases.json`));
const shown = [];
for (let number = 0; number < Number(count); number += 1) {
  shown.push(await firstDifference(`${folder}/${number}/triage.js`));
}
process.stdout.write(JSON.stringify(shown));

async function firstDifference(file) {
  let at = 0;
  try {
    const { judge } = await import(pathToFileURL(file));
    for (; at < cases.length; at += 1) {
      const verdict = JSON.parse(JSON.stringify(judge(...cases[at])));
      if (!isDeepStrictEqual(verdict, truth[at])) return at + 1;
    }
    return 0;
  } catch {
    return Math.min(at + 1, cases.length);
  }
}
