"""The education cards and visit questions on the rule book page, for review by clinicians."""

from dataclasses import dataclass

from recovery.desk.rule_book.rule_book_content import Row, Source, cited, defaults_of
from recovery.plan.card_words import card_when, question_when
from recovery.plan.cards_book import Card, Cards, Question


@dataclass(frozen=True)
class CardView:
    """One card or question: its words, when it is shown, and its sources."""

    id: str
    title: str
    text: str
    items: tuple[str, ...]
    when: tuple[str, ...]
    sources: tuple[Source, ...]
    defaults: tuple[Row, ...]


def card_groups(cards: Cards) -> list[tuple[str, list[CardView]]]:
    """Return the cards by group of the library, in the order of the book."""
    return [
        (title, [_card(card, cards) for card in cards.cards if card.group == key])
        for key, title in cards.groups.items()
    ]


def visit_questions(cards: Cards) -> list[CardView]:
    """Return the questions for a visit."""
    return [_question(question, cards) for question in cards.questions]


def _card(card: Card, cards: Cards) -> CardView:
    return CardView(
        id=card.id,
        title=card.title,
        text=card.text,
        items=card.items,
        when=tuple(card_when(card, cards)),
        sources=cited(card.sources),
        defaults=defaults_of(card.sources),
    )


def _question(question: Question, cards: Cards) -> CardView:
    when, sources = tuple(question_when(question, cards)), question.sources
    return CardView(question.id, "", question.text, (), when, cited(sources), defaults_of(sources))
