"""The act panel's page: one form for a call or an examination and what comes next, alert or not.

The panel stands on the chart; this page shows it alone, with its mistakes, or after somebody signed in again.
"""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.lifecycle import AlertError
from alerts.lifecycle.answers import latest_to_be_seen
from alerts.lifecycle.double_press import Overtaken
from alerts.lifecycle.selectors import active_alert, newest_event
from alerts.models import Alert
from patients.access import StaffRequest, needs, patient_or_404, record
from patients.models import Patient, Procedure
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from recovery.desk.alert.act_form import ActForm
from recovery.desk.alert.after_words import after_try, kept_beside, meanwhile
from recovery.desk.alert.alert_history import open_signs_in_words
from recovery.journey import acts
from recovery.journey.actions import NotYours, find_alert
from recovery.journey.writing import CameMeanwhileError

WRITTEN = "The contact is written down."


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.ANSWER_ALERTS)
def act(request: StaffRequest, code: UUID) -> HttpResponse:
    """Record a call or an examination, and close the alert when it is done."""
    patient = patient_or_404(request, code, action="opened the contact form")
    now = db_now()
    form = act_form(request, patient, _about(request, patient), now, data=typed_or_kept(request))
    if request.method == "POST" and form.is_valid():
        record(request, patient, action="wrote a contact", subject=form.cleaned_data["reached"])
        try:
            _write(request, patient, form, now)
        except Overtaken as error:
            alert = find_alert(request.staff, form.cleaned_data["alert"])
            form.add_error(None, meanwhile(error.event, alert, now))
            form.caught_up(newest_event(alert))
        except CameMeanwhileError as error:
            form = _about_new(request, patient, error, now)
        except AlertError as error:
            form.add_error(None, error.text)
        else:
            return redirect("recovery:chart", code=patient.code)
    return _page(request, patient, form, now)


def act_form(
    request: HttpRequest, patient: Patient, about: Alert | None, now: datetime, *, data: Any = None
) -> ActForm:
    """Return the panel's form about this alert, or about no alert."""
    return ActForm(
        data,
        newest=newest_event(about) if about else 0,
        now=now,
        zone=patient.clinic.timezone,
        about=about,
        to_be_seen=latest_to_be_seen(about, now) if about else None,
        watched=rows_of(Procedure, patient=patient).filter(closed_at__isnull=True).exists(),
    )


def _about_new(request: StaffRequest, patient: Patient, error: CameMeanwhileError, now: datetime) -> ActForm:
    """Return the form with what was typed, about the alert that came while the page was open."""
    typed = {name: request.POST[name] for name in request.POST}
    typed |= {"alert": str(error.alert.code), "seen": str(newest_event(error.alert))}
    form = act_form(request, patient, error.alert, now, data=typed)
    form.add_error(None, error.text)
    return form


def _about(request: StaffRequest, patient: Patient) -> Alert | None:
    """Return the alert of the form that was sent, else the active one; never another patient's."""
    if request.method != "POST":
        return active_alert(patient.pk)
    try:
        found = find_alert(request.staff, UUID(request.POST.get("alert", "")))
    except (ValueError, NotYours):
        return None
    return found if found.patient_id == patient.pk else None


def _write(request: StaffRequest, patient: Patient, form: ActForm, now: datetime) -> None:
    """Store what the form says, and say what comes of it."""
    told, press = form.act, form.written()["press"]
    if form.about is None:
        acts.act_without_alert(staff=request.staff, patient=patient, act=told, now=now, press=press)
        messages.success(request, "The call is written down." if told.reached == acts.NOBODY else WRITTEN)
        return
    alert = acts.act_on_alert(staff=request.staff, code=form.about.code, act=told, now=now, press=press)
    if told.reached == acts.NOBODY:
        messages.warning(request, after_try(alert, now))
    elif alert.state == Alert.State.RESOLVED:
        messages.warning(request, kept_beside(alert, now))
    else:
        messages.success(request, "The alert is closed." if told.outcome else "Contact recorded.")


def _page(request: StaffRequest, patient: Patient, form: ActForm, now: datetime) -> HttpResponse:
    about, zone = form.about, patient.clinic.timezone
    page = {
        "patient": patient,
        "alert": about,
        "age": patient.age_on(now.date()),
        "reasons": open_signs_in_words(about, now, ZoneInfo(zone)) if about else [],
        "zone": zone,
        "form": form,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "recovery/desk/act.html", page, status=status)
