"""The first page, which redirects each person to their own start page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from patients.access import acting_for
from patients.sign_in.proofs import staff_now


def home(request: HttpRequest) -> HttpResponse:
    """Redirect staff to the worklist, patients and helpers to Today, operators to status, others to sign in."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if staff_now(request):
        return redirect("recovery:worklist")
    patient, _ = acting_for(request)
    if patient is None and request.user.is_superuser:
        return redirect("recovery:status")
    return redirect("recovery:today" if patient else "no_access")
