"""/my/travel/: the patient says where they are and until when, or that they are home again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, needs
from patients.forms.travel import TravelForm
from patients.permissions import Permission
from patients.selectors.people import open_travel
from patients.services.travel import begin_travel, end_travel
from patients.values.bounds import zones


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.ANSWER_FOR_ONESELF)
def travel(request: PatientRequest) -> HttpResponse:
    """Show the travel and its form; only the patient answers, because a helper's phone may be anywhere."""
    now, form = timezone.now(), None
    if request.method == "POST":
        if "home" in request.POST:
            end_travel(patient=request.patient, actor=request.user, now=now)
            messages.success(request, _("Your reminders follow the clocks at home again."))
            return redirect("recovery:today")
        form = TravelForm(request.POST, now=now)
        if form.is_valid():
            _begin(request, form)
            return redirect("recovery:today")
    page = {
        "form": form or TravelForm(initial={"zone": _asked(request)}, now=now),
        "travel": open_travel(request.patient),
        "patient": request.patient,
    }
    return render(request, "patients/travel.html", page, status=422 if form else 200)


def _begin(request: PatientRequest, form: TravelForm) -> None:
    begun = begin_travel(
        patient=request.patient,
        actor=request.user,
        zone=form.cleaned_data["zone"],
        due_at=form.due_at(),
        now=form.now,
    )
    if begun:
        messages.success(request, _("Your reminders follow the clocks where you are. Your clinic sees it."))
    else:
        messages.success(request, _("This is your zone at home. Your reminders follow it."))


def _asked(request: PatientRequest) -> str:
    """Return the zone that the phone's question names; "" when it is none of a place."""
    name = request.GET.get("zone", "")
    return name if name in zones() else ""
