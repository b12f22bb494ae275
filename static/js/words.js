// What scripts say, in the language of the page. The English stands where it is said; the words of another language
// come with the first page that needs them, and a page without them says it in English.
const language = globalThis.document?.documentElement.lang || "en";
/** @type {{words: Record<string, string>, review: string[], inReview: string}} */
let known = { words: {}, review: [], inReview: "" };
/** @type {Record<string, () => Promise<{words: typeof known}>>} */
const MODULES = { es: () => import("./words_es.js") };
/** @type {Record<string, string>} */
const LOCALES = { es: "es-US" };
const code = language.slice(0, 2);
MODULES[code]?.().then(
  (found) => {
    known = found.words;
  },
  () => {},
);
/**
 * What a helper's page says of the patient instead: the words, whether they are in review, and their English.
 * @type {Record<string, [string, boolean, string]>}
 */
const ofHelpers = JSON.parse(globalThis.document?.getElementById("helper-words")?.textContent || "{}");
export const LOCALE = LOCALES[code] || "en-US";
const FEVER = /\d+(?:\.\d+)?°F \(\d+(?:\.\d+)?°C\)/;

/**
 * A sentence in the page's language, with its values: say("Type a number from {low} to {high}.", {low: 1, high: 2}).
 * @type {(english: string, values?: Record<string, string | number>) => string}
 */
export function say(english, values = {}) {
  const words = ofHelpers[english]?.[0] || known.words[english] || english;
  return words.replace(/\{(\w+)\}/g, (blank, name) => String(values[name] ?? blank));
}

/**
 * A sentence of the rule book as what an element holds; one that is in review says so, with its English below.
 * @type {(english: string) => (string | HTMLElement)[]}
 */
export function clinical(english) {
  const limit = english.match(FEVER)?.[0] || "";
  const key = english.replace(FEVER, "{fever}");
  const own = ofHelpers[key];
  if (!own && !known.words[key]) return [english];
  const words = say(key, { fever: limit });
  if (!(own ? own[1] : known.review.includes(key))) return [words];
  const below = own ? own[2].replace("{fever}", limit) : english;
  return [words, " ", part("in-review", known.inReview), " ", part("as-written", below, "en")];
}

/** @type {(className: string, textContent: string, lang?: string) => HTMLElement} */
const part = (className, textContent, lang = language) =>
  Object.assign(document.createElement("span"), { className, textContent, lang });
