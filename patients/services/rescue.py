"""The way back: two colleagues remove a third one's lost second factor. Each step is written to the trail."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from patients.models import FactorRescue, Staff
from patients.permissions import Permission, may
from patients.services.errors import NotPossible
from patients.services.sessions import end_all
from patients.trail import What, note

LIVES = timedelta(hours=24)
GONE = "This is not waiting any more: it was confirmed, taken back, or is older than a day."
ASKED = "Somebody has asked for {name} already: it waits below."
TWO = "It takes two: somebody else than you and {name} confirms it."


def waiting(clinic_id: int, now: datetime) -> QuerySet[FactorRescue]:
    """Return the requests that wait for a second colleague, the oldest first."""
    rows = FactorRescue.objects.filter(
        person__clinic_id=clinic_id, ended_at__isnull=True, asked_at__gt=now - LIVES
    )
    return rows.select_related("person__user", "asked_by__user").order_by("asked_at")


def ask(
    *, manager: Staff, person: Staff, sure: str, now: datetime, request: HttpRequest | None = None
) -> FactorRescue:
    """Ask for a way back; raises NotPossible for oneself, for a person without access, and while one waits."""
    if person.pk == manager.pk or person.clinic_id != manager.clinic_id or not person.active:
        raise NotPossible("You cannot ask for yourself, nor for somebody without access.")
    FactorRescue.objects.filter(person=person, ended_at__isnull=True, asked_at__lte=now - LIVES).update(
        ended_at=now
    )
    try:
        with transaction.atomic():
            asked = FactorRescue.objects.create(person=person, asked_by=manager, asked_sure=sure, asked_at=now)
            _note(request, asked, manager, f"asked for: {sure}")
            return asked
    except IntegrityError:
        raise NotPossible(ASKED.format(name=person.name)) from None


def confirm(
    *, colleague: Staff, number: int, sure: str, now: datetime, request: HttpRequest | None = None
) -> FactorRescue:
    """Confirm a way back: remove all factors of the person and end their sessions. Raises NotPossible."""
    with transaction.atomic():
        asked = _held(colleague, number, now)
        involved = colleague.pk in (asked.asked_by_id, asked.person_id)
        if involved or not may(colleague, Permission.CONFIRM_FACTOR_RESET):
            raise NotPossible(TWO.format(name=asked.person.name))
        asked.confirmed_by, asked.confirmed_sure, asked.ended_at = colleague, sure, now
        asked.save(update_fields=["confirmed_by", "confirmed_sure", "ended_at"])
        Authenticator.objects.filter(user_id=asked.person.user_id).delete()
        _note(request, asked, colleague, f"confirmed: {sure}")
        end_all(asked.person.user, request, by=colleague.user, why="lost second factor")
    return asked


def take_back(*, colleague: Staff, number: int, now: datetime, request: HttpRequest | None = None) -> FactorRescue:
    """Take a waiting request back, because of a mistake or fraud; raises NotPossible when it is over."""
    with transaction.atomic():
        asked = _held(colleague, number, now)
        asked.ended_at = now
        asked.save(update_fields=["ended_at"])
        _note(request, asked, colleague, "taken back")
    return asked


def _held(colleague: Staff, number: int, now: datetime) -> FactorRescue:
    asked = waiting(colleague.clinic_id, now).select_for_update(of=("self",)).filter(pk=number).first()
    if asked is None:
        raise NotPossible(GONE)
    return asked


def _note(request: HttpRequest | None, asked: FactorRescue, by: Staff, detail: str) -> None:
    note(What.RESCUE, request, user=asked.person.user, by=by.user, clinic=by.clinic, detail=detail)
