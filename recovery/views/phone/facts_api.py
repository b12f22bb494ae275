"""GET /api/facts/: what this person's phone keeps so that it can judge a log with no signal."""

import hashlib
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils import timezone

from patients.access import PatientRequest, patient_required
from patients.models import Procedure
from recovery.forms.envelope import Refused
from recovery.selectors.facts import phone_facts
from recovery.selectors.today import open_procedure
from recovery.triage.rulebook import load_rulebook
from recovery.views.phone import sending
from recovery.views.phone.worker import version

SHELL_LETTERS = 16


def facts_api(request: HttpRequest) -> HttpResponseBase:
    """200 with the facts; 401, 403, 404, 405, 409 as problem+json. Never kept by the browser's own cache."""
    if request.method not in ("GET", "HEAD"):
        refused = Refused(405, "Ask by GET.").response()
        refused["Allow"] = "GET"
        return refused
    if not request.user.is_authenticated:
        return _no_store(Refused(401, "Please sign in. In an emergency call 911.").response())
    try:
        return _no_store(_signed_in(request))
    except Http404:
        return _no_store(Refused(404, "Nobody's recovery is linked to you.").response())


facts_api.access = ("patient", ())  # type: ignore[attr-defined]


def _no_store(response: Any) -> HttpResponse:
    response["Cache-Control"] = "no-store, private"
    return response


@patient_required
def _signed_in(request: PatientRequest) -> HttpResponseBase:
    procedure = open_procedure(request.patient)
    if procedure is None:
        return Refused(409, "Your clinic has closed this recovery. Call your clinic if you need help.").response()
    if not sending.may_log(request) or sending.must_choose(request):
        return Refused(403, "Choose whom you answer for; they must have let you answer for them.").response()
    # Asked first: a log that arrives meanwhile is rather sent once too often.
    received = sending.last_received(request)
    facts = phone_facts(procedure, timezone.now())
    body = {
        **sending.marks(request),
        "last_received": received.isoformat() if received else None,
        "about": str(request.patient.code),
        "rulebook": load_rulebook().hash,
        "version": facts.version,
        "shown": facts.shown,
        "procedure_end_at": facts.procedure_end_at,
        "patient": facts.patient,
        "history": facts.history,
        "config": facts.config,
        "shell": _shell(request, procedure),
        "csrf": get_token(request),
    }
    return JsonResponse(body)


def _shell(request: PatientRequest, procedure: Procedure) -> str:
    """Changes when the kept log page would look different: other questions, numbers, scripts or styles."""
    clinic = request.patient.clinic
    asked = sending.asked(request, procedure, timezone.now())
    names = [clinic.name, clinic.phone, clinic.after_hours_phone, request.patient.name if request.helper else ""]
    shown = [version(), asked, request.patient.code, *names]
    return hashlib.sha256("\n".join(map(str, shown)).encode()).hexdigest()[:SHELL_LETTERS]
