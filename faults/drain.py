"""`python -m faults.drain SECONDS`: wait until no message waits and no urgent alert is open, or the time is up."""

import sys
import time

import django

django.setup()

from alerts.clock import db_now  # noqa: E402
from alerts.models import Alert, Delivery  # noqa: E402 - settings first
from patients.models import Patient  # noqa: E402
from patients.tiers import WATCH  # noqa: E402
from recovery.models import DailyLog, Reminder  # noqa: E402


def left() -> dict[str, int]:
    """How many plans, notes, alerts, messages and logs still wait, by kind."""
    active = Alert.objects.exclude(state="resolved").exclude(tier=WATCH)
    now = db_now()
    return {
        "plans": Patient.all_clinics.filter(plan_due_at__lte=now).count(),
        "notes": Reminder.objects.filter(state="pending", due_at__lte=now).count(),
        "alerts": active.count(),
        "messages": Delivery.objects.filter(state__in=["pending", "claimed"]).count(),
        "logs": DailyLog.objects.filter(assessment__isnull=True).count(),
    }


if __name__ == "__main__":
    deadline = time.monotonic() + float(sys.argv[1])
    while any(left().values()) and time.monotonic() < deadline:
        time.sleep(0.5)
