"""The pattern language of rulebook/english.toml and spanish.toml, and the search for patterns in a note.

A pattern is a row of elements: `numb` is that word, `tingl*` any word that begins so, `@leg` any word of that
list, `#fever` a number at or above the fever limit, `a|b` either one, `x?` an optional element, `~3` allows up to
three words before the next element, and `$` is the end of the sentence or line. A gap counts a comma as one word
and never crosses the end of a sentence or a word of `stops`. A long list word marked `%` also matches with one
letter wrong, missing or added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from recovery.triage.words import COMMA, LINE, SENTENCE, TOGETHER, Words

NUMBERS = ("#fever", "#fever_decimal", "#year", "#count")
_STEM_LETTERS = 2
_END = frozenset({"$"})


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a pattern: the units that match, after at most `reach` other words."""

    units: frozenset[str]
    reach: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    kind: str
    elements: tuple[Element, ...]
    # The pattern is tried only when the text has one unit of each of these sets.
    needed: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A pattern that was found: its kind and the places of its words, in order."""

    kind: str
    places: tuple[int, ...]

    @property
    def start(self) -> int:
        return self.places[0]

    @property
    def end(self) -> int:
        """Return the place of its last word."""
        return self.places[-1]


@dataclass(slots=True)
class Vocabulary:
    """Knows which units (words, stems, lists) a word belongs to."""

    exact: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    stems: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    tolerant: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    plain: frozenset[str] = frozenset()
    # Words of this length or more match no exact or tolerant word.
    too_long: int = 0

    def learn(self, word: str, unit: str) -> None:
        """Add a word to a unit; `tingl*` adds every word that begins so, `breathe%` also similar words."""
        self.too_long = max(self.too_long, len(word) + 2)
        if word.endswith("*"):
            stem = word[:-1]
            self.stems[stem[:_STEM_LETTERS]].append((stem, unit))
            return
        if word.endswith("%"):
            word = word[:-1]
            for shorter in _one_less(word):
                self.tolerant[shorter].add((word, unit))
        self.exact[word].add(unit)

    def units(self, word: str) -> frozenset[str]:
        """Return every unit this word belongs to."""
        found = set(self.exact.get(word, ()))
        found.update(unit for stem, unit in self.stems.get(word[:_STEM_LETTERS], ()) if word.startswith(stem))
        if not found and len(word) >= _TOLERANT_LETTERS and word not in self.plain:
            for shorter in _one_less(word):
                found.update(unit for known, unit in self.tolerant.get(shorter, ()) if known[0] == word[0])
        return frozenset(found)


_TOLERANT_LETTERS = 5


def _one_less(word: str) -> set[str]:
    """Return the word, and the word with each one of its letters left out."""
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


class Matcher:
    """Finds all patterns of one language. `lists` are its word lists, `patterns` are (kind, written) in order."""

    def __init__(
        self,
        lists: Mapping[str, Iterable[str]],
        patterns: Iterable[tuple[str, str]],
        stops: Collection[str],
        plain: Collection[str],
        joined: Mapping[tuple[str, str], str],
    ) -> None:
        self.joined = joined
        self.vocabulary = Vocabulary(plain=frozenset(plain))
        for name, words in lists.items():
            for word in words:
                self.vocabulary.learn(word, f"@{name}")
        self.stops = frozenset(stops)
        self.by_first: dict[str, list[Pattern]] = defaultdict(list)
        for kind, written in patterns:
            pattern = self._read(kind, written)
            for unit in pattern.elements[0].units:
                self.by_first[unit].append(pattern)
        self._known = lru_cache(maxsize=4096)(self.vocabulary.units)

    def units_of(self, word: str) -> frozenset[str]:
        """Return every unit this word belongs to; of a very long word only the beginning is looked up."""
        return self._known(word[: self.vocabulary.too_long])

    def _read(self, kind: str, written: str) -> Pattern:
        elements: list[Element] = []
        reach = 0
        for part in written.split():
            if part.startswith("~"):
                reach = int(part[1:])
                continue
            optional = part.endswith("?")
            units = frozenset(part.rstrip("?").split("|"))
            for unit in units:
                if unit[0] not in "@#$":
                    self.vocabulary.learn(unit, unit)
            elements.append(Element(units, reach, optional))
            reach = 0
        needed = tuple(e.units for e in elements if not e.optional and e.units != _END)
        return Pattern(kind, tuple(elements), needed)

    def join(self, words: Words) -> Words:
        """Return the words with pairs such as "can not" joined into one."""
        said: list[str] = []
        apart: list[int] = []
        at: list[tuple[int, int]] = []
        for word, firm, (start, end) in zip(words.said, words.apart, words.at, strict=True):
            if said and firm == TOGETHER and (one := self.joined.get((said[-1], word))):
                said[-1] = one
                at[-1] = (at[-1][0], end)
            else:
                said.append(word)
                apart.append(firm)
                at.append((start, end))
        return Words(tuple(said), tuple(apart), tuple(at))

    def find(self, words: Words, number_units: Callable[[str], frozenset[str]]) -> list[Span]:
        """Return every match of every pattern; from each first word the nearest next words count."""
        units = [number_units(w) if w[0].isdigit() else self.units_of(w) for w in words.said]
        present = frozenset().union(*units) if units else frozenset()
        found = []
        wanted: dict[int, bool] = {}
        for place, here in enumerate(units):
            for unit in sorted(here):
                for pattern in self.by_first.get(unit, ()):
                    key = id(pattern)
                    if key not in wanted:
                        wanted[key] = all(not need.isdisjoint(present) for need in pattern.needed)
                    if wanted[key] and (places := self._rest(pattern.elements, 1, (place,), words, units)):
                        found.append(Span(pattern.kind, places))
        return found

    def _rest(
        self,
        elements: tuple[Element, ...],
        at: int,
        places: tuple[int, ...],
        words: Words,
        units: list[frozenset[str]],
    ) -> tuple[int, ...] | None:
        if at == len(elements):
            return places
        element = elements[at]
        if element.units == _END:
            after = places[-1] + 1
            return places if after == len(words.said) or words.apart[after] >= LINE else None
        for place in self._candidates(element.reach, places[-1], words):
            if not element.units.isdisjoint(units[place]):
                rest = self._rest(elements, at + 1, (*places, place), words, units)
                if rest:
                    return rest
        return self._rest(elements, at + 1, places, words, units) if element.optional else None

    def _candidates(self, reach: int, last: int, words: Words) -> Iterator[int]:
        """Yield the places where an element may match: the next one, and those up to `reach` words later."""
        left = reach
        place = last + 1
        while place < len(words.said) and words.apart[place] < SENTENCE:
            if reach and words.apart[place] == COMMA:
                left -= 1
            if left < 0:
                return
            yield place
            if words.said[place] in self.stops:
                return
            left -= 1
            place += 1


def as_written(patterns: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (kind, pattern) from a table of lists of patterns."""
    for kind, rows in patterns.items():
        for written in rows:
            yield kind, written
