"""PURE: every English sentence that a patient may read from the rule book, the plan and the cards, by its id."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from patients.tiers import ON_TRACK, URGENT, WATCH
from recovery.plan.book import Book, default_book
from recovery.plan.cards_book import Cards, default_cards
from recovery.triage.rulebook.files import read_content
from recovery.wording.log_words import NOT_READ, READ

Pair = tuple[str, str]


@cache
def sentences() -> Mapping[str, str]:
    """Return all sentences of the product's own books by id, in the order of the books."""
    return dict((*of_rules(read_content()), *_of_plan(default_book()), *_of_cards(default_cards())))


@cache
def urgent_ids() -> frozenset[str]:
    """Return the ids of the sentences that send somebody to 911, the ER or their doctor."""
    content = read_content()
    return frozenset(
        key for table in (*URGENT, "latch") for row in content[table]["rule"] for key, _ in _of_rule(row)
    )


def of_rules(content: Mapping[str, Any]) -> Iterator[Pair]:
    """Yield what the rule book says and asks."""
    for table in (*URGENT, WATCH, "latch"):
        for row in content[table]["rule"]:
            yield from _of_rule(row)
    calm, unread = content[ON_TRACK], content[ON_TRACK]["message_unread"]
    yield from ((f"{calm['id']}.{name}", calm[name]) for name in ("message", "message_unread"))
    # The same once staff have opened the note, and the part about the note alone (recovery.wording.log_words).
    for name, words in (("unread", NOT_READ), ("read", READ)):
        whole = unread.replace(NOT_READ, words)
        yield f"{calm['id']}.{name}", whole[whole.index(words) :]
    yield f"{calm['id']}.message_read", unread.replace(NOT_READ, READ)
    yield from ((f"{row['id']}.text", row["text"]) for row in content["notices"]["notice"])
    for group in content["groups"]:
        yield from ((f"{group['id']}.{name}", group[name]) for name in ("title", "intro") if group.get(name))
        for field in group["fields"]:
            yield from ((f"{field['code']}.{name}", field[name]) for name in ("question", "sign") if name in field)
            yield from ((f"{field['code']}={value['code']}", value["label"]) for value in field.get("values", ()))
    yield from ((f"note.{row['key']}", row["asks"]) for row in content["free_text"]["concepts"])


def _of_rule(row: Mapping[str, Any]) -> Iterator[Pair]:
    yield f"{row['id']}.message", row["message"]
    for name in ("variants", "levels"):
        told = [part["message"] for part in row.get(name, ()) if part.get("message")]
        yield from ((f"{row['id']}.{name}.{place}", text) for place, text in enumerate(told, 1))


def _of_plan(book: Book) -> Iterator[Pair]:
    yield "withheld", book.withheld_text
    yield from ((f"withheld.{reason}", text) for reason, text in book.withheld_reason_texts.items())
    for entry in book.entries:
        yield f"{entry.id}.title", entry.title
        yield from ((f"{entry.id}.{status}", text) for status, text in entry.texts.items())


def _of_cards(cards: Cards) -> Iterator[Pair]:
    yield from ((f"cards.{key}", title) for key, title in cards.groups.items())
    for card in cards.cards:
        yield f"{card.id}.title", card.title
        yield f"{card.id}.text", card.text
        yield from ((f"{card.id}.list.{place}", item) for place, item in enumerate(card.items, 1))
    yield from ((f"{question.id}.text", question.text) for question in cards.questions)
