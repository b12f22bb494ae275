"""Outside Celery, without Redis: which promises are broken right now? Silence must make noise.

Each round sweeps by itself when the worker's clock is late, writes what is broken for the board to show, tells
WATCHDOG_EMAIL by a second route (straight to the mail server, not through the outbox), and pings an outside
heartbeat only when all is well: if this process dies too, the missing ping is noticed outside.
"""

import logging
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import DatabaseError

from alerts.channels.base import OUR_SIGN_IN_REFUSED
from alerts.clock import db_now
from alerts.messages import render
from alerts.models import Alert, Delivery, ProcessBeat
from alerts.selectors import ACTIVE, WATCHDOG

# A worker's tick later than this is not waited for.
TICK_LATE_SECONDS = 3
# Broken, not just late.
SILENT_SECONDS = 30
OVERDUE_SECONDS = 60
MAIL_AGAIN_SECONDS = 900.0
PING_EVERY_SECONDS = 60.0
PING_TIMEOUT_SECONDS = 5

log_lines = logging.getLogger(__name__)
Sweep = Callable[[datetime], object]
Check = Callable[[datetime], list[str]]


@dataclass
class Watchdog:
    """Rounds of looking after the promises. sweep does what the worker's tick does; checks add broken promises."""

    sweep: Sweep
    extra_sweeps: Sequence[Sweep] = ()
    checks: Sequence[Check] = ()
    started: float = field(default_factory=time.monotonic)
    mailed: list[str] = field(default_factory=list)
    mailed_at: float = float("-inf")
    pinged_at: float = float("-inf")

    def run_once(self, now: datetime | None = None) -> list[str]:
        """One round; what is broken, as sentences without health data. Never raises."""
        try:
            at = now or db_now()
            broken = self._do_late_work(at) + broken_promises(at) + self._silent_clock(at)
            for check in self.checks:
                broken += check(at)
            _show_on_board(broken, now or db_now())
        except DatabaseError as error:
            broken = [f"the database does not answer ({type(error).__name__})"]
        self._tell(broken)
        return broken

    def _do_late_work(self, now: datetime) -> list[str]:
        """Sweep when the worker has not; its own sweeps always. A sweep that fails is a broken promise."""
        due = [*self.extra_sweeps]
        if _tick_age_seconds(now) > TICK_LATE_SECONDS:
            due.insert(0, self.sweep)
        failed = []
        for sweep in due:
            try:
                sweep(now)
            except DatabaseError:
                raise
            except Exception as error:
                log_lines.error("sweep %s failed: %s", sweep.__name__, type(error).__name__)
                failed.append(f"the sweep {sweep.__name__} failed ({type(error).__name__})")
        return failed

    def _silent_clock(self, now: datetime) -> list[str]:
        """The worker's clock, once it has had time to start."""
        age = min(_tick_age_seconds(now), 86400.0)
        if age <= SILENT_SECONDS or time.monotonic() - self.started <= SILENT_SECONDS:
            return []
        return [f"the worker's clock has been silent for {age:.0f} seconds; the watchdog does its work"]

    def _tell(self, broken: list[str]) -> None:
        clock = time.monotonic()
        if broken and (broken != self.mailed or clock - self.mailed_at > MAIL_AGAIN_SECONDS):
            self.mailed, self.mailed_at = broken, clock
            _mail(broken)
        if not broken:
            self.mailed = []
            if clock - self.pinged_at >= PING_EVERY_SECONDS:
                self.pinged_at = clock
                _ping()


def broken_promises(now: datetime) -> list[str]:
    """Alerts that nobody moved, messages that nobody sent or took back, a minute after they were due."""
    late = now - timedelta(seconds=OVERDUE_SECONDS)
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING, urgency__lt=2, due_at__lt=late)
    lost = Delivery.objects.filter(state=Delivery.State.CLAIMED, lease_until__lt=late)
    refused = Delivery.objects.filter(state=Delivery.State.PENDING, error__contains=OUR_SIGN_IN_REFUSED)
    found = [
        (Alert.objects.filter(state__in=ACTIVE, next_step_at__lt=late).count(), "alerts are overdue"),
        (waiting.count(), "urgent messages wait to be sent"),
        (lost.count(), "messages were claimed by a process that is gone"),
    ]
    broken = [f"{words}: {count}, for more than {OVERDUE_SECONDS} seconds" for count, words in found if count]
    if count := refused.count():
        broken.append(f"a provider {OUR_SIGN_IN_REFUSED}, and messages wait: {count}. Look at its settings")
    return broken


def _tick_age_seconds(now: datetime) -> float:
    row = ProcessBeat.objects.filter(name="tick:celery").first()
    return (now - row.beat_at).total_seconds() if row else float("inf")


def _show_on_board(broken: list[str], now: datetime) -> None:
    ProcessBeat.objects.update_or_create(name=WATCHDOG, defaults={"beat_at": now, "detail": {"broken": broken}})


def _mail(broken: list[str]) -> None:
    log_lines.error("broken promises: %s", "; ".join(broken))
    if not settings.WATCHDOG_EMAIL:
        return
    text = render("staff_watchdog", {"broken": broken})
    try:
        send_mail(text.subject, text.body, None, [settings.WATCHDOG_EMAIL])
    except Exception as error:
        log_lines.error("the second route failed too: %s", type(error).__name__)


def _ping() -> None:
    url = settings.OUTSIDE_HEARTBEAT_URL
    if not url.startswith(("https://", "http://")):
        return
    try:
        with urllib.request.urlopen(url, timeout=PING_TIMEOUT_SECONDS):  # noqa: S310 (scheme checked)
            pass
    except OSError as error:
        log_lines.warning("outside heartbeat not reached: %s", type(error).__name__)
