"""/my/messages/: the patient's consents, with their wording, and buttons to withdraw or agree again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, needs
from patients.models import Consent
from patients.permissions import Permission
from patients.services.consents import agree, newest, withdraw

# What each button does, and the message the patient gets.
ACTIONS = {
    ("agree", "messages"): (agree, _("We send you notes again.")),
    ("withdraw", "messages"): (
        withdraw,
        _("We send you no more notes. Please open the app each day by yourself."),
    ),
    ("agree", "helpers"): (agree, _("Now you can add helpers.")),
    ("withdraw", "helpers"): (
        withdraw,
        _("Your helpers are removed. Just you and your clinic see your recovery."),
    ),
}


@require_http_methods(["GET", "POST"])
@needs(Permission.ANSWER_FOR_ONESELF)
def consents(request: PatientRequest) -> HttpResponse:
    """Show and change the two consents. Only the patient may do it, not a helper."""
    if request.method == "POST":
        action, purpose = request.POST.get("action", ""), request.POST.get("purpose", "")
        if (action, purpose) not in ACTIONS:
            raise Http404
        change, words = ACTIONS[action, purpose]
        change(patient=request.patient, purpose=purpose, actor=request.user, now=timezone.now())
        messages.success(request, words)
        return redirect("patients:consents")
    known = newest(request.patient)
    page: dict[str, Any] = {
        "patient": request.patient,
        "notes": known.get(Consent.Purpose.MESSAGES),
        "helpers": known.get(Consent.Purpose.HELPERS),
    }
    return render(request, "patients/consents.html", page)
