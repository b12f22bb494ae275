"""Step 1, read: turn what was received into one DailyLog, not stored yet. The later steps use this object."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NotRequired, TypedDict, Unpack

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from patients.models import Patient, Procedure, User
from patients.prepared import Prepared
from patients.tiers import TIERS
from patients.values.bounds import nearest
from recovery.forms.log import LogForm
from recovery.forms.log_json import LogJson
from recovery.models import DailyLog
from recovery.state import record
from recovery.wording import left_over

# A phone's clock may run a little fast, and a phone that was offline for weeks may send an old log.
FUTURE_ALLOWED = timedelta(minutes=10)
PAST_ALLOWED = timedelta(days=30)
# The window of the rate limit for calm logs (check.py).
LATELY = timedelta(hours=1)


class Sender(TypedDict):
    """Who sends a log about whom, when, and by which door, as the server knows it.

    What the log itself says about these is ignored. procedure must come from record.with_overrides where the log
    is checked.
    """

    patient: Patient
    procedure: Procedure
    entered_by: User
    now: datetime
    # web, app, nurse or sms (log_schema); empty when the answers name the door.
    door: NotRequired[str]
    by_helper: NotRequired[bool]


def procedure_to_log_for(patient: Patient, now: datetime) -> Procedure | None:
    """Return the patient's open procedure, or None; its `lately` is the number of logs of the last hour.

    One statement.
    """
    return next(iter(_watched(patient=patient.pk, since=now - LATELY)), None)


@Prepared
def _watched(patient: int, since: datetime) -> QuerySet[Procedure]:
    logs = DailyLog.objects.filter(patient=OuterRef("patient"), received_at__gt=since).order_by()
    count = logs.values("patient").annotate(count=Count("pk")).values("count")
    watched = record.with_overrides(Procedure.objects.filter(patient=patient, closed_at__isnull=True))
    return watched.annotate(lately=Coalesce(Subquery(count), 0)).order_by("pk")[:1]


def last_procedure(patient: Patient) -> Procedure:
    """Return the procedure that words by text or call are about: it may be closed while they are on their way."""
    rows = Procedure.objects.filter(patient=patient)
    newest = rows.order_by(F("closed_at").desc(nulls_first=True), "-pk").first()
    assert newest, "whoever is asked by text or call has had a procedure"
    return newest


def read_json(log_json: LogJson, **sender: Unpack[Sender]) -> DailyLog:
    """Return the log of a JSON body, whether the phone's script posted it or an envelope held it."""
    return read_log(
        answers=log_json.answers,
        unread=log_json.unread,
        client_id=log_json.client_id,
        answered_at=log_json.answered_at,
        partial=log_json.partial,
        phone_tier=log_json.phone_tier,
        phone_rulebook=log_json.phone_rulebook,
        phone_facts=log_json.phone_facts,
        phone_fired=log_json.phone_fired,
        supersedes=earlier(sender["patient"], log_json.supersedes),
        **sender,
    )


def read_form(
    form: LogForm, answered_at: datetime | None = None, **sender: Unpack[Sender]
) -> tuple[DailyLog, ...]:
    """Return the log of a form, valid or not. A question answered twice adds further readings of the same log."""
    client_id = form.cleaned_data.get("client_id") or uuid.uuid4()
    replaced = earlier(sender["patient"], form.cleaned_data.get("supersedes"))
    unread = form.unread()
    return tuple(
        read_log(
            answers=answers,
            unread=unread,
            client_id=client_id,
            answered_at=answered_at or sender["now"],
            partial=form.partial,
            supersedes=replaced,
            **sender,
        )
        for answers in form.readings()
    )


def read_log(
    *,
    patient: Patient,
    procedure: Procedure,
    entered_by: User,
    answers: Mapping[str, Any],
    client_id: uuid.UUID,
    answered_at: datetime,
    now: datetime,
    door: str = "",
    by_helper: bool = False,
    unread: Mapping[str, Any] | None = None,
    partial: bool = False,
    phone_tier: str = "",
    phone_rulebook: str = "",
    phone_facts: str = "",
    phone_fired: Sequence[str] | None = None,
    supersedes: DailyLog | None = None,
    shared_phone: bool = False,
) -> DailyLog:
    """Return one log as it will be stored. answers have a known shape; unread could not be read as an answer."""
    how = {**({"door": door} if door else {}), **({"logged_by": "caregiver"} if by_helper else {})}
    kept, beside = left_over.parted({**answers, **how}, unread or {})
    return DailyLog(
        patient=patient,
        procedure=procedure,
        entered_by=entered_by,
        answers=kept,
        left_over=beside,
        client_id=client_id,
        # A time that is centuries off cannot be stored: keep the nearest time that can.
        answered_at=nearest(answered_at),
        received_at=now,
        partial=partial,
        clock_suspect=not (now - PAST_ALLOWED <= answered_at <= now + FUTURE_ALLOWED),
        phone_tier=phone_tier if phone_tier in TIERS else "",
        phone_rulebook=phone_rulebook[:64],
        phone_facts=phone_facts[:80],
        phone_fired=None if phone_fired is None else list(phone_fired),
        supersedes=supersedes,
        shared_phone=shared_phone,
    )


def earlier(patient: Patient, client_id: uuid.UUID | None) -> DailyLog | None:
    """Return the patient's log with this sender's id, which a new log replaces; None when there is none."""
    if client_id is None:
        return None
    return DailyLog.objects.filter(patient=patient, client_id=client_id).first()
