#!/usr/bin/env python3
"""Do the notes of a morning leave in time? `bench/morning.py [--people N] [--milliseconds M]`.

In a throwaway PostgreSQL N people (2,000 unless told), nine of ten at one large clinic, have a note due at the
same minute. One worker handles the notes and sends the messages to a provider that takes M milliseconds (150
unless told) for each. Prints the notes and messages a second, the minutes for 23,000 at that pace, and when the
last message of the small clinics left. Exit status 1 when 23,000 take more than fifteen minutes.
"""

import argparse
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bin"))
import bootstrap  # noqa: E402

bootstrap.enter(bootstrap.DEVELOP)

import database  # noqa: E402, F401 - starts it, so that the models can be imported
from django.db import transaction  # noqa: E402
from django.db.models import Max  # noqa: E402
from django.utils import timezone  # noqa: E402
from measure import machine  # noqa: E402

from alerts.messaging.channels import CHANNELS, Sent  # noqa: E402
from alerts.models import Delivery  # noqa: E402
from alerts.monitoring.sweep import sweep  # noqa: E402
from patients.models import Patient  # noqa: E402
from recovery.care_plan import sending as reminders  # noqa: E402
from recovery.models import Reminder  # noqa: E402
from tests.people import make_clinic, make_patient, make_procedure  # noqa: E402

GOAL_PEOPLE, GOAL_MINUTES = 23_000, 15
SMALL_CLINICS = 10


class Provider:
    """Takes every message after a while."""

    def __init__(self, milliseconds):
        self.seconds = milliseconds / 1000

    def send(self, address, subject, body, key):
        """Taken."""
        time.sleep(self.seconds)
        return Sent(delivered=False)


def make_people(count, now):
    """One large clinic and some small ones; everybody's note is due now."""
    large, *small = [make_clinic(name=f"Clinic {n}", timezone="America/Chicago") for n in range(1 + SMALL_CLINICS)]
    with transaction.atomic():
        for n in range(count):
            clinic = large if n % 10 else small[n // 10 % SMALL_CLINICS]
            procedure = make_procedure(make_patient(clinic), now - timedelta(hours=30))
            Reminder.objects.create(procedure=procedure, key="log:bench", due_at=now - timedelta(minutes=1))
    Patient.all_clinics.update(plan_due_at=None)
    return large


def measured(run):
    """What it gave, the seconds it took, and those of our processor."""
    start, used = time.monotonic(), time.process_time()
    done = run()
    return done, time.monotonic() - start, time.process_time() - used


def send_all(now):
    """As the worker's ticks do, until nothing waits."""
    sent = 0
    while found := sweep(now)["sent"]:
        sent += found
    return sent


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--milliseconds", type=int, default=150)
    options = parser.parse_args()
    # Noon in the clinics: no quiet hours.
    now = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0)
    CHANNELS["email"] = Provider(options.milliseconds)
    large = make_people(options.people, now)
    print(f"{machine()}; {options.people} people, {options.milliseconds} ms a message", flush=True)
    done, noted, thought = measured(lambda: sum(iter(lambda: reminders.send_due(now), 0)))
    print(f"notes: {done} in {noted:.0f} s, {thought:.0f} s of our processor", flush=True)
    sent, gone, sending = measured(lambda: send_all(now))
    print(f"messages: {sent} in {gone:.0f} s, {sending:.0f} s of our processor", flush=True)
    assert done == options.people == sent, (done, sent)
    minutes = GOAL_PEOPLE * (noted / done + gone / sent) / 60
    print(f"notes handled: {done / noted:.0f} a second; messages sent: {sent / gone:.0f} a second")
    print(f"our processor: {1000 * thought / done:.1f} ms a note, {1000 * sending / sent:.1f} ms a message")
    print(f"one worker, first all notes, then all messages, {GOAL_PEOPLE} people: {minutes:.1f} minutes")
    order = Delivery.objects.filter(message="patient_reminder").order_by("sent_at", "pk")
    last_small = order.exclude(clinic=large).aggregate(last=Max("pk"))["last"]
    place = list(order.values_list("pk", flat=True)).index(last_small) + 1
    print(f"the last message of the small clinics was number {place} of {sent}")
    return int(minutes > GOAL_MINUTES)


if __name__ == "__main__":
    sys.exit(main())
