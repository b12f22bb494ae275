"""The watchdog: a process without Celery and Redis that asks which promises are broken.

Each round sweeps by itself when the worker's tick is late, stores what is broken for the board, and tells people
by a second route (alerts.monitoring.second_route, which needs neither outbox nor database). It pings an outside
heartbeat only when all is well: if this process dies too, the missing ping is noticed outside.
"""

import logging
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import DatabaseError

from alerts.clock import db_now
from alerts.lifecycle.selectors import WATCHDOG
from alerts.models import ProcessBeat
from alerts.monitoring import second_route
from alerts.monitoring.clock_jump import SteadyClock
from alerts.monitoring.notify_policy import Teller
from alerts.monitoring.promises import PROMISES, Found, Promise, ask
from alerts.monitoring.promises.system import CLOCK_JUMP, SILENT_SECONDS
from patients.trouble import is_read_only, not_taken

# The watchdog sweeps by itself when the worker's last tick is older than this.
TICK_LATE_SECONDS = 3
PING_EVERY_SECONDS = 60.0
PING_TIMEOUT_SECONDS = 5
CONTACTS_EVERY_SECONDS = 60.0
# A round that takes longer hangs, most likely in a statement that the database never answers.
STUCK_SECONDS = 40.0
WARNINGS_AGAIN_SECONDS = 86400.0
# When our own check of the promises takes long, the machine is slow, and so is the worker. Its tick then counts as
# silent only after SLOW_LOOKS times the length of the check, and in any case after SLOW_MOST_SECONDS.
SLOW_LOOKS, SLOW_MOST_SECONDS = 10, 120.0

log_lines = logging.getLogger(__name__)
Sweep = Callable[[datetime], object]


@dataclass
class Watchdog:
    """Checks the promises in rounds. sweep: does the work of the worker's tick. extra_sweeps: run every round."""

    sweep: Sweep
    extra_sweeps: Sequence[Sweep] = ()
    promises: Sequence[Promise] = PROMISES
    started: float = field(default_factory=time.monotonic)
    teller: Teller = field(default_factory=Teller)
    warner: Teller = field(
        default_factory=lambda: Teller(
            "staff_watchdog_warning", "staff_watchdog_over", WARNINGS_AGAIN_SECONDS, False
        )
    )
    # When the last round ended, in monotonic seconds; None: none has ended.
    ended: float | None = None
    # Runs the telling, in the background: a slow mail server must not delay rounds that may do all sweeping.
    aside: Callable[[Callable[[], None]], None] = lambda call: call()  # noqa: E731
    clock: SteadyClock = field(default_factory=SteadyClock)
    look_seconds: float = 0.0
    pinged_at: float = float("-inf")
    contacts_at: float = float("-inf")

    def run_once(self, now: datetime | None = None) -> list[str]:
        """Run one round. Returns the broken promises as sentences without health data; never raises."""
        warnings: dict[str, str] = {}
        try:
            asked_at = time.monotonic()
            at = now or db_now()
            self._watch_clock(at, asked_at)
            broken = self._do_late_work(at)
            at = now or db_now()  # the work may have taken a while
            # The watchdog does not ask about itself: right after a start its last round is always old.
            asked = [promise for promise in self.promises if promise.key != "watchdog-looks"]
            began = time.monotonic()
            found = [one for one in ask(asked, at) if not one.is_kept]
            self.look_seconds = time.monotonic() - began
            broken |= {one.promise.key: one.words for one in found if not one.promise.warning}
            silent, slow = self._silent_worker(at)
            broken |= silent
            warnings = {one.promise.key: one.words for one in found if one.promise.warning} | slow
            _show(broken, found, now or db_now())
            self._refresh_contacts(at)
        except DatabaseError as error:
            what = "takes no writes" if is_read_only(error) else "does not answer"
            broken = {"database-answers": f"the database {what} ({type(error).__name__})"}
        except Exception as error:
            log_lines.error("a round failed: %s", type(error).__name__)
            broken = {"watchdog-looks": f"a round of the watchdog failed ({type(error).__name__})"}
        self.aside(partial(self._tell, broken, warnings))
        if not broken:
            self._ping_in_time()
        self.ended = time.monotonic()
        return list(broken.values())

    def _tell(self, broken: dict[str, str], warnings: dict[str, str]) -> None:
        self.teller.look(broken)
        self.warner.look(warnings)

    def _watch_clock(self, now: datetime, asked_at: float) -> None:
        """Record a jump of the database's clock, which alerts.monitoring.promises.system reports for a while."""
        jump = self.clock.look(now, asked_at, time.monotonic())
        if jump:
            log_lines.error("the database's clock jumped by %.0f seconds", jump)
            detail = {"seconds": round(jump)}
            ProcessBeat.objects.update_or_create(name=CLOCK_JUMP, defaults={"beat_at": now, "detail": detail})

    def _do_late_work(self, now: datetime) -> dict[str, str]:
        """Sweep when the worker's tick is late, and always run the extra sweeps.

        Returns the failed sweeps as broken promises, by key.
        """
        due = [*self.extra_sweeps]
        if _tick_age_seconds(now) > TICK_LATE_SECONDS:
            due.insert(0, self.sweep)
        failed = {}
        for sweep in due:
            try:
                sweep(now)
            except Exception as error:
                if not_taken(error):
                    raise  # the database is away or takes no writes; any other error is about this sweep
                log_lines.error("sweep %s failed: %s", sweep.__name__, type(error).__name__)
                failed[f"sweep-{sweep.__name__}"] = f"the sweep {sweep.__name__} failed ({type(error).__name__})"
        return failed

    def _silent_worker(self, now: datetime) -> tuple[dict[str, str], dict[str, str]]:
        """The silence of the worker's tick as a broken promise, and as a warning when slow; one at most is set.

        Both are empty until the tick is SILENT_SECONDS late, and in the first SILENT_SECONDS after a start.
        """
        age = min(_tick_age_seconds(now), 86400.0)
        if age <= SILENT_SECONDS or time.monotonic() - self.started <= SILENT_SECONDS:
            return {}, {}
        if age <= min(SLOW_LOOKS * self.look_seconds, SLOW_MOST_SECONDS):
            words = (
                f"the machine is slow: the worker's clock is {age:.0f} seconds late; the watchdog does its work"
            )
            return {}, {"worker-slow": words}
        words = f"the worker's clock has been silent for {age:.0f} seconds; the watchdog does its work"
        return {"worker-ticks": words}, {}

    def _refresh_contacts(self, now: datetime) -> None:
        if time.monotonic() - self.contacts_at >= CONTACTS_EVERY_SECONDS:
            self.contacts_at = time.monotonic()
            second_route.refresh_contacts(now)

    def _ping_in_time(self) -> None:
        if time.monotonic() - self.pinged_at >= PING_EVERY_SECONDS:
            self.pinged_at = time.monotonic()
            _ping()


class Guard(threading.Thread):
    """A thread that watches the watchdog and tells people, without the database, when a round does not end."""

    def __init__(self, watchdog: Watchdog, every_seconds: float = 1.0) -> None:
        super().__init__(name="guard", daemon=True)
        self._watchdog, self._every_seconds = watchdog, every_seconds
        self.teller = Teller()

    def run(self) -> None:
        """Look again and again until the process ends."""
        while True:
            self.look()
            time.sleep(self._every_seconds)

    def look(self) -> None:
        """Tell people when the last round ended more than STUCK_SECONDS ago."""
        since = self._watchdog.ended or self._watchdog.started
        age = time.monotonic() - since
        words = f"the watchdog's round has not ended for {age:.0f} seconds; the database may hang"
        self.teller.look({"watchdog-looks": words} if age > STUCK_SECONDS else {})


def _tick_age_seconds(now: datetime) -> float:
    row = ProcessBeat.objects.filter(name="tick:celery").first()
    # A beat in the future was written before the clock was set back, and counts by its distance like an old one.
    return abs((now - row.beat_at).total_seconds()) if row else float("inf")


def _show(broken: dict[str, str], found: list[Found], now: datetime) -> None:
    """Store the broken promises for the board, and since when for the status page."""
    known = ProcessBeat.objects.filter(name=WATCHDOG).first()
    before = known.detail.get("since", {}) if known else {}
    since = {key: before.get(key, now.isoformat()) for key in [*broken, *(one.promise.key for one in found)]}
    detail = {"broken": list(broken.values()), "since": since}
    ProcessBeat.objects.update_or_create(name=WATCHDOG, defaults={"beat_at": now, "detail": detail})


def _ping() -> None:
    url = settings.OUTSIDE_HEARTBEAT_URL
    if not url.startswith(("https://", "http://")):
        return
    try:
        with urllib.request.urlopen(url, timeout=PING_TIMEOUT_SECONDS):  # noqa: S310 (scheme checked)
            pass
    except OSError as error:
        log_lines.warning("outside heartbeat not reached: %s", type(error).__name__)
