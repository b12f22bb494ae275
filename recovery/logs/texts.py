"""Text messages of patients and helpers: each message becomes a log and is judged by the same rules."""

import uuid
from datetime import datetime
from typing import Any

from alerts.lifecycle.sms_replies import Words, note_words, take_reply
from alerts.messaging.reply_words import AT_LEAST, MOST_CHARACTERS, Meant
from alerts.messaging.spanish import said
from patients.selectors.languages import language_of
from patients.selectors.people import Writer, phone_of_clinic, writers
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, ON_TRACK, TIERS, URGENT
from patients.values.typed_text import clean
from patients.wall.scope import also
from recovery.logs.read import last_procedure, read_log
from recovery.logs.submit import Submission, submit_log

DOOR = "sms"
# The log's id is made from the message and the patient, so that a repeated message finds the same log.
OF_A_TEXT = uuid.UUID("0d5c1c0e-93c5-4d0b-8e7d-2f6a0a6b7f11")
# A long text is split into several logs. They overlap, so that no sign is cut in two.
MOST_LETTERS, OVERLAP = 900, 120
CALL_NOW = "Call 911 now."
CALL_CLINIC = (
    "Call your clinic now at {phone}. If no one calls you back soon, go to the ER. In an emergency call 911."
)
KEPT = (
    "Your clinic has your message. Nobody answers by text. If you feel worse, call {phone}. In an emergency: 911."
)
SHARED = "We cannot tell whom it is about, so it is kept for each of you. "


def take_text(*, provider_id: str, number: str, text: str, now: datetime, opt_out: str = "") -> str:
    """Handle one text message and return the answer to send; empty when there is none.

    The words of a patient or helper are committed as a log before the answer is made. The answer says only whether
    to call 911, call the clinic now, or neither. A repeated message changes nothing.
    """
    taken = take_reply(provider_id=provider_id, number=number, text=text, now=now, opt_out=opt_out)
    if isinstance(taken, str):
        return taken
    about = writers(number, now)
    shared = len(about) > 1
    sent = [
        _keep(writer, f"{provider_id}:{part}", answers, now, shared=shared)
        for writer in about
        for part, answers in enumerate(_answers(text, _short(taken.meant, writer)))
    ]
    spanish = taken.meant.spanish or any(language_of(writer.user) == "es" for writer in about)
    answer = _answer(sent, number, taken, shared=shared, spanish=spanish)
    return note_words(provider_id=provider_id, number=number, answer=answer, now=now)


def _short(meant: Meant, writer: Writer) -> str:
    """Return the short answer of a text, or "". A number alone is one only if the clinic asks this patient so."""
    return meant.short or (meant.numbered if writer.patient.short_logs else "")


def _answers(text: str, short: str) -> list[dict[str, Any]]:
    """Return the answers of each log: one short answer, or the text in overlapping parts."""
    if short:
        return [{"short_answer": short}]
    words = clean(text).strip()[:MOST_CHARACTERS]
    starts = range(0, max(len(words) - OVERLAP, 1), MOST_LETTERS - OVERLAP)
    return [{"notes": words[start : start + MOST_LETTERS]} for start in starts]


def _keep(writer: Writer, name: str, answers: dict[str, Any], now: datetime, *, shared: bool) -> Submission:
    """Submit one log. It is partial, so that it closes no sign the text does not mention."""
    with also(patient=writer.patient.pk):
        log = read_log(
            patient=writer.patient,
            procedure=last_procedure(writer.patient),
            entered_by=writer.user,
            answers=answers,
            client_id=uuid.uuid5(OF_A_TEXT, f"{name}:{writer.patient.code}"),
            answered_at=now,
            now=now,
            door=DOOR,
            by_helper=writer.helper,
            partial=True,
            shared_phone=shared,
        )
        return submit_log(log)


def _answer(sent: list[Submission], number: str, taken: Words, *, shared: bool, spanish: bool) -> str:
    """Return the answer, without any clinical reason. A log not judged yet is answered as call_doctor_now."""
    tiers = [one.assessment.tier if one.assessment else CALL_DOCTOR_NOW for one in sent]
    said_at_least = [AT_LEAST.get(str(one.log.answers.get("short_answer", "")), ON_TRACK) for one in sent]
    worst = max([*tiers, *said_at_least, AT_LEAST.get(taken.meant.short, ON_TRACK)], key=TIERS.index)
    if worst == CALL_911:
        return said(CALL_NOW, spanish=spanish)
    phone = phone_of_clinic(number)
    words = said(CALL_CLINIC if worst in URGENT else KEPT, spanish=spanish).format(phone=phone)
    whose = said(SHARED, spanish=spanish) if shared else ""
    return f"{taken.answer} {whose}{words}".strip()
