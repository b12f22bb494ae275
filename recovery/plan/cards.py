"""Choose the education cards that fit a person now, and the two for Today. Pure; time is an argument."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.plan.book import Book, default_book
from recovery.plan.card_facts import Moment, moment_of
from recovery.plan.cards_book import Card, Cards, Question, When, default_cards
from recovery.plan.milestones import judge
from recovery.plan.situation import read_situation

ON_TODAY = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """The cards of the library, the cards on Today, and the questions for a visit, in order."""

    library: tuple[Card, ...]
    today: tuple[Card, ...]
    questions: tuple[Question, ...]


NOTHING = Shown((), (), ())


def cards_for(
    record: Mapping[str, Any],
    state: object,
    now: object,
    *,
    answers: Mapping[str, Any] | None = None,
    helper: bool = False,
    clinic_texts: Collection[str] = (),
    cards: Cards | None = None,
    book: Book | None = None,
) -> Shown:
    """Return the cards and questions that fit a patient record and state at an aware moment.

    answers: those of the last log. helper: a helper reads. clinic_texts: "wound" and "medicine" when the clinic
    wrote its own words. Returns nothing at call_911, and at call_doctor_now only what is marked for it. Raises
    InvalidInput as milestones.evaluate does.
    """
    book, cards = book or default_book(), cards or default_cards()
    moment = _moment(record, state, now, answers or {}, frozenset(clinic_texts), book)
    if moment.situation.tier == CALL_911:
        return NOTHING
    held = frozenset(name for name, test in cards.tests.items() if test.holds(moment.facts))
    fit = tuple(card for card in cards.cards if _fits(card.when, moment, held, helper))
    asked = (question for question in cards.questions if _fits(question.when, moment, held, helper=False))
    return Shown(
        library=fit,
        # Cards made for helpers come first.
        today=tuple(
            sorted((c for c in fit if _on_today(c, moment, held)), key=lambda c: c.when.reader != "helper")
        )[:ON_TODAY],
        questions=tuple(asked),
    )


def _moment(
    record: Mapping[str, Any],
    state: object,
    now: object,
    answers: Mapping[str, Any],
    clinic_texts: frozenset[str],
    book: Book,
) -> Moment:
    situation = read_situation(record, state, now, book)
    statuses = {entry.id: judge(entry, situation, book).status for entry in book.entries}
    return moment_of(situation, record, answers, statuses, clinic_texts, book)


def _fits(when: When, m: Moment, held: frozenset[str], helper: bool) -> bool:
    """Return whether reader, tier, phase, days and gates fit. held: names of the tests that hold."""
    s = m.situation
    if when.reader not in ("all", "helper" if helper else "patient"):
        return False
    if s.tier == CALL_DOCTOR_NOW and not when.doctor_now:
        return False
    before = s.now < s.procedure_end_at
    if when.phase != "any" and (when.phase == "before") != before:
        return False
    if not before and s.now < s.day(when.from_day):
        return False
    if when.until_day is not None and s.now >= s.day(when.until_day):
        return False
    return held.issuperset(when.needs) and held.isdisjoint(when.unless)


def _on_today(card: Card, m: Moment, held: frozenset[str]) -> bool:
    """Return whether the card's Today days and tests fit; a card with neither is only in the library."""
    if card.today is None and not card.today_if:
        return False
    if card.today is not None:
        first, last = card.today
        if not m.situation.day(first) <= m.situation.now < m.situation.day(last):
            return False
    return held.issuperset(card.today_if)
