"""The values that the tests of cards.toml may use, at one moment. Pure; vocabulary.py has their kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.plan.book import Book
from recovery.plan.gates import OF_A_SITUATION
from recovery.plan.situation import Situation
from recovery.plan.vocabulary import status_name


@dataclass(frozen=True, slots=True)
class Moment:
    """What a card depends on: the situation, and the facts its tests use."""

    situation: Situation
    facts: Mapping[str, Any]


def moment_of(
    situation: Situation,
    record: Mapping[str, Any],
    answers: Mapping[str, Any],
    statuses: Mapping[str, str],
    clinic_texts: frozenset[str],
    book: Book,
) -> Moment:
    """Return the moment of a card.

    answers: those of the last log. statuses: by milestone. clinic_texts: "wound" and "medicine" when the clinic
    wrote its own words, which outrank a card.
    """
    age = situation.since_log_hours()
    # The answers of the last log while it is fresh; none of an older log.
    fresh = answers if age is not None and age <= book.settings["fresh_log_hours"] else {}
    facts = {
        **{name: value(situation) for name, value in OF_A_SITUATION.items()},
        **book.groups,
        **{name: fresh.get(name) for name in ("energy", "sleep", "mood")},
        **{name: _number(fresh.get(name)) for name in ("pain_move", "pain_rest")},
        "fall": answers.get("fall"),
        "pain_meds": tuple(answers.get("pain_meds") or ()),
        "meds_on_hold": bool(record.get("meds_on_hold")),
        "clinic_texts": clinic_texts,
        **{status_name(milestone): status for milestone, status in statuses.items()},
    }
    return Moment(situation, facts)


def _number(score: Any) -> float | None:
    return score if isinstance(score, int | float) else None
