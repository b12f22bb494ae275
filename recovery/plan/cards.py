"""Which education cards fit a person now, and which two stand on Today. Pure; time is an argument."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.plan.book import Book, default_book
from recovery.plan.cards_book import Card, Cards, Question, When, default_cards
from recovery.plan.cards_tests import TESTS, Moment
from recovery.plan.milestones import judge
from recovery.plan.situation import read_situation

ON_TODAY = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """The cards of the library, those of them that stand on Today, and the questions for a visit, in order."""

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
    """What fits a patient record and state at an aware moment, for the patient or their helper.

    answers: those of the last log. clinic_texts: "wound", "medicine" when the clinic wrote its own words.
    Nothing at 911, and on a doctor-now day only what is marked for it. Raises InvalidInput like milestones.
    """
    book, cards = book or default_book(), cards or default_cards()
    moment = _moment(record, state, now, answers or {}, frozenset(clinic_texts), book)
    if moment.situation.tier == CALL_911:
        return NOTHING
    fit = tuple(card for card in cards.cards if _fits(card.when, moment, helper))
    return Shown(
        library=fit,
        # A helper's own cards come first for a helper.
        today=tuple(sorted((c for c in fit if _on_today(c, moment)), key=lambda c: c.when.reader != "helper"))[
            :ON_TODAY
        ],
        questions=tuple(question for question in cards.questions if _fits(question.when, moment, helper=False)),
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
    return Moment(
        situation=situation,
        record=record,
        answers=answers,
        statuses={entry.id: judge(entry, situation, book).status for entry in book.entries},
        sign_groups=book.sign_groups,
        fresh_log_hours=book.settings["fresh_log_hours"],
        clinic_texts=clinic_texts,
    )


def _fits(when: When, m: Moment, helper: bool) -> bool:
    """Its reader, its phase, its days, its gates."""
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
    return _all(when.needs, m) and not any(TESTS[test](m) for test in when.unless)


def _on_today(card: Card, m: Moment) -> bool:
    """Its days have come and its answer was given; a card that names neither is for the library alone."""
    if card.today is None and not card.today_if:
        return False
    if card.today is not None:
        first, last = card.today
        if not m.situation.day(first) <= m.situation.now < m.situation.day(last):
            return False
    return _all(card.today_if, m)


def _all(tests: Iterable[str], m: Moment) -> bool:
    return all(TESTS[test](m) for test in tests)
