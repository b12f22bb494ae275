"""What the form and the JSON door share: whose log it is, and how it is stored."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from alerts.integrity import epochs
from patients.access import ACTING_FOR, PatientRequest
from patients.models import Procedure
from patients.phones import person_mark
from recovery.forms.show_when import Asked, asked_of
from recovery.logs.intake import Submission, submit_log
from recovery.logs.urgent_part import part_id, urgent_already
from recovery.models import DailyLog

# How a log came in (log_schema): by a page's own button, or by the phone's script, at once or later.
WEB, APP = "web", "app"


def asked(request: PatientRequest, procedure: Procedure, now: datetime) -> Asked:
    """What decides which questions this person gets."""
    has_helper = request.helper is None and bool(getattr(request.patient, "is_helped", False))
    return asked_of(procedure, request.helper, has_helper, now)


def may_log(request: PatientRequest) -> bool:
    """A patient always may; a helper when the patient said so."""
    return request.helper is None or request.helper.may_log


def must_choose(request: PatientRequest) -> bool:
    """A helper of several people who has not said yet whom these pages are about."""
    if request.helper is None or len(request.people) < 2:
        return False
    return request.session.get(ACTING_FOR) != str(request.patient.code)


def marks(request: PatientRequest) -> dict[str, str]:
    """What a phone writes beside a log that was received: the epoch, and a mark of who is signed in."""
    newest = epochs.newest()
    return {"epoch": str(newest.code) if newest else "", "person": person_mark(request.user)}


def last_received(request: PatientRequest) -> datetime | None:
    """When the newest log arrived that is still known: a phone that was told of a later one sends again."""
    found = DailyLog.objects.filter(patient=request.patient).aggregate(at=Max("received_at"))
    return found["at"]


def earlier(request: PatientRequest, client_id: uuid.UUID | None) -> DailyLog | None:
    """The own log a new one replaces, found by the id the phone gave it; None when there is none."""
    if client_id is None:
        return None
    return DailyLog.objects.filter(patient=request.patient, client_id=client_id).first()


def store(
    request: PatientRequest,
    procedure: Procedure,
    answers: Mapping[str, Any],
    *,
    client_id: uuid.UUID,
    now: datetime,
    door: str,
    **more: Any,
) -> Submission:
    """Hand one log of the signed-in person to intake; more is passed on as it is.

    door: which way it came in, as we know it; a sender's own word for it does not count.
    """
    return submit_log(
        patient=request.patient,
        procedure=procedure,
        entered_by=request.user,
        answers={**answers, "door": door},
        client_id=client_id,
        now=now,
        **{"answered_at": now, **more},
    )


def keep_urgent(
    request: PatientRequest,
    procedure: Procedure,
    answers: Mapping[str, Any],
    unread: Mapping[str, Any],
    *,
    client_id: uuid.UUID,
    now: datetime,
    door: str,
) -> Submission | None:
    """Store what could be read of a log that has to come back, when that much is already urgent."""
    if not urgent_already(procedure, answers, unread, now):
        return None
    part = part_id(client_id, answers, unread)
    return store(request, procedure, answers, client_id=part, now=now, door=door, unread=unread, partial=True)
