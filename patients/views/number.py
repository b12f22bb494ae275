"""POST /my/number/: the patient's answer whether their phone number is still right."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from patients.access import PatientRequest, needs
from patients.permissions import Permission
from patients.sign_in.own_number import confirm_number, deny_number
from patients.templatetags.kypho import phone_words

YES = _("Thank you. We call you at this number.")
CHANGED = _("Your clinic has changed your number just now. Please look again.")
NO = _(
    "Thank you. Please call your clinic at {phone} and tell them your number. Until then they may not reach you."
)


@require_POST
@needs(Permission.ANSWER_FOR_ONESELF)
def number(request: PatientRequest) -> HttpResponse:
    """Store yes or no; only the patient may answer, not a helper."""
    said = request.POST.get("said", "")
    if not request.patient.phone or said not in ("yes", "no"):
        raise Http404
    patient, actor, now = request.patient, request.user, timezone.now()
    # The answer is about the number the patient saw, not about a number the clinic entered meanwhile.
    same = request.POST.get("number", "") in ("", patient.phone.as_e164)
    answer = confirm_number if said == "yes" else deny_number
    if not same or not answer(patient=patient, actor=actor, now=now):
        messages.warning(request, CHANGED)
    elif said == "yes":
        messages.success(request, YES)
    else:
        messages.warning(request, NO.format(phone=phone_words(patient.clinic.phone)))
    return redirect("recovery:today")
