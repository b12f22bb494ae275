"""A log taken by phone: the nurse asks the patient's own questions; rules and steps are the same."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from patients.access import StaffRequest, needs, patient_or_404
from patients.models import Patient, Procedure
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.sign_in import kept_forms
from patients.sign_in.kept_forms import keeps_form
from patients.templatetags.kypho import tier_label
from recovery.desk.patient.patient_forms import TakenAtForm
from recovery.forms.log import LogForm, blank, fresh
from recovery.forms.log_json import as_uuid
from recovery.forms.show_when import asked_of
from recovery.logs.read import Sender, read_form
from recovery.logs.submit import Submission, submit_log, submit_urgent_part
from recovery.models import DailyLog
from recovery.phone.log.note_question import stands_on_form
from recovery.selectors.facts import phone_facts
from recovery.selectors.today import open_procedure
from recovery.wording.log_words import desk_mark

# With this the page's script sends the answers so far, so that a reload or a sign-out loses nothing.
SO_FAR = "so_far"
URGENT_PART = "urgent"
ANEW = "anew"
STILL_HERE = "What was answered before is still here. This log is not sent yet."
NO_RECOVERY = "No recovery is watched for this patient: there is nothing to log. Write a note instead."
KEPT = "What was answered so far is sent, because it is urgent. Please finish the questions marked below."
MESSAGES_SAID = 3


@keeps_form()
@require_http_methods(["GET", "POST"])
@needs(Permission.LOG_FOR_PATIENT)
def log_by_phone(request: StaffRequest, code: UUID) -> HttpResponse:
    """Show the questions of the patient's log. A sent log is judged at once; the page says what to tell them."""
    if request.method == "POST" and SO_FAR in request.GET:
        kept_forms.keep(request)
        return HttpResponse(status=204)
    patient = patient_or_404(request, code, action="opened the log by phone")
    procedure, now = open_procedure(patient), db_now()
    if procedure is None:
        messages.warning(request, NO_RECOVERY)
        return redirect("recovery:chart", code=code)
    asked = replace(asked_of(procedure, None, False, now), at_desk=True)
    zone = ZoneInfo(request.staff.clinic.timezone)
    if request.method == "POST" and URGENT_PART in request.GET:
        return _store_part(request, patient, procedure, LogForm(request.POST, asked=asked), now)
    if request.method == "POST":
        kept_forms.take_kept(request)
        form, taken = LogForm(request.POST, asked=asked), TakenAtForm(request.POST, now=now, zone=zone)
        return _send(request, patient, procedure, form, taken, now)
    typed = _not_sent(patient, kept_forms.take_kept(request))
    if ANEW in request.GET:
        return redirect("recovery:log_by_phone", code=code)
    taken = TakenAtForm(typed, now=now, zone=zone)
    if typed is None:
        page = {"form": fresh(patient.code), "blank": blank(asked)}
        return _page(request, patient, procedure, {**page, "asked": asked, "taken": taken})
    form = LogForm(typed, asked=asked)
    form.say_nothing()
    page = {"form": form, "asked": asked, "taken": taken, "note": STILL_HERE, "begun": True, "anew": f"?{ANEW}"}
    return _page(request, patient, procedure, page)


def _not_sent(patient: Patient, typed: QueryDict | None) -> QueryDict | None:
    """Return the kept answers, unless their log has arrived meanwhile: they must not become a second log."""
    client_id = as_uuid(typed.get("client_id")) if typed else None
    sent = client_id and rows_of(DailyLog, patient=patient).filter(client_id=client_id).exists()
    return None if sent else typed


def _send(
    request: StaffRequest,
    patient: Patient,
    procedure: Procedure,
    form: LogForm,
    taken: TakenAtForm,
    now: datetime,
) -> HttpResponse:
    """Submit the log and go to the chart. With errors, submit the urgent part and show the page again."""
    valid = form.is_valid() & taken.is_valid()
    readings = read_form(form, taken.answered_at, **_sender(request, patient, procedure, now))
    client_id = str(readings[0].client_id)
    if valid:
        sent = submit_log(readings[0])
        sent.log.in_hospital_since = getattr(procedure, "in_hospital_since", None)  # type: ignore[attr-defined]
        messages.success(request, _said(sent))
        return redirect("recovery:chart", code=patient.code)
    kept = submit_urgent_part(readings)
    form.carry(client_id=client_id, **({"supersedes": str(kept.log.client_id)} if kept else {}))
    note = KEPT if kept else ""
    page = {"form": form, "asked": form.asked, "note": note, "ask_note": stands_on_form(form), "taken": taken}
    return _page(request, patient, procedure, {**page, "begun": True}, status=422)


def _store_part(
    request: StaffRequest, patient: Patient, procedure: Procedure, form: LogForm, now: datetime
) -> HttpResponse:
    """Submit a partial log when the page's script saw an emergency and the rules agree; the questions go on."""
    form.is_valid()
    readings = read_form(form, **_sender(request, patient, procedure, now))
    kept = submit_urgent_part(readings, instead=True)
    return JsonResponse({"stored": str(kept.log.client_id) if kept else ""})


def _sender(request: StaffRequest, patient: Patient, procedure: Procedure, now: datetime) -> Sender:
    return {
        "patient": patient,
        "procedure": procedure,
        "entered_by": request.user,
        "now": now,
        "door": "nurse",
    }


def _said(sent: Submission) -> str:
    """Return the verdict and the advice that the nurse must tell the patient on the phone."""
    if sent.assessment is None:
        return "The log is stored. It could not be judged yet: read the answers yourself."
    # The nurse who reads this has just typed the words.
    sent.log.words_read = True  # type: ignore[attr-defined]
    told = " ".join(sent.log.said.texts[:MESSAGES_SAID])
    away = getattr(sent.log, "in_hospital_since", None) is not None
    mark = desk_mark(sent.assessment.tier, sent.assessment.fired, sent.log.heard, away=away)
    words = f"The log is stored: {tier_label(mark)}."
    return f"{words} Tell the patient: {told}" if told else words


def _page(
    request: StaffRequest, patient: Patient, procedure: Procedure, words: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render the page with the facts of this patient for the page's script, which judges on the page."""
    known = phone_facts(procedure, db_now())
    facts = {
        name: getattr(known, name) for name in ("version", "procedure_end_at", "patient", "history", "config")
    }
    page = {"patient": patient, "age": patient.age_on(db_now().date()), "facts": facts, **words}
    return render(request, "recovery/desk/log_by_phone.html", page, status=status)
