"""Answers of somebody who was signed out in between: kept (patients.sign_in.kept_forms) until they can be sent."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from patients.access import PatientRequest
from patients.sign_in import kept_forms
from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.forms.log import LogForm
from recovery.forms.show_when import Asked
from recovery.triage.evaluate import judge
from recovery.wording.left_over import bounds, heard

# Older answers describe another day: they are not offered again.
KEPT_HOURS = 12
KEEPING = kept_forms.Keeping(seconds=KEPT_HOURS * 3600, most_letters=60_000)


def keep(request: HttpRequest) -> HttpResponse:
    """Keep the answers, say so, and show 911 at once when an answer calls for it. Then: sign in."""
    sent = request.POST
    kept = kept_forms.put(request, sent.get("about", ""), _shortened(sent), KEEPING)
    form = LogForm(sent, asked=Asked())
    form.is_valid()
    tier = judge({}, 0.0, heard(form.answers(), {"unread": form.unread()}), []).tier
    context = {"emergency": tier == CALL_911, "doctor": tier == CALL_DOCTOR_NOW, "kept": kept}
    return render(request, "recovery/phone/signed_out.html", context, status=401)


def _shortened(sent: QueryDict) -> QueryDict:
    """What may fit: long texts give way before the answers do."""
    if len(sent.urlencode()) <= KEEPING.most_letters:
        return sent
    shorter = sent.copy()
    for code, longest in bounds().items():
        shorter[code] = shorter.get(code, "")[:longest]
    return shorter


def of(request: PatientRequest) -> QueryDict | None:
    """The kept answers, when they are about this patient and of today; anything else is thrown away."""
    return kept_forms.look(request, str(request.patient.code), reverse("recovery:log"))


def forget(request: PatientRequest) -> None:
    """The answers were sent."""
    kept_forms.drop(request, str(request.patient.code), reverse("recovery:log"))
