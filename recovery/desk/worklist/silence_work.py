"""Silence, worked in its row of the worklist: a text, a call without an answer, a promise for a time."""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from alerts.clock import db_now
from alerts.lifecycle import AlertError
from alerts.lifecycle.double_press import Press
from alerts.lifecycle.snoozing import TakenError
from alerts.models import Alert
from patients import scoping
from patients.access import StaffRequest, needs, record
from patients.models import Patient, Staff
from patients.onward import back_or
from patients.permissions import Permission
from recovery.care_plan.asked_now import ask_for_a_log
from recovery.desk.desk_words import clock_words
from recovery.journey import actions
from recovery.journey.kept_contacts import keep
from recovery.models import PatientContact

# The day from today and the hour, on the clinic's clocks, by which a patient promised to log.
PROMISES = {"today": (0, 18), "tomorrow": (1, 10), "in_2_days": (2, 10)}
TOO_LATE_TODAY = "It is past 6 PM: choose tomorrow."
NOT_NOW = "This patient is not silent any more, or has an urgent alert. Open the chart."


class SilenceForm(forms.Form):
    """What was done about a silent patient, and the patient's words."""

    did = forms.ChoiceField(choices=[(name, name) for name in ("text", "not_reached", *PROMISES)])
    said = forms.CharField(required=False, max_length=120)


@require_POST
@needs(Permission.ANSWER_ALERTS)
def silence(request: StaffRequest, code: UUID) -> HttpResponse:
    """Write down what was done, and go back to the list."""
    patient, form = _patient(request.staff, code), SilenceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was written down: use at most 120 letters, and press again.")
        return _back(request)
    did, now = form.cleaned_data["did"], db_now()
    record(request, patient, action="worked the silence")
    try:
        words = _do(request.staff, patient, did, form.cleaned_data["said"], now)
    except AlertError as error:
        messages.error(request, f"{patient.name}: {error.text}")
    else:
        messages.success(request, f"{patient.name}: {words}")
    return _back(request)


def _do(staff: Staff, patient: Patient, did: str, said: str, now: datetime) -> str:
    """Do one thing and return what to say about it. AlertError when it cannot be done."""
    if did == "text":
        return ask_for_a_log(patient, now)
    alert = scoping.rows_of(Alert, patient=patient).exclude(state=Alert.State.RESOLVED).first()
    if did == "not_reached":
        # The row has no form of its own: two presses of one person within a minute are one call.
        once = f"not reached {now:%Y-%m-%d %H:%M}"
        if alert:
            actions.record_try(staff=staff, code=alert.code, note=said, now=now, press=Press(once))
        else:
            kind = PatientContact.Kind.NOT_REACHED
            keep(staff=staff, patient=patient, kind=kind, note=said, now=now, once=once)
        return "written down, not reached."
    return _promise(staff, alert, did, said, now)


def _promise(staff: Staff, alert: Alert | None, did: str, said: str, now: datetime) -> str:
    zone = ZoneInfo(staff.clinic.timezone)
    until = _until(did, now, zone)
    if until <= now:
        raise AlertError(TOO_LATE_TODAY)
    if alert is None or alert.tier != Alert.Tier.WATCH:
        raise AlertError(NOT_NOW)
    by = clock_words(until, now, zone)
    reason = f"Promised to log by {by}" + (f": {said}" if said else "")
    # Who has it is looked at again under the row's lock; the same promise pressed twice is one.
    once = Press(f"promised {now:%Y-%m-%d %H:%M}")
    try:
        actions.snooze(
            staff=staff,
            code=alert.code,
            until=until,
            reason=reason,
            now=now,
            press=once,
            leave_to_colleague=True,
        )
    except TakenError as error:
        at = clock_words(error.at, now, zone)
        raise AlertError(f"already taken by {error.by_name} at {at}.") from error
    return f"promised to log by {by}. The row comes back then, and at once if anything gets worse."


def _until(did: str, now: datetime, zone: ZoneInfo) -> datetime:
    days, hour = PROMISES[did]
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), time(hour), zone)


def _patient(staff: Staff, code: UUID) -> Patient:
    patient = scoping.for_staff(staff).filter(code=code).first()
    if patient is None:
        raise Http404
    return patient


def _back(request: StaffRequest) -> HttpResponse:
    return back_or(request, reverse("recovery:worklist"))
