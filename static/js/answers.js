// From what was tapped and typed to answers: the twin of recovery/forms/log.py and fields.py. Pure: no page here.
// The tests hold the two against each other, so change both or neither.
import { gates, milligrams, pills, plausibleTemp, products, questions, words } from "./questions.js";
import { rounded } from "./tylenol.js";
import { numberOf, temperatureOf, trimmed } from "./typed_text.js";
import { say } from "./words.js";

/** @typedef {{ [code: string]: Answer }} Found */
/** @typedef {Map<string, string>} Problems */
/**
 * @typedef {{ whole?: boolean, limits?: number[] | null, unit?: string, read?: ((text: string) => number | null)
 *   | null }} Bounds
 */

/**
 * entries: [[name, value]] as a form sends them. asked: whether a question stands on this page.
 * partial: what is still missing is no problem. Returns the answers that could be read, ready to judge and to
 * send, and what has to be put right as [code, words], in the order of the page.
 * @param {Iterable<[string, any]>} entries the names and values of a form
 * @param {{ asked?: (code: string) => boolean, partial?: boolean, byHelper?: boolean }} [how]
 * @returns {{ answers: Log, problems: [string, string][] }}
 */
export function readAnswers(entries, { asked = () => true, partial = false, byHelper = false } = {}) {
  const form = new Form(entries);
  const page = questions.filter((question) => asked(question.code) || question.code === "notes_confirm");
  /** @type {Found} */
  const found = {};
  /** @type {Problems} */
  const problems = new Map();
  for (const question of page) {
    try {
      const value = readOne(question, form);
      if (value !== null) found[question.code] = value;
      else if (question.required && !partial)
        problems.set(question.code, say("Please answer: {question}", { question: say(question.words) }));
    } catch (problem) {
      problems.set(question.code, wordsOf(problem));
    }
  }
  if (!partial) openItems(page, form, found, problems);
  openGates(page, form, found, problems, partial);
  unitInText(form, found);
  addTylenol(form, found, problems);
  if (!partial) lookTwice(form, found, problems);
  return { answers: inOrder(page, found, byHelper, form.all("notes_asked")), problems: asOnThePage(page, problems) };
}

/** @param {unknown} problem */
const wordsOf = (problem) => (problem instanceof Error ? problem.message : String(problem));

class Form {
  /** @param {Iterable<[string, string]>} entries */
  constructor(entries) {
    /** @type {Map<string, string[]>} */
    this.values = new Map();
    for (const [name, value] of entries) this.values.set(name, [...(this.values.get(name) || []), value]);
  }
  /** @param {string} name */
  all(name) {
    return this.values.get(name) || [];
  }
  // Of a name given twice the last one counts.
  /** @param {string} name */
  last(name) {
    return this.all(name)[this.all(name).length - 1] || "";
  }
}

/** @type {(question: Question, form: Form) => Answer | null} */
function readOne({ code, type, limits, unit }, form) {
  if (type === "set") return form.all(code).length ? [...new Set(form.all(code))] : null;
  if (new Set(form.all(code)).size > 1) throw new Error(say(words.oneAnswer));
  const value = form.last(code);
  if (type === "enum") return value || null;
  if (type === "scale") return value === "" ? null : Number(value);
  // Of any length: the clinic keeps it up to its bound, and hears all of it.
  if (type === "text") return trimmed(value) || null;
  if (code === "temp_value") return readNumber(value, { read: (text) => temperatureOf(text)[0] });
  return readNumber(value, { whole: type === "integer", limits, unit });
}

/**
 * A typed number, with a comma or a point before the decimals; null when left empty.
 * @type {(value: string, bounds?: Bounds) => number | null}
 */
export function readNumber(value, { whole = false, limits = null, unit = "", read = null } = {}) {
  const text = trimmed(value);
  if (!text) return null;
  const number = read ? read(text) : numberOf(text, { whole, unit });
  if (number === null) throw new Error(say(whole ? "Type only a whole number." : "Type only a number, like 98.6."));
  if (limits && (number < limits[0] || number > limits[1])) {
    throw new Error(say("Type a number from {low} to {high}.", { low: limits[0], high: limits[1] }));
  }
  return number;
}

// An item that was tapped but not answered is asked again, never taken for 'no'.
/** @type {(page: Question[], form: Form, found: Found, problems: Problems) => void} */
function openItems(page, form, found, problems) {
  for (const { code, tick, words: question } of page) {
    if (!form.last(`open_${code}`) || tick || problems.has(code) || code in found) continue;
    problems.set(code, say(words.tellMore, { question: say(question) }));
  }
}

// A list is answered by its gate or by any of its items.
/** @type {(page: Question[], form: Form, found: Found, problems: Problems, partial: boolean) => void} */
function openGates(page, form, found, problems, partial) {
  for (const gate of gates) {
    const items = page.filter((question) => question.list === gate);
    if (!found[gate] && items.some((question) => isSet(question, form, found))) found[gate] = "some";
    const own = page.find((question) => question.code === gate);
    if (!found[gate] && !partial && !problems.has(gate) && own)
      problems.set(gate, say("Please answer: {question}", { question: say(own.words) }));
  }
}

// An item opened and then answered calmly is not tapped.
/** @type {(question: Question, form: Form, found: Found) => boolean} */
function isSet({ code, worry }, form, found) {
  return code in found ? (worry || []).includes(found[code]) : Boolean(form.last(`open_${code}`));
}

/** @type {(form: Form, found: Found, problems: Problems) => void} */
function addTylenol(form, found, problems) {
  let sum = 0;
  for (const product of products) {
    const strength = readPart(`apap_mg_${product}`, { whole: true, limits: milligrams, unit: "mg" }, form, problems);
    const number = readPart(`apap_pills_${product}`, { limits: pills, unit: "pill" }, form, problems);
    if ((strength === null) !== (number === null)) problems.set("apap_total_mg", say(words.tellStrength));
    sum += (strength || 0) * (number || 0);
  }
  if (!("apap_total_mg" in found) && sum && !problems.has("apap_total_mg")) found.apap_total_mg = rounded(sum);
  if (problems.has("apap_total_mg")) delete found.apap_total_mg;
}

/** @type {(name: string, how: Bounds, form: Form, problems: Problems) => number | null} */
function readPart(name, how, form, problems) {
  try {
    return readNumber(form.last(name), how);
  } catch (problem) {
    problems.set(name, wordsOf(problem));
    return null;
  }
}

// A unit in the text wins over the tapped one.
/** @type {(form: Form, found: Found) => void} */
function unitInText(form, found) {
  const unit = temperatureOf(form.last("temp_value"))[1];
  if (unit) found.temp_unit = unit;
}

// Outside any thermometer's range: asked once, then taken as it is.
/** @type {(form: Form, found: Found, problems: Problems) => void} */
function lookTwice(form, found, problems) {
  const value = found.temp_value;
  if (typeof value !== "number" || (value >= plausibleTemp[0] && value <= plausibleTemp[1])) return;
  if (temperatureOf(form.last("temp_seen"))[0] === value) return;
  problems.set("temp_value", say(words.checkTemp));
  delete found.temp_value;
}

/** @type {(page: Question[], problems: Problems) => [string, string][]} */
function asOnThePage(page, problems) {
  const place = new Map(page.map(({ code }, index) => [code, index]));
  return [...problems].sort(([a], [b]) => (place.get(a) ?? page.length) - (place.get(b) ?? page.length));
}

/** @type {(page: Question[], found: Found, byHelper: boolean, asked: string[]) => Log} */
function inOrder(page, found, byHelper, asked) {
  /** @type {Log} */
  const answers = {};
  for (const { code } of page) if (code in found) answers[code] = found[code];
  if (!("temp_value" in answers)) delete answers.temp_unit;
  if (answers.notes_confirm && asked.length) answers.notes_asked = [...new Set(asked)];
  if (byHelper) answers.logged_by = "caregiver";
  return answers;
}
