"""Write docs/cards.md from cards.toml for the clinicians who approve it, and find cards that are hard to read."""

from collections.abc import Iterable, Iterator

from recovery.plan.card_words import card_when, question_when
from recovery.plan.cards_book import FILE, Card, Cards, Question, default_cards
from recovery.triage.check import MAX_GRADE
from recovery.triage.reading_grade import reading_grade
from recovery.triage.rulebook import source_row, source_title
from recovery.triage.shapes import Rulebook
from recovery.triage.traceability import normal

_OPENING = """# Education cards

Written by `check_rules --write-cards` from `recovery/plan/cards.toml`. Do not edit: change the cards.

The first cards that fit stand on Today, at most two; all that fit are on the page Learn. None is shown at 911."""


def cards_handbook(rulebook: Rulebook) -> str:
    """Return the whole document as Markdown; the same cards always give the same text."""
    cards = default_cards()
    parts = [_OPENING]
    for key, title in cards.groups.items():
        parts += [f"## {title}", *(_card(card, cards) for card in cards.cards if card.group == key)]
    parts += ["## Questions for a visit", *(_question(question, cards) for question in cards.questions)]
    return "\n\n".join(parts) + "\n"


def hard_to_read(cards: Cards) -> Iterator[str]:
    """Return a sentence for each card or question above the reading grade for patients."""
    for identifier, words in [*((c.id, c.words) for c in cards.cards), *((q.id, q.text) for q in cards.questions)]:
        grade = reading_grade(words)
        if grade > MAX_GRADE:
            yield f"{FILE}: {identifier}: the text reads at grade {grade:.1f}, over {MAX_GRADE:.0f}"


def _card(card: Card, cards: Cards) -> str:
    said = [f"> {card.text}", *(f"> - {item}" for item in card.items)]
    when = [f"- {line}" for line in card_when(card, cards)]
    return "\n".join([f"### {card.id}: {card.title}", "", *said, "", *when, f"- Sources: {_cited(card.sources)}"])


def _question(question: Question, cards: Cards) -> str:
    when = [f"- {line}" for line in question_when(question, cards)]
    return "\n".join(
        [f"### {question.id}", "", f"> {question.text}", "", *when, f"- Sources: {_cited(question.sources)}"]
    )


def _cited(sources: Iterable[str]) -> str:
    return "; ".join(map(_citation, sources))


def _citation(source: str) -> str:
    mark = normal(source)
    row = source_row(mark)
    where = f", {row['section']}" if row else ""
    return f"{mark} ({source_title(mark)}{where})"
