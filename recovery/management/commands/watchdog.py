"""watchdog: check the promises and sweep in a plain loop, without Celery or Redis. bin/up starts it."""

import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from functools import partial, update_wrapper
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from alerts.monitoring.sweep import sweep
from alerts.monitoring.watchdog import Guard, Watchdog
from alerts.sweeping.background_call import Aside
from alerts.sweeping.one_by_one import SHORT_SECONDS
from patients.installation import refuse_another_kind
from patients.rotation.check import refuse_missing_keys
from patients.wall import roles
from patients.wall.check import refuse_too_strong
from recovery.canary.rounds import Canary
from recovery.care_plan import refresh, sending
from recovery.journey import call_backs, digest, travels, turns
from recovery.logs import sealed, unjudged
from recovery.promises import EVERY_PROMISE

EVERY_SECONDS = 1
SWEEPS = (
    unjudged.sweep_unjudged,
    sealed.open_due,
    call_backs.notice_due,
    travels.end_due,
    turns.tell_due,
    refresh.refresh_due,
    sending.send_due,
    digest.send_due,
)


class Command(BaseCommand):
    help = "Ask which promises are broken, do late work, and tell somebody by a second route."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round; fails when a promise is broken")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        watchdog = Watchdog(
            sweep=tick,
            extra_sweeps=[short(sweep) for sweep in SWEEPS],
            promises=EVERY_PROMISE,
        )
        if not once:
            refuse_too_strong(roles.SWEEPS)
            refuse_another_kind()
            refuse_missing_keys()
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
            # Rounds begin every EVERY_SECONDS; after a slow round the next one begins almost at once.
            time.sleep(max(EVERY_SECONDS - (time.monotonic() - began), 0.1))


def tick(now: datetime) -> None:
    """Do one tick as the worker does, by the database's clock."""
    sweep(driver="watchdog")


def short(sweep: Callable[..., int]) -> Callable[[datetime], int]:
    """Run a sweep for a short time only, so that it does not delay the watchdog's tick."""
    shorter = partial(sweep, seconds=SHORT_SECONDS)
    update_wrapper(shorter, sweep)
    return shorter
