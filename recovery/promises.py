"""The promises about logs, plans and notes, and all promises in the order people read them."""

from datetime import datetime, timedelta

from django.db.models import Q

from alerts.monitoring.promises import MOST, PROMISES, Offender, Promise
from alerts.monitoring.promises.base import OVERDUE_SECONDS
from patients.models import CallBack, Patient
from recovery.models import DailyLog, Reminder

# Limits the search, so that it costs the same after years of logs.
LOOK_BACK = timedelta(days=3)
JUDGED_WITHIN = timedelta(seconds=OVERDUE_SECONDS)
PLANNED_WITHIN = timedelta(minutes=10)
NOTE_WITHIN = timedelta(minutes=15)
CALL_BACK_TOLD_WITHIN = timedelta(minutes=5)


def unjudged(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Return the logs of the last days without a verdict more than a minute after they arrived."""
    recent = Q(received_at__range=(now - LOOK_BACK, now - JUDGED_WITHIN))
    # More than a minute ahead: the database's clock stepped back after the log was stored.
    to_come = Q(received_at__gt=now + JUDGED_WITHIN)
    rows = DailyLog.objects.filter(recent | to_come, assessment__isnull=True)
    if clinic_id is not None:
        rows = rows.filter(patient__clinic_id=clinic_id)
    found = rows.order_by("received_at").values_list("pk", "received_at", "patient__clinic_id", "patient__code")
    return [
        Offender("log", str(pk), at + JUDGED_WITHIN, clinic, code) for pk, at, clinic, code in found[: MOST + 1]
    ]


def plan_late(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Return the patients whose plan refresh is ten minutes late."""
    rows = Patient.all_clinics.filter(plan_due_at__lt=now - PLANNED_WITHIN)
    if clinic_id is not None:
        rows = rows.filter(clinic_id=clinic_id)
    found = rows.order_by("plan_due_at").values_list("code", "plan_due_at", "clinic_id")
    return [
        Offender("patient", str(code), at and at + PLANNED_WITHIN, c, code) for code, at, c in found[: MOST + 1]
    ]


def note_late(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Return the notes to patients that are a quarter of an hour late."""
    rows = Reminder.objects.filter(state=Reminder.State.PENDING, due_at__lt=now - NOTE_WITHIN)
    if clinic_id is not None:
        rows = rows.filter(procedure__patient__clinic_id=clinic_id)
    names = ("pk", "due_at", "procedure__patient__clinic_id", "procedure__patient__code")
    found = rows.order_by("due_at").values_list(*names)[: MOST + 1]
    return [Offender("note", str(pk), at + NOTE_WITHIN, clinic, code) for pk, at, clinic, code in found]


def call_back_late(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Return the promised call-backs whose time passed minutes ago without a message to staff."""
    rows = CallBack.objects.filter(
        settled_at__isnull=True, late_at__isnull=True, due_at__lt=now - CALL_BACK_TOLD_WITHIN
    )
    if clinic_id is not None:
        rows = rows.filter(patient__clinic_id=clinic_id)
    names = ("pk", "due_at", "patient__clinic_id", "patient__code")
    found = rows.order_by("due_at").values_list(*names)[: MOST + 1]
    return [
        Offender("call-back", str(pk), at + CALL_BACK_TOLD_WITHIN, clinic, code) for pk, at, clinic, code in found
    ]


LOGS = Promise(
    "logs-are-judged",
    "A log that arrived is judged within a minute.",
    "logs are not judged: {count}, for more than 60 seconds",
    unjudged,
)
CALL_BACKS = Promise(
    "call-backs-are-noticed",
    "When a promised call-back is late, somebody is told within five minutes.",
    "promised call-backs are late and nobody was told: {count}, for more than 5 minutes",
    call_back_late,
)
PLANS = (
    Promise(
        "plans-are-looked-at",
        "Every plan is looked at when it is due, and a patient who falls silent is noticed.",
        "plans were not looked at: {count}, for more than 10 minutes",
        plan_late,
    ),
    Promise(
        "notes-are-sent",
        "A note to a patient is handled within a quarter of an hour of its time.",
        "notes to patients wait: {count}, for more than 15 minutes",
        note_late,
    ),
)
EVERY_PROMISE: tuple[Promise, ...] = (LOGS, *PROMISES, CALL_BACKS, *PLANS)
