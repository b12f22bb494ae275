"""/my/reminders/: how notes come, at which hours, today's reminder, and "I am in the hospital"."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from patients.access import PatientRequest, needs
from patients.permissions import Permission
from recovery.phone.reminders.note_actions import ACTIONS
from recovery.phone.reminders.note_page import page_of


@require_http_methods(["GET", "POST"])
@needs(Permission.CHOOSE_NOTES)
def my_reminders(request: PatientRequest) -> HttpResponse:
    """Show the page, and do what a button says. A mistake keeps what was chosen and says what to do."""
    page = page_of(request, db_now())
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("action", ""))
        if action is None:
            raise Http404
        if words := action(request, page):
            messages.success(request, words)
            return redirect("recovery:my_reminders")
    return render(
        request, "recovery/phone/my_reminders.html", page, status=422 if request.method == "POST" else 200
    )
