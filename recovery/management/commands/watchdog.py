"""watchdog: look after the promises in a plain loop, without Celery or Redis. Started by bin/up."""

import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from alerts import digest
from alerts.sweep import sweep
from alerts.watchdog import OVERDUE_SECONDS, Watchdog
from recovery import intake, milestones, reminders
from recovery.models import DailyLog

EVERY_SECONDS = 1
# So that the question costs the same however many years of logs there are.
LOOK_BACK_DAYS = 3


class Command(BaseCommand):
    help = "Ask which promises are broken, do late work, and tell somebody by a second route."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round; fails when a promise is broken")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        watchdog = Watchdog(
            sweep=tick,
            extra_sweeps=[intake.sweep_unjudged, milestones.refresh_due, reminders.send_due, digest.send_due],
            checks=[unjudged],
        )
        while True:
            close_old_connections()
            broken = watchdog.run_once()
            if once:
                self.stdout.write("\n".join(broken) or "All promises are kept.")
                raise SystemExit(bool(broken))
            time.sleep(EVERY_SECONDS)


def tick(now: datetime) -> None:
    """The worker's tick, by the database's clock."""
    sweep(driver="watchdog")


def unjudged(now: datetime) -> list[str]:
    """Logs of the last days that arrived a minute ago and that nobody has judged, not even the sweep."""
    recent = now - timedelta(days=LOOK_BACK_DAYS), now - timedelta(seconds=OVERDUE_SECONDS)
    count = DailyLog.objects.filter(assessment__isnull=True, received_at__range=recent).count()
    return [f"logs are not judged: {count}, for more than {OVERDUE_SECONDS} seconds"] if count else []
