"""GET /api/facts/: the facts a phone keeps to judge a log without signal."""

import hashlib
from datetime import datetime

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.access import PatientRequest
from patients.models import Procedure
from recovery.forms.log_json import Refused
from recovery.phone.log import sending
from recovery.phone.log.json_door import CLOSED, json_door
from recovery.phone.offline.service_worker import version
from recovery.selectors.facts import phone_facts
from recovery.selectors.today import open_procedure
from recovery.triage.rulebook import load_rulebook

SHELL_LETTERS = 16


@json_door(("GET", "HEAD"), "Ask by GET.")
def facts_api(request: PatientRequest) -> JsonResponse:
    """200 with the facts; 401, 403, 404, 405, 409 as problem+json."""
    procedure = open_procedure(request.patient)
    if procedure is None:
        raise Refused(409, CLOSED)
    if not sending.may_log(request) or sending.must_choose(request):
        raise Refused(403, _("Choose whom you answer for; they must have let you answer for them."))
    # Read this first: if a log arrives meanwhile, the phone may send it twice but never misses it.
    received = sending.last_received(request)
    facts = phone_facts(procedure, timezone.now())
    since: datetime | None = getattr(procedure, "in_hospital_since", None)
    body = {
        **sending.marks(request),
        "last_received": received.isoformat() if received else None,
        "about": str(request.patient.code),
        "rulebook": load_rulebook().hash,
        "version": facts.version,
        "shown": facts.shown,
        "in_hospital_since": since.isoformat() if since else None,
        "procedure_end_at": facts.procedure_end_at,
        "patient": facts.patient,
        "history": facts.history,
        "config": facts.config,
        "shell": _shell(request, procedure),
        "csrf": get_token(request),
    }
    return JsonResponse(body)


def _shell(request: PatientRequest, procedure: Procedure) -> str:
    """Return a hash that changes when the kept log page would change: questions, numbers, scripts or styles."""
    clinic = request.patient.clinic
    asked = sending.asked(request, procedure, timezone.now())
    names = [clinic.name, clinic.phone, clinic.after_hours_phone, request.patient.name if request.helper else ""]
    shown = [version(), asked, request.patient.code, *names]
    return hashlib.sha256("\n".join(map(str, shown)).encode()).hexdigest()[:SHELL_LETTERS]
