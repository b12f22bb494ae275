"""GET /api/facts/: the facts a phone keeps to judge a log without signal."""

from datetime import datetime

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from patients.access import PatientRequest
from recovery.forms.log_json import Refused
from recovery.phone.log import sending
from recovery.phone.log.json_door import CLOSED, json_door
from recovery.phone.offline.offline_pages import shell_mark
from recovery.selectors.facts import phone_facts
from recovery.selectors.today import open_procedure
from recovery.triage.rulebook import load_rulebook


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
    now = timezone.now()
    facts = phone_facts(procedure, now)
    since: datetime | None = getattr(procedure, "in_hospital_since", None)
    body = {
        **sending.marks(request),
        "last_received": received.isoformat() if received else None,
        "about": str(request.patient.code),
        "rulebook": load_rulebook().hash,
        "version": facts.version,
        "shown": f"{facts.shown} {get_language()}",
        "in_hospital_since": since.isoformat() if since else None,
        "procedure_end_at": facts.procedure_end_at,
        "patient": facts.patient,
        "history": facts.history,
        "config": facts.config,
        "shell": shell_mark(request, procedure, now),
        "csrf": get_token(request),
    }
    return JsonResponse(body)
