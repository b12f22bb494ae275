"""/accounts/sessions/: lists a person's own sign-ins, with buttons to end them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from patients.models import User
from patients.onward import back_or
from patients.services import sessions
from patients.sign_in import proofs
from patients.sign_in.session_store import NAME_LETTERS

ENDED = _("Signed out there.")
GONE = _("That device was signed out already.")
LOST = "signed out by its person"


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def sign_ins(request: HttpRequest) -> HttpResponse:
    """Show and end one's own sign-ins; for staff, patients and helpers alike."""
    user = request.user
    assert isinstance(user, User)
    if request.method == "POST":
        proofs.ask_again(request)
        _end(request, user)
        return back_or(request, reverse("usersessions_list"))
    staff = proofs.staff_now(request)
    page = {"sign_ins": sessions.sign_ins(user, request), "zone": staff.clinic.timezone if staff else "UTC"}
    return render(request, "usersessions/usersession_list.html", page)


def _end(request: HttpRequest, user: User) -> None:
    chosen = [request.POST.get("name", "")[:NAME_LETTERS]]
    if "others" in request.POST:
        chosen = [one.name for one in sessions.sign_ins(user, request) if not one.is_this]
    done = [sessions.end_one(user, one, request, by=user, why=LOST) for one in chosen]
    if any(done):
        messages.success(request, ENDED)
    else:
        messages.info(request, GONE)
