"""Managers: who works here, and in which role."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, staff_required
from patients.forms.staff import RoleForm, StaffForm
from patients.models import Staff
from patients.services.errors import NotPossible
from patients.services.staff import add_staff, change_staff


@require_http_methods(["GET", "POST"])
@staff_required(Staff.Role.MANAGER)
def staff(request: StaffRequest) -> HttpResponse:
    """The list, a form for somebody new, and a small form in each row."""
    if "pk" in request.POST:
        _change(request)
        return redirect("patients:staff")
    form = StaffForm(request.POST or None)
    if form.is_valid() and _add(request, form):
        return redirect("patients:staff")
    rows = Staff.objects.filter(clinic=request.staff.clinic).select_related("user")
    rows = rows.order_by("-active", "user__last_name", "user__first_name", "pk")
    page: dict[str, Any] = {"form": form, "rows": rows, "roles": Staff.Role.choices}
    return render(request, "patients/staff.html", page, status=422 if form.is_bound else 200)


def _add(request: StaffRequest, form: StaffForm) -> bool:
    """Add, and send the link by which the person chooses a password."""
    try:
        person = add_staff(clinic=request.staff.clinic, **form.cleaned_data)
    except NotPossible as error:
        form.add_error(error.field or None, error.text)
        return False
    request_password_reset(request, person.user.email, [person.user], default_token_generator)
    messages.success(
        request, f"{person.name} is on the staff. A link to choose a password went to {person.user.email}."
    )
    return True


def _change(request: StaffRequest) -> None:
    form = RoleForm(request.POST)
    pk = request.POST["pk"]
    if not form.is_valid() or not pk.isdigit() or len(pk) > 18:
        messages.error(request, "Choose a role.")
        return
    try:
        person = change_staff(clinic=request.staff.clinic, pk=int(pk), **form.cleaned_data)
    except NotPossible as error:
        messages.error(request, error.text)
        return
    words = f"{person.get_role_display().lower()}" if person.active else "no longer has access"
    messages.success(request, f"{person.name}: {words}.")
