"""Describe for clinicians when an education card is shown."""

from collections.abc import Iterator

from recovery.plan.cards_book import Card, Cards, Question

READER_WORDS = {"all": "Patient and helpers", "patient": "Patient only", "helper": "Helpers only"}
PHASE_WORDS = {
    "before": "Before the procedure",
    "after": "After the procedure",
    "any": "Before and after the procedure",
}


def card_when(card: Card, cards: Cards) -> list[str]:
    """Return in words the card's reader, days and gates, and when it is on Today."""
    return [*_shown(card, cards), *_on_today(card, cards)]


def question_when(question: Question, cards: Cards) -> list[str]:
    """Return in words when the question is suggested."""
    return list(_shown(question, cards))


def _shown(entry: Card | Question, cards: Cards) -> Iterator[str]:
    when = entry.when
    first = f", from day {when.from_day}" if when.from_day else ""
    last = f", until day {when.until_day}" if when.until_day is not None else ""
    yield f"{READER_WORDS[when.reader]}. {PHASE_WORDS[when.phase]}{first}{last}."
    yield from (f"Only when {cards.tests[test].plain}." for test in when.needs)
    yield from (f"Not when {cards.tests[test].plain}." for test in when.unless)
    yield "Not at 911." if when.doctor_now else "Not on a doctor-now day, not at 911."


def _on_today(card: Card, cards: Cards) -> Iterator[str]:
    if card.today is None and not card.today_if:
        yield "In the library only."
        return
    days = "" if card.today is None else f" from day {card.today[0]} until day {card.today[1]}"
    if card.when.phase == "before" and card.today is not None:
        days = " until the procedure"
    answers = " and ".join(cards.tests[test].plain for test in card.today_if)
    yield f"On Today{days}{f' when {answers}' if answers else ''}."
