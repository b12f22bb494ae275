// Text and numbers as people type them: the twin of patients/values/typed_text.py and recovery/forms/typed.py. Pure.
import { numbers } from "./questions.js";

const UNSEEN = /[\p{Cf}\p{Cs}]/gu;
const LINE_ENDS = /\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
const CONTROL = /[\x00-\x08\x0e-\x1f\x7f-\x9f]/g;
// Python's idea of white space, not JavaScript's.
const SPACE = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const ENDS = new RegExp(`^${SPACE}+|${SPACE}+$`, "g");
/** @type {RegExp} */
const BETWEEN = /[ .°]/g;
const [ANY, WHOLE, THOUSANDS] = [numbers.any, numbers.whole, numbers.thousands].map(
  (one) => new RegExp(`^(${one})([^]*)$`),
);

/**
 * The text without letters nobody can see; line ends as one kind, other control characters as a space.
 * @param {string} text
 */
export const clean = (text) => text.replace(UNSEEN, "").replace(LINE_ENDS, "\n").replace(CONTROL, " ");

/** Cleaned, without white space around it. @param {string} text */
export const trimmed = (text) => clean(text).replace(ENDS, "");

/** How many letters it has, as the server counts them. @param {string} text */
export const lettersOf = (text) => [...text].length;

/**
 * A number in plain notation, with a word for its unit behind it or none; null when it can not be read.
 * @type {(text: string, how?: { whole?: boolean, unit?: string }) => number | null}
 */
export function numberOf(text, { whole = false, unit = "" } = {}) {
  const [number, rest] = parted(text, whole);
  return rest === "" || (Object.hasOwn(numbers.units, unit) && numbers.units[unit].includes(rest)) ? number : null;
}

/** [number or null, unit in the text: "F", "C" or ""]. @type {(text: string) => [number | null, string]} */
export function temperatureOf(text) {
  let [number, rest] = parted(text, false);
  const degrees = numbers.degrees.find((word) => rest.startsWith(word));
  if (degrees) rest = rest.slice(degrees.length);
  if (rest && !Object.hasOwn(numbers.tempUnits, rest)) return [null, ""];
  return [number, numbers.tempUnits[rest] || ""];
}

/** @type {(text: string, whole: boolean) => [number | null, string]} */
function parted(text, whole) {
  const plain = [...clean(text)]
    .map((letter) => numbers.folded[letter] ?? letter)
    .join("")
    .replace(ENDS, "")
    .toLowerCase();
  if (lettersOf(plain) > numbers.longest) return [null, ""];
  const many = whole && THOUSANDS.exec(plain);
  if (many) return [Number(many[1].replace(/[.,' ]/g, "")), many[2].replace(BETWEEN, "")];
  const found = (whole ? WHOLE : ANY).exec(plain);
  if (!found) return [null, ""];
  return [Number(found[1].replace(",", ".")), found[2].replace(BETWEEN, "")];
}
