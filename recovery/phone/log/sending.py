"""Shared by the log page and its JSON address: who may log for whom, the sender, and marks for the phone."""

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
    """Return the facts that decide which questions this person gets."""
    has_helper = request.helper is None and bool(getattr(request.patient, "is_helped", False))
    return asked_of(procedure, request.helper, has_helper, now)


def may_log(request: PatientRequest) -> bool:
    """Return whether this person may log: a patient always, a helper when the patient allowed it."""
    return may(who_acts(request), Permission.LOG)


def must_choose(request: PatientRequest) -> bool:
    """Return whether a helper of several patients still has to choose one."""
    if request.helper is None or len(request.people) < 2:
        return False
    return request.session.get(ACTING_FOR) != str(request.patient.code)


def marks(request: PatientRequest) -> dict[str, str]:
    """Return what a phone stores with a received log: the epoch, and a mark of the signed-in person."""
    newest = epochs.newest()
    return {"epoch": str(newest.code) if newest else "", "person": person_mark(request.user)}


def last_received(request: PatientRequest) -> datetime | None:
    """Return when the patient's newest log arrived, or None. A phone that sent a later one sends it again."""
    found = rows_of(DailyLog, patient=request.patient).aggregate(at=Max("received_at"))
    return found["at"]


def sender(request: PatientRequest, procedure: Procedure, now: datetime, door: str) -> Sender:
    """Return the sender as the server knows it; what the log says about its door is ignored."""
    return {
        "patient": request.patient,
        "procedure": procedure,
        "entered_by": request.user,
        "now": now,
        "door": door,
        "by_helper": request.helper is not None,
    }
