"""Read the education cards from cards.toml into typed, frozen values, and report where the file is wrong."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from recovery.language.expression import ExpressionError
from recovery.language.named import Named, read_named
from recovery.plan.book import default_book
from recovery.plan.vocabulary import card_facts

FILE = "cards.toml"
READERS = ("patient", "helper", "all")
PHASES = ("before", "after", "any")
MAX_TITLE, MAX_TEXT, MAX_LIST = 60, 500, 8
# The allowed keys of an entry, so that a misspelt gate is refused and not ignored.
CARD_KEYS = frozenset(
    ["id", "group", "title", "text", "list", "for", "phase", "from_day", "until_day", "today", "today_if"]
    + ["needs", "unless", "doctor_now", "sources"]
)
QUESTION_KEYS = frozenset(["id", "text", "phase", "needs", "unless", "sources"])


class CardsError(ValueError):
    """cards.toml is malformed; each line of the text is "cards.toml: id: reason"."""


@dataclass(frozen=True, slots=True)
class When:
    """When an entry may be shown. Days count from the procedure; until_day None means no end."""

    reader: str
    phase: str
    from_day: int
    until_day: int | None
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    doctor_now: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One education card. `today`: the first day it may be on Today, and the first day it may not any more."""

    id: str
    group: str
    title: str
    text: str
    items: tuple[str, ...]
    when: When
    today: tuple[int, int] | None
    today_if: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return all text of the card, as sentences."""
        return " ".join([f"{self.title}.", self.text, *self.items])


@dataclass(frozen=True, slots=True)
class Question:
    """One question that a patient may want to ask at a visit."""

    id: str
    text: str
    when: When
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """All cards and questions in order, with the groups of the library."""

    cards: tuple[Card, ...]
    questions: tuple[Question, ...]
    groups: Mapping[str, str]
    tests: Mapping[str, Named]

    def citations(self) -> dict[str, tuple[str, ...]]:
        """Return the sources of every card and question, by id."""
        cards = {card.id: card.sources for card in self.cards}
        return cards | {question.id: question.sources for question in self.questions}


@cache
def default_cards() -> Cards:
    """Return the product's own cards, read once from cards.toml in this folder."""
    return read_cards(files(__package__).joinpath(FILE).read_text("utf-8"))


def read_cards(text: str) -> Cards:
    """Return the cards from TOML text; CardsError names the line, or the entry and the reason."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CardsError(f"{FILE}: {error}") from None
    if problems := list(_problems(data)):
        raise CardsError("\n".join(problems))
    return Cards(
        cards=tuple(map(_card, data["card"])),
        questions=tuple(
            Question(row["id"], row["text"], _when(row), tuple(row["sources"])) for row in data["question"]
        ),
        groups=dict(data["groups"]),
        tests=_tests(data["tests"]),
    )


def _tests(rows: object) -> dict[str, Named]:
    """Return the tests by name; they may use the milestones and sign groups of the product's own book."""
    book = default_book()
    return read_named(rows, card_facts(book.sign_groups, dict.fromkeys(book.ids)))


def _card(row: Mapping[str, Any]) -> Card:
    return Card(
        id=row["id"],
        group=row["group"],
        title=row["title"],
        text=row["text"],
        items=tuple(row.get("list", ())),
        when=_when(row),
        today=tuple(row["today"]) if "today" in row else None,
        today_if=tuple(row.get("today_if", ())),
        sources=tuple(row["sources"]),
    )


def _when(row: Mapping[str, Any]) -> When:
    return When(
        reader=row.get("for", "all"),
        phase=row.get("phase", "after"),
        from_day=row.get("from_day", 0),
        until_day=row.get("until_day"),
        needs=tuple(row.get("needs", ())),
        unless=tuple(row.get("unless", ())),
        # Questions are shown at call_doctor_now too.
        doctor_now=row.get("doctor_now", "group" not in row),
    )


def _problems(data: Mapping[str, Any]) -> Iterator[str]:
    missing = [part for part in ("groups", "forbidden", "tests", "card", "question") if not data.get(part)]
    if missing:
        yield f"{FILE}: has no {', '.join(missing)}"
        return
    rows = [*data["card"], *data["question"]]
    for key, times in Counter(row.get("id") for row in rows).items():
        if times > 1:
            yield f"{FILE}: {key}: this id stands {times} times"
    try:
        tests = _tests(data["tests"]).keys()
    except ExpressionError as error:
        yield f"{FILE}: tests: {error}"
        return
    groups, forbidden = dict(data["groups"]), _forbidden(data["forbidden"])
    for row in data["card"]:
        yield from (f"{FILE}: {row.get('id')}: {reason}" for reason in _wrong_card(row, groups, forbidden))
    for row in data["question"]:
        yield from (f"{FILE}: {row.get('id')}: {reason}" for reason in _wrong(row, QUESTION_KEYS, forbidden))
    for row in rows:
        for test in (*row.get("needs", ()), *row.get("unless", ()), *row.get("today_if", ())):
            if test not in tests:
                yield f"{FILE}: {row.get('id')}: there is no test {test!r}"


def _forbidden(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)


def _wrong_card(row: Mapping[str, Any], groups: Mapping[str, str], forbidden: re.Pattern[str]) -> Iterator[str]:
    yield from _wrong(row, CARD_KEYS, forbidden)
    if row.get("group") not in groups:
        yield f"there is no group {row.get('group')!r}"
    title = row.get("title")
    if not isinstance(title, str) or not 0 < len(title) <= MAX_TITLE:
        yield f"the title must be 1 to {MAX_TITLE} letters"
    if len(row.get("list", ())) > MAX_LIST:
        yield f"the list has more than {MAX_LIST} lines"
    today = row.get("today")
    if today is not None and not (len(today) == 2 and today[0] < today[1]):
        yield "today must be two days, the first before the last"
    if row.get("for", "all") not in READERS:
        yield f"for must be one of {', '.join(READERS)}"


def _wrong(row: Mapping[str, Any], keys: frozenset[str], forbidden: re.Pattern[str]) -> Iterator[str]:
    yield from (f"unknown key {key!r}" for key in row if key not in keys)
    if not row.get("sources"):
        yield "names no source"
    text = row.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
        yield f"the text must be 1 to {MAX_TEXT} letters"
    if row.get("phase", "after") not in PHASES:
        yield f"phase must be one of {', '.join(PHASES)}"
    first, last = row.get("from_day", 0), row.get("until_day")
    if not isinstance(first, int) or (last is not None and not (isinstance(last, int) and first < last)):
        yield "from_day and until_day must be whole days, the first before the last"
    said = " ".join([str(row.get("title", "")), str(text), *row.get("list", ())])
    if found := forbidden.search(said):
        yield f"the word {found.group()!r} may not be used"
