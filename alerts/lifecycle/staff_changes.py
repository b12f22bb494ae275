"""A manager changes a colleague's role or stops their access: the effects on shifts, plans and alerts.

The page shows the effects first; change_colleague applies them with the change. No alert and no offer keeps
waiting for a person who has left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from alerts.lifecycle.clock_runs import RUN_FIELDS, restart
from alerts.lifecycle.locking import locked_alert
from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging import webhooks
from alerts.models import Alert, AlertEvent, EscalationStep, OnCallShift, ShiftSwap
from alerts.oncall.gaps import Span
from alerts.oncall.shifts import CAN_BE_ON_CALL, span_words
from patients.models import Staff
from patients.services.lead import lead_of
from patients.services.staff import change_staff

NAMED_MOST = 5


@dataclass(frozen=True)
class Wanted:
    """The role and access that a manager wants a colleague to have."""

    person: Staff
    active: bool
    role: str

    @property
    def leaves(self) -> bool:
        """Does the colleague lose access?"""
        return self.person.active and not self.active


@dataclass(frozen=True)
class Effect:
    """One effect of the change. what: what it touches. then: what happens to it. named: the single items."""

    what: str
    then: str
    named: tuple[str, ...] = ()


def effects(wanted: Wanted, now: datetime) -> list[Effect]:
    """The effects of the change, most urgent first; empty when there are none."""
    found = [*(_alerts(wanted) if wanted.leaves else ()), *_shifts(wanted, now)]
    if wanted.leaves:
        found += [*_steps(wanted), *_offers(wanted)]
    return [*found, *_last_of_a_role(wanted), *_medical_lead(wanted)]


def _alerts(wanted: Wanted) -> Iterator[Effect]:
    number = _held(wanted.person).count()
    if number:
        yield Effect(
            f"{wanted.person.name} holds {_many(number, 'alert')}.",
            "They are open again at once, and people are told from the first step on.",
        )


def _shifts(wanted: Wanted, now: datetime) -> Iterator[Effect]:
    if not wanted.leaves and wanted.role == wanted.person.role:
        return
    person, zone = wanted.person, ZoneInfo(wanted.person.clinic.timezone)
    shifts = list(OnCallShift.objects.filter(staff=person, ends_at__gt=now).order_by("starts_at"))
    if not shifts:
        return
    named = [span_words(Span(row.starts_at, row.ends_at), zone) for row in shifts[:NAMED_MOST]]
    if len(shifts) > NAMED_MOST:
        named.append(f"and {_many(len(shifts) - NAMED_MOST, 'more shift')}")
    is_on = ", and is on call right now" if shifts[0].starts_at <= now else ""
    then = "They stay as they are. To give one to somebody else, open it on the page On call."
    if wanted.leaves:
        then = "They do not count any more. When no nurse is left in a time, all nurses are told."
    yield Effect(f"{person.name} has {_many(len(shifts), 'shift')} to come{is_on}.", then, tuple(named))


def _steps(wanted: Wanted) -> Iterator[Effect]:
    rows = EscalationStep.objects.filter(staff=wanted.person).select_related("policy")
    steps = rows.order_by("policy__tier", "position")
    named = tuple(f"{Alert.Tier(row.policy.tier).label}: step {row.position + 1}" for row in steps)
    if named:
        yield Effect(
            f"The plan names {wanted.person.name}.",
            "This step then reaches nobody: the next one comes at once. Choose somebody else at Escalation.",
            named,
        )


def _offers(wanted: Wanted) -> Iterator[Effect]:
    number = _open_offers(wanted.person).count()
    if number:
        yield Effect(f"{_many(number, 'offer')} of a shift waits for an answer.", "It is taken back.")


def _last_of_a_role(wanted: Wanted) -> Iterator[Effect]:
    person = wanted.person
    if person.role not in CAN_BE_ON_CALL or (wanted.active and wanted.role == person.role):
        return
    others = Staff.objects.filter(clinic_id=person.clinic_id, role=person.role, active=True, user__is_active=True)
    if person.active and not others.exclude(pk=person.pk).exists():
        yield Effect(
            f"No other {person.role} works here.",
            f"A step that tells a {person.role} then reaches nobody, and the next one comes at once.",
        )


def _medical_lead(wanted: Wanted) -> Iterator[Effect]:
    person = wanted.person
    if wanted.active and wanted.role == person.role:
        return
    lead = lead_of(person.clinic_id)
    if lead and lead.staff_id == person.pk:
        yield Effect(
            f"{person.name} is the medical lead.",
            "Nobody can sign a less strict setting then, until you name another one at Clinic settings.",
        )


def change_colleague(*, manager: Staff, wanted: Wanted, now: datetime) -> Staff:
    """Change a colleague's role or access. Returns the colleague; raises NotPossible.

    When the colleague leaves, their alerts open again and their open offers of shifts are withdrawn.
    """
    with transaction.atomic():
        leaves = wanted.leaves
        person = change_staff(manager=manager, person=wanted.person, active=wanted.active, role=wanted.role)
        if leaves:
            _open_offers(person).update(state=ShiftSwap.State.WITHDRAWN, answered_at=now)
            for pk in list(_held(person).order_by("patient_id").values_list("pk", flat=True)):
                _let_go(pk, manager, person, now)
    return person


def _let_go(pk: int, manager: Staff, person: Staff, now: datetime) -> None:
    alert = locked_alert(manager, pk=pk)
    if alert.acked_by_id != person.pk or alert.state != Alert.State.ACKED:
        return
    restart(alert, now)
    alert.save(update_fields=RUN_FIELDS)
    AlertEvent.objects.create(alert=alert, at=now, what="let_go", staff=manager, detail={"of": person.name})
    webhooks.tell(alert, "alert.reopened", now)
    refresh_status(alert.patient, alert, now)


def _held(person: Staff) -> QuerySet[Alert]:
    return Alert.objects.filter(clinic_id=person.clinic_id, acked_by=person, state=Alert.State.ACKED)


def _open_offers(person: Staff) -> QuerySet[ShiftSwap]:
    mine = Q(from_staff=person) | Q(to_staff=person)
    return ShiftSwap.objects.filter(mine, clinic_id=person.clinic_id, state=ShiftSwap.State.OFFERED)


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
