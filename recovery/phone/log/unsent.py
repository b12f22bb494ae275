"""Answers of somebody who was signed out in between: kept in the session until they can be sent."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from patients.access import PatientRequest
from recovery.forms.log import LogForm
from recovery.forms.show_when import Asked
from recovery.triage.evaluate import judge
from recovery.wording.left_over import bounds, heard

KEY = "unsent_log"
LONGEST = 60_000
# Older answers describe another day: they are not offered again.
KEPT_HOURS = 12


def keep(request: HttpRequest) -> HttpResponse:
    """Keep the answers, say so, and show 911 at once when an answer calls for it. Then: sign in."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    kept = _kept(sent)
    if kept:
        request.session[KEY] = {"form": kept, "at": timezone.now().timestamp()}
    form = LogForm(sent, asked=Asked())
    form.is_valid()
    tier = judge({}, 0.0, heard(form.answers(), {"unread": form.unread()}), []).tier
    context = {"emergency": tier == "call_911", "doctor": tier == "call_doctor_now", "kept": bool(kept)}
    return render(request, "recovery/phone/signed_out.html", context, status=401)


def _kept(sent: QueryDict) -> str:
    """What fits into a session: long texts give way before the answers do. Empty: nothing fits."""
    if len(sent.urlencode()) > LONGEST:
        sent = sent.copy()
        for code, longest in bounds().items():
            sent[code] = sent.get(code, "")[:longest]
    encoded = sent.urlencode()
    return encoded if len(encoded) <= LONGEST else ""


def of(request: PatientRequest) -> QueryDict | None:
    """The kept answers, when they are about this patient and of today; anything else is thrown away."""
    found: dict[str, Any] | None = request.session.get(KEY)
    if not found:
        return None
    form = QueryDict(found["form"])
    fresh = timezone.now().timestamp() - found["at"] < KEPT_HOURS * 3600
    if fresh and form.get("about") == str(request.patient.code):
        return form
    forget(request)
    return None


def forget(request: HttpRequest) -> None:
    """The answers were sent, or are nobody's any more."""
    request.session.pop(KEY, None)
