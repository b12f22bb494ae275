"""Automatic calls: each key a patient presses is a log at once, so hanging up loses nothing.

A call asks three questions: how are you, the gate of emergencies, the gate of nerve signs (clinical rules, Short
logs). Each answer makes a log that replaces the one before it in this call and holds all answers so far.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerts.messaging.reply_words import AT_LEAST
from alerts.models import Delivery
from patients.models import Patient
from patients.scoping import joined
from patients.selectors.reach import ASK_BY_CALL
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, TIERS
from patients.wall.scope import also
from recovery.logs.read import earlier, last_procedure, read_log
from recovery.logs.submit import submit_log
from recovery.models import DailyLog

DOOR = "call"
# A log's id is made from the call, the patient and the question, so that a repeated request finds the same log.
OF_A_CALL = uuid.UUID("5a0f6f0e-4b8e-4c52-8f5d-3c1f0f4d9a21")
# The provider asks for a step within minutes; after this the call is over and its address is worth nothing.
ANSWERED_WITHIN = timedelta(hours=2)


@dataclass(frozen=True)
class Question:
    """One question of a call: the field it answers, and the value of each key."""

    field: str
    keys: dict[str, str]


# In the order they are asked. Yes is 1, so that somebody who always presses 1 is heard, never missed.
QUESTIONS: dict[str, Question] = {
    "how": Question("short_answer", {"1": "fine", "2": "worse", "3": "emergency"}),
    "emergency": Question("em_gate", {"1": "some", "2": "none"}),
    "nerves": Question("nerve_gate", {"1": "some", "2": "none"}),
}
STEPS = tuple(QUESTIONS)


def whom(key: str, now: datetime) -> Patient | None:
    """Return the patient whom this call asks, with clinic and user; None when it is not ours, or long over."""
    row = Delivery.objects.filter(key=key, channel=DOOR, message=ASK_BY_CALL).first()
    kind, _, pk = (row.recipient if row else "").partition(":")
    if row is None or kind != "patient" or not pk.isdigit() or row.created_at + ANSWERED_WITHIN < now:
        return None
    # A recovery that ends while the call goes on takes no question back: what is pressed is heard all the same.
    return joined(Patient).select_related("clinic", "user").filter(pk=int(pk), user__isnull=False).first()


def take_key(*, patient: Patient, call: str, step: str, key: str, now: datetime) -> str | None:
    """Store and judge the answer of one key; return the tier of the call so far, None when no answer has this key.

    call: the provider's id of the call. A log that could not be judged yet counts as call_doctor_now.
    """
    question = QUESTIONS[step]
    if key not in question.keys:
        return None
    with also(patient=patient.pk):
        before = _before(patient, call, step)
        answers: dict[str, Any] = {**(before.told if before else {}), question.field: question.keys[key]}
        assert patient.user
        log = read_log(
            patient=patient,
            procedure=last_procedure(patient),
            entered_by=patient.user,
            answers=answers,
            client_id=_id(patient, call, step),
            answered_at=now,
            now=now,
            door=DOOR,
            partial=True,
            supersedes=before,
        )
        sent = submit_log(log)
    judged = sent.assessment.tier if sent.assessment else CALL_DOCTOR_NOW
    return max(judged, AT_LEAST.get(str(answers.get("short_answer")), judged), key=TIERS.index)


def next_step(step: str, tier: str) -> str:
    """Return the question after this one; "" when the call has heard enough."""
    place = STEPS.index(step) + 1
    return "" if tier == CALL_911 or place == len(STEPS) else STEPS[place]


def tier_so_far(patient: Patient, call: str, step: str) -> str:
    """Return the tier of what this call has answered before a question; "" when nothing is answered."""
    with also(patient=patient.pk):
        log = _before(patient, call, step)
        if log is None:
            return ""
        verdict = getattr(log, "assessment", None)
        return verdict.tier if verdict else CALL_DOCTOR_NOW


def _before(patient: Patient, call: str, step: str) -> DailyLog | None:
    """Return this call's newest log before a question."""
    for name in reversed(STEPS[: STEPS.index(step)]):
        if log := earlier(patient, _id(patient, call, name)):
            return log
    return None


def _id(patient: Patient, call: str, step: str) -> uuid.UUID:
    return uuid.uuid5(OF_A_CALL, f"{call}:{patient.code}:{step}")
