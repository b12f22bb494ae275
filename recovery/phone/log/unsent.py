"""Keep the answers of a person whose session ended, until they sign in again (patients.sign_in.kept_forms)."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from patients.access import PatientRequest
from patients.sign_in import kept_forms
from patients.tiers import CALL_911, CALL_DOCTOR_NOW
from recovery.forms.log import LogForm
from recovery.forms.show_when import Asked
from recovery.triage.evaluate import judge
from recovery.wording.left_over import bounds, heard

# Older answers describe another day and are not offered again.
KEPT_HOURS = 12
# Where version 0.1 kept them: {"form", "at"}. What was kept before an update is sent after it.
OF_BEFORE = "unsent_log"
KEEPING = kept_forms.Keeping(seconds=KEPT_HOURS * 3600, most_letters=60_000)


def keep(request: HttpRequest) -> HttpResponse:
    """Keep the answers and ask for sign-in (401); show 911 or the clinic at once when the answers call for it."""
    sent = request.POST
    kept = kept_forms.put(request, sent.get("about", ""), _shortened(sent), KEEPING)
    form = LogForm(sent, asked=Asked())
    form.is_valid()
    tier = judge({}, 0.0, heard(form.answers(), {"unread": form.unread()}), []).tier
    context = {
        "emergency": tier == CALL_911,
        "doctor": tier == CALL_DOCTOR_NOW,
        "kept": kept,
        "page": request.path,
    }
    return render(request, "recovery/phone/signed_out.html", context, status=401)


def _shortened(sent: QueryDict) -> QueryDict:
    """Return the form small enough to keep: long texts are cut, answers stay."""
    if len(sent.urlencode()) <= KEEPING.most_letters:
        return sent
    shorter = sent.copy()
    for code, longest in bounds().items():
        shorter[code] = shorter.get(code, "")[:longest]
    return shorter


def of(request: PatientRequest) -> QueryDict | None:
    """Return the kept answers when they are about this patient and not too old; drop forms of other people."""
    return kept_forms.look(request, str(request.patient.code), reverse("recovery:log")) or _of_before(request)


def forget(request: PatientRequest) -> None:
    """Delete the kept answers after they were sent."""
    kept_forms.drop(request, str(request.patient.code), reverse("recovery:log"))
    request.session.pop(OF_BEFORE, None)


def _of_before(request: PatientRequest) -> QueryDict | None:
    """Return what version 0.1 kept about this patient; delete it when it is old or about another."""
    kept = request.session.get(OF_BEFORE)
    if not kept:
        return None
    form = QueryDict(kept["form"])
    fresh = timezone.now().timestamp() - kept["at"] < KEEPING.seconds
    if fresh and form.get("about") == str(request.patient.code):
        return form
    del request.session[OF_BEFORE]
    return None
