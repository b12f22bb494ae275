"""A helper hands their job to another helper for a time; it ends by itself, and the sweep tells both.

The patient lets each helper get notes or not (patients.permissions); a turn adds no right to anybody.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from alerts.messaging.outbox import enqueue
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients.audit import changed
from patients.models import Caregiver, HelperTurn, User
from patients.permissions import Permission, may
from patients.selectors.people import live_helpers
from patients.selectors.reach import of_helpers
from patients.services.errors import NotPossible
from patients.status import lock

MESSAGE = "helper_turn"
SEND_WITHIN = timedelta(hours=12)
NOT_ANY_MORE = "This person does not help any more."


def may_take(giver: Caregiver, now: datetime) -> list[Caregiver]:
    """Return the other helpers of the patient who may have the giver's job: they get notes and have not left."""
    resting = HelperTurn.objects.filter(patient=giver.patient_id, ended_at__isnull=True, due_at__gt=now)
    away = set(resting.values_list("giver_id", flat=True))
    others = [one for one in live_helpers(giver.patient_id, now) if one.pk != giver.pk and one.pk not in away]
    return [one for one in others if may(one, Permission.GET_ALERT_NOTES)]


def hand_over(*, giver: Caregiver, taker_id: int, due_at: datetime, actor: User, now: datetime) -> HelperTurn:
    """Give the job until due_at; an earlier turn of the giver ends. Raises NotPossible with NOT_ANY_MORE."""
    with transaction.atomic():
        lock(giver.patient_id)
        taker = next((one for one in may_take(giver, now) if one.pk == taker_id), None)
        if taker is None:
            raise NotPossible(NOT_ANY_MORE, field="taker")
        _open(giver).update(ended_at=now, ended_by=actor)
        turn = HelperTurn.objects.create(
            patient_id=giver.patient_id, giver=giver, taker=taker, began_at=now, due_at=due_at
        )
        changed(giver.patient, actor, "handed the job of helping over", "", now)
    return turn


def end_turn(*, turn: HelperTurn, actor: User, now: datetime) -> bool:
    """End it early; returns False when it was over."""
    with transaction.atomic():
        lock(turn.patient_id)
        live = _open(turn.giver).filter(pk=turn.pk, due_at__gt=now)
        if not live.update(ended_at=now, ended_by=actor):
            return False
        changed(turn.patient, actor, "ended a helper's turn", "", now)
    return True


def _open(giver: Caregiver) -> QuerySet[HelperTurn]:
    return HelperTurn.objects.filter(giver=giver, ended_at__isnull=True)


def tell_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Tell takers whose turn begins and givers whose turn is over, one by one; returns of how many turns."""
    return walk(TURNS, now, seconds=seconds)


def _due(now: datetime) -> QuerySet[HelperTurn]:
    over = Q(due_at__lte=now) | Q(ended_at__isnull=False)
    return HelperTurn.objects.filter(Q(taker_told_at__isnull=True) | over, giver_told_at__isnull=True)


def _tell_one(pk: int, now: datetime) -> bool:
    """Tell what is new of one turn; False when another process has it, or nothing is."""
    rows = _due(now).filter(pk=pk).select_related("giver__patient", "giver__user", "taker__user")
    turn = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
    if turn is None:
        return False
    over = turn.ended_at is not None or turn.due_at <= now
    if over:
        # Who handed over anew has not the job again.
        if not _open(turn.giver).exclude(pk=turn.pk).exists():
            _tell(turn, turn.giver, now)
        turn.giver_told_at = now
    elif turn.taker_told_at is None:
        _tell(turn, turn.taker, now)
    turn.taker_told_at = turn.taker_told_at or now
    if over and turn.ended_at is None:
        turn.ended_at = turn.due_at
    turn.save(update_fields=["giver_told_at", "taker_told_at", "ended_at"])
    return True


def _tell(turn: HelperTurn, helper: Caregiver, now: datetime) -> None:
    [(_, way)] = of_helpers([helper])
    enqueue(
        key=f"turn:{turn.pk}:caregiver:{helper.pk}",
        channel=way.best,
        recipient=f"caregiver:{helper.pk}",
        message=MESSAGE,
        clinic_id=turn.giver.patient.clinic_id,
        now=now,
        send_by=now + SEND_WITHIN,
    )


TURNS = Sweep(
    name="turns",
    words="Whose turn it is to help",
    due=_due,
    handle=_tell_one,
    order=("due_at", "pk"),
    clinic="patient__clinic_id",
    patient="patient_id",
    can_wait=True,
)
