"""POST /my/ice/: the patient's answer about ice reminders."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from patients.access import PatientRequest, needs
from patients.permissions import Permission
from patients.services.ice import answer_ice

ANSWERS = {
    "yes": _("We will remind you to use ice, by day."),
    "no": _("You get no ice reminders."),
}


@require_POST
@needs(Permission.ANSWER_FOR_ONESELF)
def ice(request: PatientRequest) -> HttpResponse:
    """Store yes or no; only the patient may answer, not a helper."""
    said = request.POST.get("said", "")
    if said not in ANSWERS:
        raise Http404
    if not answer_ice(patient=request.patient, actor=request.user, wanted=said == "yes", now=timezone.now()):
        raise Http404
    messages.success(request, ANSWERS[said])
    return redirect("recovery:today")
