"""Decorators that check who may open a page, and functions that record who looked at a patient's record."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from patients import scoping
from patients.models import AccessEvent, Caregiver, Patient, Staff, User
from patients.permissions import Permission, may
from patients.prepared import Prepared
from patients.sign_in import limits, proofs
from patients.sign_in.kept_forms import page_of

View = Callable[..., HttpResponseBase]
WithMore = Callable[[QuerySet[Patient]], QuerySet[Patient]]
ACTING_FOR = "acting_for"


class StaffRequest(HttpRequest):
    """A request of staff that passed needs(...)."""

    staff: Staff
    user: User


class PatientRequest(HttpRequest):
    """A request of a patient or helper that passed needs(...); helper is None when the patient acts."""

    patient: Patient
    helper: Caregiver | None
    # Everyone this person may act for, the patient among them.
    people: list[Patient]
    user: User


def needs(permission: Permission) -> Callable[[View], View]:
    """Open the page only for people with the permission (patients.permissions); others get 404, or sign in first.

    Sets request.staff for staff; for patients and helpers it sets the fields of PatientRequest.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def checked(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _sign_in_first(request) if permission.at_desk else _to_sign_in(request)
            person = _staff(request) if permission.at_desk else _patient_or_helper(request)
            if person is None or not may(person, permission):
                raise Http404
            return view(request, *args, **kwargs)

        checked.access = permission  # type: ignore[attr-defined]
        return checked

    return wrap


def _staff(request: Any) -> Staff | None:
    staff = proofs.staff_now(request)
    if staff is not None:
        request.staff = staff
    return staff


def _patient_or_helper(request: Any) -> Patient | Caregiver | None:
    """Return the patient, or the helper who acts for the patient chosen in the session; None for others."""
    request.people = reachable(request)
    patient, helper = choose(request, request.people)
    if patient is not None:
        request.patient, request.helper = patient, helper
    return helper or patient


def who_acts(request: PatientRequest) -> Patient | Caregiver:
    """Return who uses the phone: the helper, or the patient."""
    return request.helper or request.patient


def helped(request: HttpRequest) -> str:
    """Return the patient's first name while a helper reads, so that no sentence says "you" to them; else ""."""
    patient = getattr(request, "patient", None)
    return patient.first_name if patient and getattr(request, "helper", None) else ""


def not_too_often(what: str) -> Callable[[View], View]:
    """Limit how often one person opens this page (rate limit); use it inside needs. what: see sign_in.limits."""

    def wrap(view: View) -> View:
        @wraps(view)
        def counted(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs) if limits.may(request, what) else _wait(request)

        return counted

    return wrap


def _wait(request: HttpRequest) -> HttpResponseBase:
    text = "Nothing was done this time. Wait a minute, then open this page again. Everything else works as ever."
    answer = render(request, "error.html", {"title": "That was very often", "text": text}, status=429)
    answer["Retry-After"] = "60"
    return answer


def _sign_in_first(request: HttpRequest) -> HttpResponseBase:
    """Redirect to sign-in and then back to the page; after a press, also say that it was not done."""
    if request.method != "POST":
        return _to_sign_in(request)
    return redirect(f"{reverse(settings.LOGIN_URL)}?pressed=1&next={quote(page_of(request))}")


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    return redirect_to_login(request.get_full_path())


def acting_for(request: HttpRequest) -> tuple[Patient | None, Caregiver | None]:
    """Return the patient a request is about, whom a helper may choose, and the helper's right if there is one."""
    return choose(request, reachable(request))


def reachable(request: HttpRequest) -> list[Patient]:
    """Return the user as a patient and those they help, with clinic and is_helped, in one statement."""
    assert isinstance(request.user, User)
    return _reachable(user=request.user.pk, now=timezone.now())


@Prepared
def _reachable(user: int, now: datetime) -> QuerySet[Patient]:
    people = scoping.with_helped(scoping.for_user(user, now), now)
    return people.select_related("clinic").order_by("id")


def choose(request: HttpRequest, people: list[Patient]) -> tuple[Patient | None, Caregiver | None]:
    """Return which of these patients the request is about, and the helper's right if it is not the user."""
    assert isinstance(request.user, User)
    if not people:
        return None, None
    chosen = request.session.get(ACTING_FOR)
    own = next((p for p in people if p.user_id == request.user.pk), None)
    patient = next((p for p in people if str(p.code) == chosen), None) or own or people[0]
    return patient, _right(request.user, patient)


def turn_to(request: PatientRequest, code: UUID) -> bool:
    """Make this request about another of its people; returns False when the code belongs to none of them."""
    patient = next((person for person in request.people if person.code == code), None)
    if patient is None:
        return False
    request.patient, request.helper = patient, _right(request.user, patient)
    return True


def _right(user: User, patient: Patient) -> Caregiver | None:
    """Return the helper's right to act for a patient; None for the patient. Raises Http404 when it just ended."""
    if patient.user_id == user.pk:
        return None
    right = scoping.helping(user, timezone.now()).filter(patient=patient).first()
    if right is None:
        raise Http404
    return right


def patient_or_404(
    request: StaffRequest, code: UUID, *, action: str, subject: str = "", with_more: WithMore | None = None
) -> Patient:
    """Return a patient of the staff member's own clinic and record the look; else raise Http404.

    with_more: adds to the statement what else the page reads of the patient.
    """
    own = scoping.for_staff(request.staff).select_related("clinic", "user")
    patient = (with_more(own) if with_more else own).filter(code=code).first()
    if patient is None:
        raise Http404
    record(request, patient, action=action, subject=subject)
    return patient


def record(request: HttpRequest, patient: Patient, *, action: str, subject: str = "") -> None:
    """Record who looked at or changed this patient's record."""
    _look(request, patient, action, subject).save()


def record_each(request: HttpRequest, patients: Iterable[Patient], *, action: str, subject: str = "") -> None:
    """Record a look at several patients on one page, in one statement."""
    AccessEvent.objects.bulk_create([_look(request, patient, action, subject) for patient in patients])


def _look(request: HttpRequest, patient: Patient, action: str, subject: str) -> AccessEvent:
    assert isinstance(request.user, User)
    return AccessEvent(
        # The database's clock, because this machine's may be wrong: notes written before a look count as read.
        at=Now(),
        actor=request.user,
        patient=patient,
        action=action,
        subject=subject,
        request_id=getattr(request, "request_id", ""),
    )
