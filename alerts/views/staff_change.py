"""/desk/staff/change/: change a colleague's role or stop their access, after showing the effects."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from alerts.clock import db_now
from alerts.lifecycle.staff_changes import Wanted, change_colleague, effects
from patients.access import StaffRequest, needs
from patients.forms.staff import ChangeForm
from patients.models import Staff
from patients.permissions import Permission
from patients.services.errors import NotPossible


@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_STAFF)
def staff_change(request: StaffRequest) -> HttpResponse:
    """Ask first when the change affects shifts, plans or alerts; then make it and go back to the list.

    A GET, as after a new sign-in, goes back to the list too.
    """
    if request.method != "POST":
        return redirect("patients:staff")
    form = ChangeForm(request.POST, me=request.staff, actions=("role", "stop"))
    if not form.is_valid():
        messages.error(request, "That is not possible. Look at the list and try again.")
        return redirect("patients:staff")
    person, action = form.cleaned_data["person"], form.cleaned_data["action"]
    stops = action == "stop"
    role = person.role if stops else form.cleaned_data["role"] or person.role
    wanted, now = Wanted(person, person.active and not stops, role), db_now()
    asks = person.pk != request.staff.pk and "sure" not in request.POST
    if asks and (touched := effects(wanted, now)):
        page = {"person": person, "stops": stops, "role": role, "effects": touched}
        return render(request, "alerts/staff_change.html", {**page, "role_words": Staff.Role(role).label.lower()})
    _do(request, wanted)
    return redirect("patients:staff")


def _do(request: StaffRequest, wanted: Wanted) -> None:
    try:
        person = change_colleague(manager=request.staff, wanted=wanted, now=db_now())
    except NotPossible as error:
        messages.error(request, error.text)
        return
    words = f"is a {person.get_role_display().lower()} here" if person.active else "has no access any more"
    messages.success(request, f"{person.name} {words}.")
