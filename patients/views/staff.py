"""The managers' page of staff. Changes that affect alerts are in alerts.views.staff_change."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from patients.access import StaffRequest, needs
from patients.forms.staff import ChangeForm, StaffForm
from patients.models import Letter, Staff
from patients.permissions import Permission
from patients.reaching import letters
from patients.scoping import rows_of
from patients.selectors.people import contact_problems
from patients.services.errors import NotPossible
from patients.services.sessions import end_all
from patients.services.staff import add_staff, change_staff
from patients.sign_in import limits
from patients.sign_in.kept_forms import keeps_form, typed_or_kept
from patients.sign_in.staff_links import NOT_BY_HAND, link_to_hand_over, may_hand_over, send_link
from patients.trail import What, note

NO_ACCESS = "{name} has no access. Give it again first."
MANY = "Many people were added just now. Wait an hour, then go on."
SLOW_DOWN = "Several links were made for them just now. Wait a few minutes."
HAND_IT_OVER = "Send it again later, or hand a link over yourself: the button stands beside the name."


@dataclass(frozen=True)
class StaffRow:
    """One person on the page: which messages do not reach them, and the outcome of the newest link."""

    person: Staff
    problems: list[str]
    link: Letter | None

    @property
    def link_is_lost(self) -> bool:
        """Whether it is unknown if the link was sent, because the process that sent it ended."""
        waits = self.link and self.link.state == Letter.State.ON_ITS_WAY
        return bool(waits and self.link and timezone.now() - self.link.created_at > letters.UNKNOWN_AFTER)

    @property
    def by_hand(self) -> bool:
        """Whether a manager may get a link to hand over."""
        return may_hand_over(self.person, self.link) or self.link_is_lost


@keeps_form("action")
@require_http_methods(["GET", "POST"])
@needs(Permission.MANAGE_STAFF)
@never_cache
def staff(request: StaffRequest) -> HttpResponse:
    """Show the list, a form for a new colleague, and a form in each row (two of its buttons post elsewhere)."""
    if request.POST.get("action") == "hand":
        return _hand_over(request)
    if "action" in request.POST:
        _change(request)
        return redirect("patients:staff")
    form = StaffForm(typed_or_kept(request))
    if request.method == "POST" and form.is_valid() and _add(request, form):
        return redirect("patients:staff")
    return _page(request, form, status=422 if request.method == "POST" else 200)


def _page(request: StaffRequest, form: StaffForm, status: int = 200, **more: Any) -> HttpResponse:
    people = rows_of(Staff, clinic=request.staff.clinic).select_related("user")
    people = people.order_by("-active", "user__last_name", "user__first_name", "pk")
    problems = contact_problems(person.user for person in people)
    links = letters.newest_links(person.user_id for person in people)
    rows = [StaffRow(one, problems.get(one.user_id, []), links.get(one.user_id)) for one in people]
    page: dict[str, Any] = {"form": form, "rows": rows, "roles": Staff.Role.choices, **more}
    return render(request, "patients/staff.html", page, status=status)


def _add(request: StaffRequest, form: StaffForm) -> bool:
    """Add a colleague and send the link to choose a password; returns False with an error on the form."""
    if not limits.may(request, "new_colleague", str(request.staff.clinic_id)):
        form.add_error("email", MANY)
        return False
    try:
        person = add_staff(clinic=request.staff.clinic, by=request.user, **form.cleaned_data)
    except NotPossible as error:
        # The error reveals that a person signs in with this e-mail, so tries are limited and written to the trail.
        note(What.REFUSED, request, user=request.user, clinic=request.staff.clinic, detail="e-mail of a colleague")
        form.add_error(error.field or None, error.text)
        return False
    _say(request, send_link(person, request.staff), f"{person.name} is on the staff. A link to choose a password")
    return True


def _say(request: StaffRequest, letter: Letter, words: str) -> None:
    """Show whether the link was sent, or why not."""
    email = letter.user.email if letter.user else ""
    if letter.state == Letter.State.LEFT:
        messages.success(request, f"{words} left for {email}.")
    else:
        messages.error(request, f"{words} for {email} could not be sent: {letter.error}. {HAND_IT_OVER}")


def _change(request: StaffRequest) -> None:
    form = ChangeForm(request.POST, me=request.staff, actions=("link", "restore", "sign_out"))
    if not form.is_valid():
        messages.error(request, "That is not possible. Look at the list and try again.")
        return
    person, action = form.cleaned_data["person"], form.cleaned_data["action"]
    if action == "sign_out":
        end_all(person.user, request, by=request.user, why="by a manager")
        messages.success(request, f"{person.name} is signed out everywhere.")
        return
    if action == "link":
        if _may_have_link(request, person):
            _say(request, send_link(person, request.staff), "A new link")
        return
    try:
        change_staff(manager=request.staff, person=person, active=True, role=person.role)
    except NotPossible as error:
        messages.error(request, error.text)
        return
    messages.success(request, f"{person.name} is a {person.get_role_display().lower()} here.")


def _hand_over(request: StaffRequest) -> HttpResponse:
    """Show the link once, for a manager to hand over, when e-mail cannot be sent."""
    form = ChangeForm(request.POST, me=request.staff, actions=("hand",))
    person = form.cleaned_data["person"] if form.is_valid() else None
    if person is None or person.pk == request.staff.pk:
        messages.error(request, "That is not possible. Look at the list and try again.")
        return redirect("patients:staff")
    link = link_to_hand_over(person, request.staff) if _may_have_link(request, person) else None
    if not link:
        if link == "":
            messages.error(request, NOT_BY_HAND.format(name=person.name))
        return redirect("patients:staff")
    return _page(request, StaffForm(), handed=person, link=link)


def _may_have_link(request: StaffRequest, person: Staff) -> bool:
    if not person.active:
        messages.error(request, NO_ACCESS.format(name=person.name))
    elif not limits.may(request, "link_by_a_manager", person.user.email):
        messages.error(request, SLOW_DOWN)
    else:
        return True
    return False
