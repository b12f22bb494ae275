// The phone's reader of a filled-in form, for the tests in Python: a line in, a line out.
import { createInterface } from "node:readline";
import { readAnswers } from "../../static/js/answers.js";

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [entries, { asked, partial }] = JSON.parse(line);
  const read = readAnswers(entries, { partial, asked: (code) => asked.includes(code) });
  process.stdout.write(`${JSON.stringify(read)}\n`);
}
