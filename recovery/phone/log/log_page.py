"""The log: one page to answer, one button to send."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from patients.access import PatientRequest, needs
from patients.models import Procedure
from patients.permissions import Permission
from recovery.forms.log import LogForm, blank, fresh
from recovery.forms.log_json import Refused, as_uuid
from recovery.forms.show_when import Asked
from recovery.forms.steps import how_many
from recovery.logs.check import WORDS, TooMany
from recovery.logs.read import procedure_to_log_for, read_form
from recovery.logs.submit import submit_log, submit_urgent_part
from recovery.models import Assessment, DailyLog
from recovery.phone.log import sending, sent_from, unsent
from recovery.phone.log.note_question import stands_on_form
from recovery.selectors.today import open_procedure

OTHER_PERSON = _(
    "This log was begun for another person. Look at the name above. If it is right, press Send again."
)
RESEND = _("Your answers are still here. Please press Send again.")
SIGNED_OUT = _("You were signed out. Your answers are still here. Please look at them, then press Send.")
KEPT = _("Your care team has what you told so far. Please finish the questions marked below.")


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponseBase:
    """Show the log page and take its Send. Answers sent while signed out are kept until the next sign-in."""
    if request.method == "POST" and not request.user.is_authenticated:
        return unsent.keep(request)
    return signed_in(request)


log.access = Permission.SEE_RECOVERY  # type: ignore[attr-defined]


@needs(Permission.SEE_RECOVERY)
def signed_in(request: PatientRequest) -> HttpResponse:
    """Show or take a log of the signed-in patient, or of the patient a helper acts for."""
    # Stored times come from the database: this machine's clock may be wrong, and alerts depend on them.
    now = db_now() if request.method == "POST" else timezone.now()
    waiting = unsent.of(request)
    procedure = procedure_to_log_for(request.patient, now)
    if procedure is None:
        return render(request, "recovery/phone/closed.html")
    if not sending.may_log(request):
        return render(request, "recovery/phone/may_not_log.html", status=403)
    if request.method == "POST":
        return _send(request, procedure, now)
    if sending.must_choose(request):
        return redirect("recovery:today")
    asked = sending.asked(request, procedure, now)
    if waiting is not None:
        return page(request, LogForm(waiting, asked=asked), note=SIGNED_OUT, quiet=True)
    if sent := sent_from.log_sent_from(request, procedure, now):
        return page(request, sent_from.filled(request, procedure, sent, now), quiet=True, sent=sent)
    return _empty(request, asked)


def _empty(request: PatientRequest, asked: Asked) -> HttpResponse:
    """Render the empty page. Without script it gets its own address, so that Back finds its answers again."""
    named = as_uuid(request.GET.get(sent_from.PAGE))
    form = fresh(request.patient.code, named)
    context = {"form": form, "blank": blank(asked), "asked": asked, "most": how_many(asked)}
    context["whose"] = request.patient
    own = "" if named else f"?{sent_from.PAGE}={form.initial['client_id']}"
    return render(request, "recovery/phone/log.html", {**context, "own_address": own})


def _send(request: PatientRequest, procedure: Procedure, now: datetime) -> HttpResponse:
    """Submit the log and go to the advice, or show the page again with all answers when there are errors."""
    form = LogForm(request.POST, asked=sending.asked(request, procedure, now))
    valid = form.is_valid()
    about = form.cleaned_data.get("about")
    if about and about != request.patient.code:
        form.carry(about=str(request.patient.code))
        form.add_error(None, OTHER_PERSON)
        return page(request, form, status=422)
    readings = read_form(form, **sending.sender(request, procedure, now, sending.WEB))
    if not valid:
        return _come_back(request, form, readings)
    try:
        sent = submit_log(readings[0], may_wait=True)
    except TooMany:
        return page(request, form, note=WORDS, status=429)
    unsent.forget(request)
    return redirect("recovery:advice", code=sent.log.code)


def _come_back(request: PatientRequest, form: LogForm, readings: Sequence[DailyLog]) -> HttpResponse:
    client_id = str(readings[0].client_id)
    kept = submit_urgent_part(readings)
    form.carry(client_id=client_id, **({"supersedes": str(kept.log.client_id)} if kept else {}))
    return page(request, form, note=KEPT if kept else "", status=422, so_far=kept.assessment if kept else None)


def page(
    request: PatientRequest,
    form: LogForm,
    *,
    note: object = "",
    status: int = 200,
    quiet: bool = False,
    so_far: Assessment | None = None,
    sent: DailyLog | None = None,
) -> HttpResponse:
    """Render the log page with a form.

    quiet: show no errors yet. so_far: the assessment of the urgent part, with what to do now. sent: the log that
    this one will supersede.
    """
    if quiet:
        form.say_nothing()
    context = {"form": form, "note": note, "asked": form.asked, "ask_note": stands_on_form(form)}
    context |= {"most": how_many(form.asked), "whose": request.patient, "so_far": so_far, "sent": sent}
    return render(request, "recovery/phone/log.html", context, status=status)


def resend(request: HttpRequest) -> HttpResponse | None:
    """Show a log page with a stale form token again, answers kept, with a fresh token; None for other pages."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    if name == "recovery:log_api":
        return Refused(403, _("This page was open too long. Load it again, then send.")).response()
    if name not in ("recovery:log", "recovery:care_messages"):
        return None
    if not request.user.is_authenticated or name == "recovery:care_messages":
        return unsent.keep(request)
    return cast(HttpResponse, _again(request))


@needs(Permission.SEE_RECOVERY)
def _again(request: PatientRequest) -> HttpResponseBase:
    now = timezone.now()
    procedure = open_procedure(request.patient)
    if procedure is None or not sending.may_log(request):
        return signed_in(request)
    form = LogForm(request.POST, asked=sending.asked(request, procedure, now))
    return page(request, form, note=RESEND, status=403, quiet=True)
