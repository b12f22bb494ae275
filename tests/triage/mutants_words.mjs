// Each copy of free_text.js in FOLDER/0, FOLDER/1, ... against what is truly heard, until the first difference.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

const [folder, count] = process.argv.slice(2);
const { logs, lines, truth } = JSON.parse(readFileSync(`${folder}/cases.json`));
const shown = [];
for (let number = 0; number < Number(count); number += 1) {
  shown.push(await firstDifference(`${folder}/${number}/free_text.js`));
}
process.stdout.write(JSON.stringify(shown));

async function firstDifference(file) {
  let at = 0;
  try {
    const { FIELDS, foundConcepts, writtenFacts } = await import(pathToFileURL(file));
    for (; at < logs.length; at += 1) {
      const texts = FIELDS.map((name) => logs[at][name]);
      const found = foundConcepts(texts, lines, logs[at].logged_by === "caregiver").map(({ key, words }) => [
        key,
        words,
      ]);
      if (!isDeepStrictEqual([found, writtenFacts(logs[at], lines)], truth[at])) return at + 1;
    }
    return 0;
  } catch {
    return Math.min(at + 1, logs.length);
  }
}
