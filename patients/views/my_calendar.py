"""/my/calendar/: the secret address with which a person's own calendar app reads plan and visits."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from patients.access import PatientRequest, needs, not_too_often
from patients.forms.calendar import CalendarForm
from patients.models import CalendarFeed
from patients.permissions import Permission
from patients.scoping import rows_of
from patients.services.calendars import end_address, make_address, set_words
from patients.sign_in import proofs

# The new address, until it was shown once.
NEW = "calendar_address"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Permission.SEE_PLAN)
@not_too_often("export")
def my_calendar(request: PatientRequest) -> HttpResponse:
    """Make, renew or end the address, and set the words of its titles. Each person has their own."""
    if request.method == "POST":
        _change(request)
        return redirect("patients:my_calendar")
    feed = rows_of(CalendarFeed, user=request.user).filter(patient=request.patient, ended_at__isnull=True).first()
    secret = request.session.pop(NEW, "")
    page: dict[str, Any] = {
        "feed": feed,
        "form": CalendarForm(initial={"in_words": bool(feed and feed.in_words)}),
        "zone": request.patient.timezone,
        "patient": request.patient,
    }
    if secret and feed:
        page["address"] = f"{settings.BASE_URL}{reverse('recovery:calendar_feed', args=[secret])}"
        page["subscribe"] = "webcal://" + page["address"].partition("://")[2]
    return render(request, "patients/my_calendar.html", page)


def _change(request: PatientRequest) -> None:
    """Do what the pressed button says; raises Http404 for an unknown one."""
    who: dict[str, Any] = {"patient": request.patient, "user": request.user, "now": timezone.now()}
    form, pressed = CalendarForm(request.POST), request.POST.get("do", "")
    in_words = form.is_valid() and form.cleaned_data["in_words"]
    if pressed == "make":
        # Whoever finds this phone open must not take a key to the plan with them.
        proofs.ask_again(request)
        request.session[NEW] = make_address(**who, in_words=in_words)
    elif pressed == "words":
        done = set_words(**who, in_words=in_words)
        messages.success(request, _("Saved.") if done else _("Your calendar is off already."))
    elif pressed == "end":
        end_address(**who)
        messages.success(request, _("Ended. Your calendar app reads nothing any more."))
    else:
        raise Http404
