"""`python -m faults.drain SECONDS`: wait until no message waits and no urgent alert is open, or the time is up."""

import sys
import time

import django

django.setup()

from alerts.models import Alert, Delivery  # noqa: E402 - settings first
from recovery.models import DailyLog  # noqa: E402


def left() -> dict[str, int]:
    """What is not at its end yet."""
    active = Alert.objects.exclude(state="resolved").exclude(tier="watch")
    return {
        "alerts": active.count(),
        "messages": Delivery.objects.filter(state__in=["pending", "claimed"]).count(),
        "logs": DailyLog.objects.filter(assessment__isnull=True).count(),
    }


if __name__ == "__main__":
    deadline = time.monotonic() + float(sys.argv[1])
    while any(left().values()) and time.monotonic() < deadline:
        time.sleep(0.5)
