"""Find danger words in free text (DF-33). They can raise a tier but never lower it.

The words are data: rulebook/concepts.toml, english.toml and spanish.toml. A concept that is found counts
("stands") unless the writer denies it or says something calming about it. The phone's copy is
static/js/free_text.js.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW, URGENT
from recovery.triage.patterns import Matcher, Span, as_written
from recovery.triage.quotes import quote
from recovery.triage.words import COMMA, LINE, SENTENCE, Words, says_anything, words_of

FIELDS = ("notes", "question_for_team")
KINDS = (*URGENT, "self_harm")
# How many words a calming remark reaches.
_ABOUT_REACH, _PAST_REACH, _OTHER_REACH, _UNTIL_REACH = 14, 8, 8, 2
MARKS = frozenset({
    "denial", "denial_list", "no_denial", "end", "turn", "joins", "denied_after", "until", "about", "worry",
    "claim", "owned", "mask", "past_before", "past_after", "now", "back", "someone", "relative", "apart", "me",
})  # fmt: skip
Lines = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept that stands in a text; `words` are its words folded, `quote` the same as written."""

    concept: str
    words: str
    quote: str


@dataclass(frozen=True, slots=True)
class _Language:
    key: str
    reviewed: bool
    matcher: Matcher


def found_concepts(
    texts: Iterable[str | None], free_text: Mapping[str, Any], lines: Lines, *, by_helper: bool = False
) -> tuple[Hit, ...]:
    """Return each concept that stands in any of the texts once, in the order of concepts.toml.

    `lines` are the fever limits in °F and °C. `by_helper`: a helper writes, so "she" is the patient. Texts may
    have any length.
    """
    found: dict[str, Hit] = {}
    for text in texts:
        if text:
            for hit in _hits(text, free_text, lines, by_helper):
                found.setdefault(hit.concept, hit)
    return tuple(found[row["key"]] for row in free_text["concepts"] if row["key"] in found)


def by_tier(hits: Iterable[Hit], free_text: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the keys of the found concepts under call_911, call_doctor_now and self_harm."""
    keys = [hit.concept for hit in hits]
    return {
        tier: tuple(row["key"] for row in free_text["concepts"] if row["tier"] == tier and row["key"] in keys)
        for tier in KINDS
    }


def written_facts(log: Mapping[str, Any], free_text: Mapping[str, Any], lines: Lines) -> dict[str, Any]:
    """Return the facts about a log's free text: the concepts that stand and that "not now" does not clear.

    "Not now" clears the concepts the person was asked about (`notes_asked`; older logs without it clear all), but
    never self-harm.
    """
    texts = [log.get(name) for name in FIELDS]
    hits = found_concepts(texts, free_text, lines, by_helper=log.get("logged_by") == "caregiver")
    found = by_tier(hits, free_text)
    cleared = frozenset[str]()
    if log.get("notes_confirm") == "not_now":
        asked = log.get("notes_asked")
        cleared = frozenset(row["key"] for row in free_text["concepts"]) if asked is None else frozenset(asked)
    return {
        "says_911": tuple(key for key in found[CALL_911] if key not in cleared),
        "says_doctor_now": tuple(key for key in found[CALL_DOCTOR_NOW] if key not in cleared),
        "says_self_harm": found["self_harm"],
        "words_written": any(map(says_anything, texts)),
        # Used in the reason for the nurse.
        "heard_words": [
            {"concept": row["key"], "name": row.get("asks") or row["name"].lower(), "words": hit.quote}
            for hit in hits
            for row in free_text["concepts"]
            if row["key"] == hit.concept
        ],
    }


def _hits(text: str, free_text: Mapping[str, Any], lines: Lines, by_helper: bool) -> Iterator[Hit]:
    words, reach = words_of(text), free_text["negation_window_words"]
    for language in _languages(free_text):
        said = language.matcher.join(words)
        spans = language.matcher.find(said, _number_units(lines))
        reading = _Reading(said, spans, language.reviewed, reach, by_helper)
        for span in reading.hits:
            if reading.stands(span):
                concept = span.kind.removeprefix("helper:")
                heard = " ".join(said.said[span.start : span.end + 1])
                yield Hit(concept, heard, quote(text, said.at[span.start][0], said.at[span.end][1]))


class _Reading:
    """One text in one language; decides which of the concepts found in it stand."""

    def __init__(self, words: Words, spans: Iterable[Span], reviewed: bool, reach: int, by_helper: bool) -> None:
        self.words = words
        self.reviewed = reviewed
        self.reach = reach
        self.by_helper = by_helper
        self.marks: dict[str, list[Span]] = {kind: [] for kind in MARKS}
        self.hits: list[Span] = []
        for span in spans:
            if span.kind in MARKS:
                self.marks[span.kind].append(span)
            elif by_helper or not span.kind.startswith("helper:"):
                self.hits.append(span)
        self.in_hits = {place for hit in self.hits for place in hit.places}
        self.masked = {place for span in self.marks["mask"] for place in span.places}
        voided = {place for span in self.marks["no_denial"] for place in range(span.start, span.end + 1)}
        self.denials = [
            (span, kind == "denial_list")
            for kind in ("denial", "denial_list")
            for span in self.marks[kind]
            if voided.isdisjoint(span.places)
        ]
        self._count()

    def _count(self) -> None:
        """Count marks and breaks before each place, so that any stretch of text is checked in one step."""
        places = range(len(self.words.said))
        apart = self.words.apart
        joins = {place for span in self.marks["joins"] for place in span.places}
        self.ends = {span.start for span in self.marks["end"]}
        or_follows = [False] * (len(places) + 1)
        for place in reversed(places):
            goes_on = place + 1 < len(places) and apart[place + 1] < SENTENCE
            or_follows[place] = place in joins or (goes_on and or_follows[place + 1])
        self.sentences = _before(apart[place] >= SENTENCE for place in places)
        self.lines = _before(apart[place] >= LINE for place in places)
        self.breaks = _before(
            apart[place] >= LINE or (apart[place] == COMMA and not or_follows[place]) for place in places
        )
        self.plain = _before(place not in self.in_hits and place not in joins for place in places)
        self.outside = _before(place not in self.in_hits for place in places)
        self.turns = self.ends | {span.start for span in self.marks["turn"]}
        self.ended = _before(place in self.ends for place in places)
        self.turned = _before(place in self.turns for place in places)

    def stands(self, hit: Span) -> bool:
        """Return whether the hit counts: the text does not deny it and says nothing calming about it.

        Calming remarks never clear self-harm. In a language without a review nothing clears a hit except masks.
        """
        if hit.start in self.masked:
            return False
        if not self.reviewed:
            return True
        if self._denied(hit):
            return False
        return hit.kind == "self_harm" or not (self._talked_about(hit) or self._over(hit) or self._of_another(hit))

    # ---- Denials

    def _denied(self, hit: Span) -> bool:
        if self._follows("until", hit, _UNTIL_REACH):
            return False
        if self._follows("denied_after", hit, 0):
            return True
        return any(self._denies(span, is_list, hit) for span, is_list in self.denials)

    def _follows(self, kind: str, hit: Span, reach: int) -> bool:
        """Return whether a mark of this kind follows within `reach` words in the same line."""
        last = hit.end + 1
        return any(
            last <= span.start <= last + reach and self.lines[span.start + 1] == self.lines[last]
            for span in self.marks[kind]
        )

    def _denies(self, denial: Span, is_list: bool, hit: Span) -> bool:
        if denial.end >= hit.end or not set(denial.places).isdisjoint(hit.places):
            return False
        first, last = denial.end + 1, hit.end + 1
        if hit.start > first and self.plain[hit.start] - self.plain[first] >= self.reach:
            return False
        own = sum(1 for place in hit.places if place in self.turns and place >= first)
        if self.turned[last] - self.turned[first] > own:
            return False
        apart = self.lines if is_list else self.breaks
        return apart[last] == apart[first]

    # ---- Calm remarks

    def _talked_about(self, hit: Span) -> bool:
        """Return whether the text only asks or speaks about it: "what if I get", "watch for"."""
        for kind in ("about", "worry"):
            for span in self.marks[kind]:
                if span.start >= hit.start or not self._clear(span.end, hit.start, _ABOUT_REACH):
                    continue
                spoiling = ("claim", "owned") if kind == "worry" else ("claim",)
                claimed = any(
                    span.end < mark.start <= hit.start for name in spoiling for mark in self.marks[name]
                ) or self._comes_back(hit)
                if not claimed:
                    return True
        return False

    def _over(self, hit: Span) -> bool:
        """Return whether it is over: "in 2015", "is gone", "used to"."""
        if self._comes_back(hit):
            return False
        before = any(self._clear(span.end, hit.start, _PAST_REACH) for span in self._ahead("past_before", hit))
        if before and not self._goes_on(hit, len(self.words.said)):
            return True
        return any(
            self._clear(hit.end, span.start, _PAST_REACH - 2, skip_hits=True)
            and not self._goes_on(hit, span.start)
            for span in self.marks["past_after"]
            if span.end > hit.end
        )

    def _of_another(self, hit: Span) -> bool:
        """Return whether it is about another person than the patient; always False when a helper writes."""
        if self.by_helper:
            return False
        others = [*self._ahead("someone", hit)]
        if self.marks["apart"]:
            others += self._ahead("relative", hit)
        return any(
            self._clear(span.end, hit.start, _OTHER_REACH)
            and not any(span.end < mark.start <= hit.end for mark in self.marks["me"])
            for span in others
        )

    def _ahead(self, kind: str, hit: Span) -> Iterator[Span]:
        return (span for span in self.marks[kind] if span.end <= hit.start)

    def _clear(self, first: int, last: int, reach: int, *, skip_hits: bool = False) -> bool:
        """Return whether two places are near enough in one sentence, with no end of the thought between them."""
        counted = self.outside if skip_hits else range(len(self.outside))
        if counted[last] - counted[first + 1] > reach:
            return False
        return self._same_sentence(first, last) and self.ended[last] <= self.ended[first + 1]

    def _comes_back(self, hit: Span) -> bool:
        """Return whether the rest of the sentence says that it is back."""
        return any(
            span.end > hit.start and self._same_sentence(hit.start, span.start) for span in self.marks["back"]
        )

    def _goes_on(self, hit: Span, before: int) -> bool:
        """Return whether the same thought says, before this place, that it is there now."""
        return any(span.start < before and self._near(hit, span) for span in self.marks["now"])

    def _near(self, hit: Span, span: Span) -> bool:
        first, last = min(hit.start, span.start), max(hit.end, span.end)
        if not self._same_sentence(first, last):
            return False
        own = sum(1 for place in span.places if place in self.ends)
        return self.ended[last + 1] - self.ended[first] <= own

    def _same_sentence(self, first: int, last: int) -> bool:
        return last <= first or self.sentences[last + 1] == self.sentences[first + 1]


def _before(holds: Iterable[bool]) -> list[int]:
    """Return running counts: entry n is how many places before n hold."""
    return list(accumulate(holds, initial=0))


def _number_units(lines: Lines) -> Callable[[str], frozenset[str]]:
    @lru_cache(maxsize=256)
    def units(word: str) -> frozenset[str]:
        try:
            number = float(word)
        except ValueError:
            return frozenset({word})
        found = {word, "#count"}
        fahrenheit, celsius = lines
        hot = fahrenheit <= number <= _HOTTEST_F or celsius <= number <= _HOTTEST_C
        if hot:
            found.add("#fever")
            if "." in word and number >= fahrenheit:
                found.add("#fever_decimal")
        if number in _YEARS and "." not in word:
            found.add("#year")
        return frozenset(found)

    return units


# The highest plausible temperatures in °F and °C (DF-04), and the numbers read as years.
_HOTTEST_F, _HOTTEST_C = 110, 43.3
_YEARS = range(1930, 2100)

# The most tables kept compiled; trial rule books would otherwise fill the memory.
_MOST_READ = 4
_read: dict[int, tuple[Mapping[str, Any], tuple[_Language, ...]]] = {}


def _languages(free_text: Mapping[str, Any]) -> tuple[_Language, ...]:
    """Return the languages of this table, compiled once and cached."""
    known = _read.get(id(free_text["languages"]))
    if known is None or known[0] is not free_text["languages"]:
        known = (free_text["languages"], tuple(map(_language, free_text["languages"])))
        if len(_read) >= _MOST_READ:
            _read.clear()
        _read[id(free_text["languages"])] = known
    return known[1]


def _language(row: Mapping[str, Any]) -> _Language:
    patterns = [
        *as_written(row["concepts"]),
        *((f"helper:{kind}", written) for kind, written in as_written(row["by_helper"])),
        *as_written(row["marks"]),
    ]
    joined = {}
    for pair in row["joined"]:
        apart, one = pair.split(" = ")
        first, second = apart.split()
        joined[first, second] = one
    matcher = Matcher(row["lists"], patterns, row["stops"], row["plain"], joined)
    return _Language(row["language"], row["reviewed"], matcher)
