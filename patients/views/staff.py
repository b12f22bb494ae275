"""Managers: who works here, and who may sign in again. What may touch alerts is alerts.views.staff_change."""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, staff_required
from patients.forms.staff import ChangeForm, StaffForm
from patients.kept_forms import keeps_form, typed_or_kept
from patients.models import Staff
from patients.selectors import contact_problems
from patients.services.errors import NotPossible
from patients.services.staff import add_staff, change_staff

NO_ACCESS = "{name} has no access. Give it again first."
SLOW_DOWN = "Several links went there just now. Wait a few minutes."


@keeps_form("action")
@require_http_methods(["GET", "POST"])
@staff_required(Staff.Role.MANAGER)
def staff(request: StaffRequest) -> HttpResponse:
    """The list, a form for somebody new, and a small form in each row (two of its buttons go elsewhere)."""
    if "action" in request.POST:
        _change(request)
        return redirect("patients:staff")
    form = StaffForm(typed_or_kept(request))
    if request.method == "POST" and form.is_valid() and _add(request, form):
        return redirect("patients:staff")
    rows = Staff.objects.filter(clinic=request.staff.clinic).select_related("user")
    rows = rows.order_by("-active", "user__last_name", "user__first_name", "pk")
    problems = contact_problems(person.user for person in rows)
    people = [(person, problems.get(person.user_id, [])) for person in rows]
    page: dict[str, Any] = {"form": form, "rows": people, "roles": Staff.Role.choices}
    return render(request, "patients/staff.html", page, status=422 if request.method == "POST" else 200)


def _add(request: StaffRequest, form: StaffForm) -> bool:
    """Add, and send the link by which the person chooses a password."""
    try:
        person = add_staff(clinic=request.staff.clinic, **form.cleaned_data)
    except NotPossible as error:
        form.add_error(error.field or None, error.text)
        return False
    _send_link(request, person)
    messages.success(
        request, f"{person.name} is on the staff. A link to choose a password went to {person.user.email}."
    )
    return True


def _send_link(request: StaffRequest, person: Staff) -> None:
    request_password_reset(request, person.user.email, [person.user], default_token_generator)


def _change(request: StaffRequest) -> None:
    form = ChangeForm(request.POST, me=request.staff, actions=("link", "restore"))
    if not form.is_valid():
        messages.error(request, "That is not possible. Look at the list and try again.")
        return
    person, action = form.cleaned_data["person"], form.cleaned_data["action"]
    if action == "link":
        _link_again(request, person)
        return
    try:
        change_staff(manager=request.staff, person=person, active=True, role=person.role)
    except NotPossible as error:
        messages.error(request, error.text)
        return
    messages.success(request, f"{person.name} is a {person.get_role_display().lower()} here.")


def _link_again(request: StaffRequest, person: Staff) -> None:
    if not person.active:
        messages.error(request, NO_ACCESS.format(name=person.name))
    elif not ratelimit.consume(request, action="reset_password", key=person.user.email):
        messages.error(request, SLOW_DOWN)
    else:
        _send_link(request, person)
        messages.success(request, f"A new link went to {person.user.email}.")
