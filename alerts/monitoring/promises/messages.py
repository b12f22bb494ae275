"""Promises about messages: each written message is sent, and none is lost when a process dies."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from alerts.messaging.channels.base import OURS_TO_REPAIR
from alerts.messaging.outbox import WITH_RECEIPTS
from alerts.models import Delivery
from alerts.monitoring.promises.base import MOST, OVERDUE_SECONDS, Offender, Promise
from patients.models import Letter

State = Delivery.State
LATE = timedelta(seconds=OVERDUE_SECONDS)
# A provider that sends no receipt for this long probably cannot reach us.
RECEIPT_WITHIN = timedelta(minutes=30)
RECEIPT_BACK = timedelta(days=1)
# For how long a message that was given up still counts as refused for a fault of ours.
OURS_FOR, OURS_BACK = timedelta(minutes=30), timedelta(days=2)


def waiting(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Urgent messages that are more than a minute late."""
    rows = Delivery.objects.filter(state=State.PENDING, urgency__lt=2, due_at__lt=now - LATE)
    return _messages(rows.order_by("due_at"), clinic_id, "due_at", LATE)


def lost(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Claimed messages whose lease ended more than a minute ago and that no sweep took back."""
    rows = Delivery.objects.filter(state=State.CLAIMED, lease_until__lt=now - LATE)
    return _messages(rows.order_by("lease_until"), clinic_id, "lease_until", LATE)


def refused(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Messages that wait or were lately given up because of our account, sender or limits."""
    lately = Q(state=State.DEAD, created_at__gte=now - OURS_BACK, claimed_at__gte=now - OURS_FOR)
    rows = Delivery.objects.filter(Q(state=State.PENDING) | lately, error__contains=OURS_TO_REPAIR)
    return _messages(rows.order_by("created_at"), clinic_id, "created_at", timedelta(0))


def codes_stay(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Letters that failed lately through no fault of the address, when no later one left by the same way."""
    failed = Letter.objects.filter(state=Letter.State.FAILED, theirs=False, done_at__gt=now - OURS_FOR)
    since = Letter.objects.filter(way=OuterRef("way"), state=Letter.State.LEFT, done_at__gt=OuterRef("done_at"))
    rows = failed.filter(~Exists(since)).order_by("done_at").values_list("pk", "done_at")
    return [Offender("sign-in message", str(pk), at) for pk, at in rows[: MOST + 1]]


def without_receipt(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Urgent texts of the last day that a provider took more than 30 minutes ago without sending a receipt."""
    if not settings.SMS_ACCOUNT:
        return []  # no provider sends receipts here, as in a demo
    span = now - RECEIPT_BACK, now - RECEIPT_WITHIN
    rows = Delivery.objects.filter(
        state=State.SENT, channel__in=WITH_RECEIPTS, urgency__lt=2, created_at__range=span
    )
    return _messages(rows.order_by("created_at"), clinic_id, "created_at", RECEIPT_WITHIN)


def _messages(rows: QuerySet[Delivery], clinic_id: int | None, since: str, allowed: timedelta) -> list[Offender]:
    if clinic_id is not None:
        rows = rows.filter(alert__clinic_id=clinic_id)
    found: Any = rows.values_list("pk", "alert__clinic_id", "alert__patient__code", since)[: MOST + 1]
    return [Offender("message", str(pk), at + allowed, clinic, patient) for pk, clinic, patient, at in found]


MESSAGES = (
    Promise(
        "urgent-messages-leave",
        "An urgent message leaves within a minute of its time.",
        "urgent messages wait to be sent: {count}, for more than 60 seconds",
        waiting,
    ),
    Promise(
        "messages-are-taken-back",
        "A message whose sender died is taken back within a minute.",
        "messages were claimed by a process that is gone: {count}, for more than 60 seconds",
        lost,
    ),
    Promise(
        "providers-let-us-in",
        "The providers of mail, text messages and push take our messages.",
        "a provider refuses our messages for a reason of ours: {count}. Look at its settings and account",
        refused,
    ),
    Promise(
        "codes-leave",
        "Sign-in codes and links to choose a password leave at once.",
        "sign-in codes or links could not be sent: {count} in the last half hour",
        codes_stay,
        of_clinics=False,
    ),
    Promise(
        "receipts-come-back",
        "Of an urgent text message we hear within half an hour whether it arrived.",
        "urgent messages without a receipt: {count}, for more than 30 minutes",
        without_receipt,
        warning=True,
    ),
)
