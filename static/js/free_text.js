// Words of danger in what a person wrote: the phone's twin of recovery/triage/words.py, patterns.py and free_text.py.
// What counts is data (book.freeText, from the rule book's concepts.toml, english.toml and spanish.toml); here is only
// how it is found and when it stands. No look-behind and no \w or \s: older phones lack the first, the others differ.
import { rulebook as book } from "./rulebook.js";
import { CALL_911, CALL_DOCTOR_NOW } from "./tiers.js";

/** @typedef {{ said: string[], apart: number[] }} Words */
/** @typedef {{ units: string[], reach: number, optional: boolean, end: boolean }} Element */
/** @typedef {{ kind: string, elements: Element[], needed: string[][] }} Pattern */
/** @typedef {{ kind: string, places: number[], start: number, end: number }} Span */

/** @type {("notes" | "question_for_team")[]} */
export const FIELDS = ["notes", "question_for_team"];
const [TOGETHER, COMMA, LINE] = [0, 1, 2];
const SENTENCE = 3;
const [ABOUT_REACH, PAST_REACH, OTHER_REACH, UNTIL_REACH] = [14, 8, 8, 2];
const [HOTTEST_F, HOTTEST_C] = [110, 43.3];
const TOLERANT_LETTERS = 5;

// ---- Folding, and words

const UNSEEN =
  "\\u00ad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufe00-\\ufe0f\\ufeff";
const LEFT_OUT = new RegExp(
  `['\\u2018\\u2019\\u201a\\u201b\\u02bc\\u02b9\\u2032\\u2035\\uff07\`\\u00b4${UNSEEN}]`,
  "g",
);
const ACCENTS = /[\u0300-\u036f]/g;
const WORD = /[0-9]+(?:[.,][0-9]{1,2}(?![0-9])|(?:[/:][0-9]+)+)?|[a-z]+/g;
const SENTENCE_END = /[.!?;\u3002\u00a1\u00bf]/;
const LINE_END = /[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/;
const PAUSE = /[,()\u2012-\u2015\u2022]|(?:^|[\t ])-+[\t ]|[^\x00-\xff\u2010\u2011]/;
const ANYTHING = /[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Without case, accents, apostrophes, full-width letters and what cannot be seen. @param {string} text */
export function fold(text) {
  const plain = text.replace(LEFT_OUT, "").normalize("NFKD").replace(ACCENTS, "").replace(LEFT_OUT, "");
  return plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** @param {string} text */
const saysAnything = (text) => ANYTHING.test(text.replace(LEFT_OUT, ""));

/** Does a log hold anything in somebody's own words? @param {Log} log */
export const writesWords = (log) => FIELDS.some((name) => saysAnything(log[name] || ""));

/** @param {string} text @returns {Words} */
function wordsOf(text) {
  const plain = fold(text);
  /** @type {string[]} */
  const said = [];
  /** @type {number[]} */
  const apart = [];
  let end = 0;
  for (const found of plain.matchAll(WORD)) {
    apart.push(said.length ? apartIn(plain.slice(end, found.index)) : SENTENCE);
    said.push(found[0].replace(",", "."));
    end = found.index + found[0].length;
  }
  return { said, apart };
}

/** @param {string} between */
function apartIn(between) {
  if (SENTENCE_END.test(between)) return SENTENCE;
  if (LINE_END.test(between)) return LINE;
  return PAUSE.test(between) ? COMMA : TOGETHER;
}

// ---- Patterns

/** @param {string} list @returns {string[]} */
const each = (list) => (list ? list.split(";") : []);

class Matcher {
  /** @param {Language} row */
  constructor(row) {
    /** @type {Map<string, string[]>} */
    this.exact = new Map();
    /** @type {Map<string, [string, string][]>} */
    this.stems = new Map();
    /** @type {Map<string, [string, string][]>} */
    this.tolerant = new Map();
    /** @type {Map<string, Set<string>>} */
    this.known = new Map();
    this.tooLong = 0;
    this.plain = new Set(each(row.plain));
    this.stops = new Set(each(row.stops));
    /** @type {Map<string, string>} */
    this.joined = new Map(each(row.joined).map((pair) => /** @type {[string, string]} */ (pair.split(" = "))));
    /** @type {Map<string, Pattern[]>} */
    this.byFirst = new Map();
    for (const name in row.lists) for (const word of each(row.lists[name])) this.learn(word, `@${name}`);
    this.read(row.concepts, "");
    this.read(row.by_helper, "helper:");
    this.read(row.marks, "");
  }

  /** @type {(word: string, unit: string) => void} */
  learn(word, unit) {
    this.tooLong = Math.max(this.tooLong, word.length + 2);
    if (word.endsWith("*")) return add(this.stems, word.slice(0, 2), [word.slice(0, -1), unit]);
    const plain = word.endsWith("%") ? word.slice(0, -1) : word;
    if (plain !== word) for (const shorter of oneLess(plain)) add(this.tolerant, shorter, [plain, unit]);
    add(this.exact, plain, unit);
  }

  /** @type {(patterns: { [kind: string]: string }, prefix: string) => void} */
  read(patterns, prefix) {
    for (const kind in patterns) {
      for (const written of each(patterns[kind])) {
        /** @type {Element[]} */
        const elements = [];
        let reach = 0;
        for (const part of written.split(" ")) {
          if (part.startsWith("~")) {
            reach = Number(part.slice(1));
            continue;
          }
          const units = part.replace(/\?$/, "").split("|");
          for (const unit of units) if (!"@#$".includes(unit[0])) this.learn(unit, unit);
          elements.push({ units, reach, optional: part.endsWith("?"), end: part === "$" });
          reach = 0;
        }
        const needed = elements.filter((element) => !element.optional && !element.end).map((element) => element.units);
        const pattern = { kind: prefix + kind, elements, needed };
        for (const unit of elements[0].units) add(this.byFirst, unit, pattern);
      }
    }
  }

  // Of a word without end its beginning says it all: no word of so many letters is known.
  /** @param {string} long @returns {Set<string>} */
  units(long) {
    const word = long.slice(0, this.tooLong);
    const before = this.known.get(word);
    if (before) return before;
    const found = this.unitsOf(word);
    this.known.set(word, found);
    return found;
  }

  /** @param {string} word */
  unitsOf(word) {
    const found = new Set(this.exact.get(word));
    for (const [stem, unit] of this.stems.get(word.slice(0, 2)) || []) if (word.startsWith(stem)) found.add(unit);
    if (!found.size && word.length >= TOLERANT_LETTERS && !this.plain.has(word)) {
      for (const shorter of oneLess(word)) {
        for (const [known, unit] of this.tolerant.get(shorter) || []) if (known[0] === word[0]) found.add(unit);
      }
    }
    return found;
  }

  /** @param {Words} words */
  join({ said, apart }) {
    /** @type {Words} */
    const joined = { said: [], apart: [] };
    said.forEach((word, n) => {
      const at = joined.said.length - 1;
      const one = at >= 0 && apart[n] === TOGETHER && this.joined.get(`${joined.said[at]} ${word}`);
      if (one) joined.said[at] = one;
      else joined.said.push(word) && joined.apart.push(apart[n]);
    });
    return joined;
  }

  /** @type {(words: Words, numberUnits: (word: string) => Set<string>) => Span[]} */
  find(words, numberUnits) {
    const units = words.said.map((word) => (word[0] <= "9" ? numberUnits(word) : this.units(word)));
    const present = new Set(units.flatMap((here) => [...here]));
    /** @type {Map<Pattern, boolean>} */
    const wanted = new Map();
    /** @type {Span[]} */
    const found = [];
    units.forEach((here, place) => {
      for (const unit of [...here].sort()) {
        for (const pattern of this.byFirst.get(unit) || []) {
          if (!wanted.has(pattern))
            wanted.set(
              pattern,
              pattern.needed.every((need) => need.some((one) => present.has(one))),
            );
          const places = wanted.get(pattern) && rest(pattern.elements, 1, [place], words, units, this.stops);
          if (places) found.push({ kind: pattern.kind, places, start: place, end: places[places.length - 1] });
        }
      }
    });
    return found;
  }
}

/**
 * @type {(elements: Element[], at: number, places: number[], words: Words, units: Set<string>[],
 *   stops: Set<string>) => number[] | null}
 */
function rest(elements, at, places, words, units, stops) {
  if (at === elements.length) return places;
  const element = elements[at];
  const last = places[places.length - 1];
  if (element.end) return last + 1 === words.said.length || words.apart[last + 1] >= LINE ? places : null;
  let left = element.reach;
  // Behind the last word nothing is less apart than a sentence.
  for (let place = last + 1; words.apart[place] < SENTENCE; place += 1) {
    if (element.reach && words.apart[place] === COMMA) left -= 1;
    if (left < 0) break;
    if (element.units.some((unit) => units[place].has(unit))) {
      const found = rest(elements, at + 1, [...places, place], words, units, stops);
      if (found) return found;
    }
    if (stops.has(words.said[place])) break;
    left -= 1;
  }
  return element.optional ? rest(elements, at + 1, places, words, units, stops) : null;
}

const MARKS = new Set([
  "denial",
  "denial_list",
  "no_denial",
  "end",
  "turn",
  "joins",
  "denied_after",
  "until",
  "about",
  "worry",
  "claim",
  "owned",
  "mask",
  "past_before",
  "past_after",
  "now",
  "back",
  "someone",
  "relative",
  "apart",
  "me",
]);

/** @type {<K, V>(map: Map<K, V[]>, key: K, value: V) => void} */
function add(map, key, value) {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

/** @type {(word: string, place: number) => string} */
const without = (word, place) => [...word].filter((_, at) => at !== place).join("");
/** @param {string} word */
const oneLess = (word) => new Set([word, ...[...word].map((_, place) => without(word, place))]);

// ---- When a concept that is found stands

class Reading {
  /** @param {Words} words @param {Span[]} spans @param {boolean} reviewed @param {boolean} byHelper */
  constructor(words, spans, reviewed, byHelper) {
    this.words = words;
    this.reviewed = reviewed;
    this.byHelper = byHelper;
    /** @type {Map<string, Span[]>} */
    this.marks = new Map();
    /** @type {Span[]} */
    this.hits = [];
    for (const span of spans) {
      if (MARKS.has(span.kind)) add(this.marks, span.kind, span);
      else if (byHelper || !span.kind.startsWith("helper:")) this.hits.push(span);
    }
    this.inHits = new Set(this.hits.flatMap((hit) => hit.places));
    this.masked = new Set(this.all("mask").flatMap((span) => span.places));
    const voided = new Set(this.all("no_denial").flatMap((span) => range(span.start, span.end + 1)));
    /** @param {string} kind */
    const live = (kind) => this.all(kind).filter((span) => !span.places.some((place) => voided.has(place)));
    /** @type {[Span, boolean][]} */
    this.denials = [];
    for (const span of live("denial")) this.denials.push([span, false]);
    for (const span of live("denial_list")) this.denials.push([span, true]);
    this.count();
  }

  // How many of each kind of place there are before each place, so that a stretch is looked at in one step.
  count() {
    const { said, apart } = this.words;
    const joins = new Set(this.all("joins").flatMap((span) => span.places));
    /** @type {Set<number>} */
    this.ends = new Set(this.all("end").map((span) => span.start));
    /** @type {boolean[]} */
    const orFollows = [];
    for (const place of [...said.keys()].reverse()) {
      const isLast = place + 1 === said.length;
      const goesOn = !isLast && apart[place + 1] < SENTENCE;
      orFollows[place] = joins.has(place) || (goesOn && orFollows[place + 1]);
    }
    /** @param {(place: number) => boolean} holds */
    const before = (holds) => {
      const sums = [0];
      for (const place of said.keys()) sums.push(sums[place] + (holds(place) ? 1 : 0));
      return sums;
    };
    /** @type {number[]} */
    this.sentences = before((place) => apart[place] >= SENTENCE);
    /** @type {number[]} */
    this.lines = before((place) => apart[place] >= LINE);
    /** @type {number[]} */
    this.breaks = before((place) => apart[place] >= LINE || (apart[place] === COMMA && !orFollows[place]));
    /** @type {number[]} */
    this.plain = before((place) => !this.inHits.has(place) && !joins.has(place));
    /** @type {number[]} */
    this.outside = before((place) => !this.inHits.has(place));
    /** @type {Set<number>} */
    this.turns = new Set([...this.ends, ...this.all("turn").map((span) => span.start)]);
    /** @type {number[]} */
    this.ended = before((place) => this.ends.has(place));
    /** @type {number[]} */
    this.turned = before((place) => this.turns.has(place));
  }

  /** @param {string} kind */
  all(kind) {
    return this.marks.get(kind) || [];
  }

  /** @param {Span} hit */
  stands(hit) {
    if (this.masked.has(hit.start)) return false;
    if (!this.reviewed) return true;
    if (this.denied(hit)) return false;
    return hit.kind === "self_harm" || !(this.talkedAbout(hit) || this.over(hit) || this.ofAnother(hit));
  }

  /** @param {Span} hit */
  denied(hit) {
    if (this.follows("until", hit, UNTIL_REACH)) return false;
    if (this.follows("denied_after", hit, 0)) return true;
    return this.denials.some(([span, isList]) => this.denies(span, isList, hit));
  }

  /** @type {(kind: string, hit: Span, reach: number) => boolean} */
  follows(kind, hit, reach) {
    const last = hit.end + 1;
    return this.all(kind).some(
      (span) => last <= span.start && span.start <= last + reach && this.lines[span.start + 1] === this.lines[last],
    );
  }

  /** @type {(denial: Span, isList: boolean, hit: Span) => boolean} */
  denies(denial, isList, hit) {
    if (denial.end >= hit.end || denial.places.some((place) => hit.places.includes(place))) return false;
    const [first, last] = [denial.end + 1, hit.end + 1];
    const far = hit.start > first ? this.plain[hit.start] - this.plain[first] : 0;
    if (far >= book.freeText.negation_window_words) return false;
    const own = hit.places.filter((place) => this.turns.has(place) && place >= first).length;
    if (this.turned[last] - this.turned[first] > own) return false;
    const apart = isList ? this.lines : this.breaks;
    return apart[last] === apart[first];
  }

  /** @param {Span} hit */
  talkedAbout(hit) {
    return ["about", "worry"].some((kind) =>
      this.all(kind).some((span) => {
        if (span.start >= hit.start || !this.clear(span.end, hit.start, ABOUT_REACH)) return false;
        const spoiling = kind === "worry" ? ["claim", "owned"] : ["claim"];
        const claimed = spoiling.some((name) =>
          this.all(name).some((mark) => span.end < mark.start && mark.start <= hit.start),
        );
        return !claimed && !this.comesBack(hit);
      }),
    );
  }

  /** @param {Span} hit */
  over(hit) {
    if (this.comesBack(hit)) return false;
    const before = this.ahead("past_before", hit).some((span) => this.clear(span.end, hit.start, PAST_REACH));
    if (before && !this.goesOn(hit, this.words.said.length)) return true;
    return this.all("past_after").some(
      (span) =>
        span.end > hit.end && this.clear(hit.end, span.start, PAST_REACH - 2, true) && !this.goesOn(hit, span.start),
    );
  }

  /** @type {(hit: Span, before: number) => boolean} */
  goesOn(hit, before) {
    return this.all("now").some((span) => span.start < before && this.near(hit, span));
  }

  /** @param {Span} hit */
  ofAnother(hit) {
    if (this.byHelper) return false;
    const others = [...this.ahead("someone", hit), ...(this.all("apart").length ? this.ahead("relative", hit) : [])];
    return others.some(
      (span) =>
        this.clear(span.end, hit.start, OTHER_REACH) &&
        !this.all("me").some((mark) => span.end < mark.start && mark.start <= hit.end),
    );
  }

  /** @type {(kind: string, hit: Span) => Span[]} */
  ahead(kind, hit) {
    return this.all(kind).filter((span) => span.end <= hit.start);
  }

  /** @type {(first: number, last: number, reach: number, skipHits?: boolean) => boolean} */
  clear(first, last, reach, skipHits = false) {
    const far = skipHits ? this.outside[last] - this.outside[first + 1] : last - first - 1;
    return far <= reach && this.sameSentence(first, last) && this.ended[last] <= this.ended[first + 1];
  }

  /** @param {Span} hit */
  comesBack(hit) {
    return this.all("back").some((span) => span.end > hit.start && this.sameSentence(hit.start, span.start));
  }

  /** @type {(hit: Span, span: Span) => boolean} */
  near(hit, span) {
    const first = Math.min(hit.start, span.start);
    const last = Math.max(hit.end, span.end);
    if (!this.sameSentence(first, last)) return false;
    const own = span.places.filter((place) => this.ends.has(place)).length;
    return this.ended[last + 1] - this.ended[first] <= own;
  }

  /** @type {(first: number, last: number) => boolean} */
  sameSentence(first, last) {
    return last <= first || this.sentences[last + 1] === this.sentences[first + 1];
  }
}

/** @type {(first: number, end: number) => number[]} */
function range(first, end) {
  return Array.from({ length: end - first }, (_, n) => first + n);
}

// ---- What is found

/** @type {{ reviewed: boolean, matcher: Matcher }[] | null} */
let compiled = null;

/**
 * Each concept that stands in one of the texts, once, in the order of the table, with the words that said so.
 * @param {(string | undefined)[]} texts @param {number[]} lines @param {boolean} byHelper
 */
export function foundConcepts(texts, lines, byHelper) {
  compiled ||= book.freeText.languages.map((row) => ({ reviewed: row.reviewed, matcher: new Matcher(row) }));
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const text of texts) {
    if (!text) continue;
    const words = wordsOf(text);
    for (const { reviewed, matcher } of compiled) {
      const own = matcher.join(words);
      const reading = new Reading(own, matcher.find(own, numberUnits(lines)), reviewed, byHelper);
      for (const hit of reading.hits) {
        const key = hit.kind.replace("helper:", "");
        if (!found.has(key) && reading.stands(hit)) found.set(key, own.said.slice(hit.start, hit.end + 1).join(" "));
      }
    }
  }
  return book.freeText.concepts
    .filter(({ key }) => found.has(key))
    .map((row) => ({ ...row, words: found.get(row.key) }));
}

/**
 * What the rules may ask about a log's own words: the twin of written_facts.
 * @param {Log} log @param {number[]} lines
 */
export function writtenFacts(log, lines) {
  const texts = FIELDS.map((name) => log[name]);
  const found = foundConcepts(texts, lines, log.logged_by === "caregiver");
  const shown = log.notes_asked ?? book.freeText.concepts.map((row) => row.key);
  const cleared = new Set(log.notes_confirm === "not_now" ? shown : []);
  /** @param {string} tier */
  const of = (tier) => found.filter((row) => row.tier === tier).map((row) => row.key);
  return {
    says_911: of(CALL_911).filter((key) => !cleared.has(key)),
    says_doctor_now: of(CALL_DOCTOR_NOW).filter((key) => !cleared.has(key)),
    says_self_harm: of("self_harm"),
    words_written: writesWords(log),
  };
}

/** @type {(lines: number[]) => (word: string) => Set<string>} */
function numberUnits([fahrenheit, celsius]) {
  return (word) => {
    const found = new Set([word]);
    const number = /[/:]/.test(word) ? NaN : Number(word);
    if (Number.isNaN(number)) return found;
    found.add("#count");
    const hot = (fahrenheit <= number && number <= HOTTEST_F) || (celsius <= number && number <= HOTTEST_C);
    if (hot) found.add("#fever");
    if (hot && word.includes(".") && number >= fahrenheit) found.add("#fever_decimal");
    if (Number.isInteger(number) && number >= 1930 && number < 2100 && !word.includes(".")) found.add("#year");
    return found;
  };
}
