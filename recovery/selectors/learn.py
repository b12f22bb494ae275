"""The education cards of today, and the questions for the next visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recovery.models import DailyLog
from recovery.plan.cards import Shown, cards_for
from recovery.state.current_state import Standing


@dataclass(frozen=True)
class OwnQuestion:
    """A question a patient or helper wrote in a log."""

    text: str
    at: datetime


def shown(at: Standing, state: dict[str, Any], *, helper: bool) -> Shown:
    """Return the cards and questions that fit a recovery now; runs no statement."""
    procedure, log = at.procedure, at.last_log
    texts = {"wound": procedure.wound_instructions, "medicine": procedure.medicine_instructions}
    return cards_for(
        at.record,
        state,
        at.now,
        answers=log.answers if log else {},
        helper=helper,
        clinic_texts={name for name, text in texts.items() if text},
    )


def own_questions(logs: Iterable[DailyLog]) -> list[OwnQuestion]:
    """Return the questions written in the logs, newest first, each once."""
    found: dict[str, OwnQuestion] = {}
    for log in logs:
        text = log.words.get("question_for_team", "").strip()
        if text:
            found.setdefault(text, OwnQuestion(text, log.happened_at))
    return list(found.values())
