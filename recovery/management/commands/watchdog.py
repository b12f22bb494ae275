"""watchdog: look after the promises in a plain loop, without Celery or Redis. Started by bin/up."""

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from alerts import digest
from alerts.aside import Aside
from alerts.one_by_one import SHORT_SECONDS
from alerts.sweep import sweep
from alerts.watchdog import Guard, Watchdog
from recovery import intake, milestones, reminders, sealed
from recovery.canary import Canary
from recovery.promises import EVERY_PROMISE

EVERY_SECONDS = 1


class Command(BaseCommand):
    help = "Ask which promises are broken, do late work, and tell somebody by a second route."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round; fails when a promise is broken")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        watchdog = Watchdog(
            sweep=tick,
            extra_sweeps=[intake.sweep_unjudged, open_sealed, refresh_due, send_due, digest.send_due],
            promises=EVERY_PROMISE,
        )
        if not once:
            watchdog.aside = Aside("telling")
            Guard(watchdog).start()
            Canary().start()
        while True:
            close_old_connections()
            began = time.monotonic()
            broken = watchdog.run_once()
            if once:
                self.stdout.write("\n".join(broken) or "All promises are kept.")
                raise SystemExit(bool(broken))
            # A round that took long is followed by the next almost at once; the pause stays a pause.
            time.sleep(max(EVERY_SECONDS - (time.monotonic() - began), 0.1))


def tick(now: datetime) -> None:
    """The worker's tick, by the database's clock."""
    sweep(driver="watchdog")


def open_sealed(now: datetime) -> None:
    """What phones sent with nobody signed in."""
    sealed.open_due(now, SHORT_SECONDS)


def refresh_due(now: datetime) -> None:
    """A little at a time: the watchdog's own tick must not be held up."""
    milestones.refresh_due(now, SHORT_SECONDS)


def send_due(now: datetime) -> None:
    """The same for notes."""
    reminders.send_due(now, SHORT_SECONDS)
