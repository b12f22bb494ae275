"""What the form and the JSON door share: whose log it is, who sends it, and what the phone notes of it."""

from datetime import datetime

from django.db.models import Max

from alerts.integrity import epochs
from patients.access import ACTING_FOR, PatientRequest, who_acts
from patients.models import Procedure
from patients.permissions import Permission, may
from patients.scoping import rows_of
from patients.sign_in.phone_secrets import person_mark
from recovery.forms.show_when import Asked, asked_of
from recovery.logs.read import Sender
from recovery.models import DailyLog

# How a log came in (log_schema): by a page's own button, or by the phone's script, at once or later.
WEB, APP = "web", "app"


def asked(request: PatientRequest, procedure: Procedure, now: datetime) -> Asked:
    """What decides which questions this person gets."""
    has_helper = request.helper is None and bool(getattr(request.patient, "is_helped", False))
    return asked_of(procedure, request.helper, has_helper, now)


def may_log(request: PatientRequest) -> bool:
    """A patient always may; a helper when the patient said so."""
    return may(who_acts(request), Permission.LOG)


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
    found = rows_of(DailyLog, patient=request.patient).aggregate(at=Max("received_at"))
    return found["at"]


def sender(request: PatientRequest, procedure: Procedure, now: datetime, door: str) -> Sender:
    """Who sends a log here, as the server knows it; a log's own word for its door does not count."""
    return {
        "patient": request.patient,
        "procedure": procedure,
        "entered_by": request.user,
        "now": now,
        "door": door,
        "by_helper": request.helper is not None,
    }
