// Runs the phone's own evaluator under Node: a line of cases in, a line of verdicts out, until the input ends.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { judge } = await import(pathToFileURL(process.argv[2]));
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const verdicts = JSON.parse(line).map((given) => judge(...given));
  process.stdout.write(`${JSON.stringify(verdicts)}\n`);
}
