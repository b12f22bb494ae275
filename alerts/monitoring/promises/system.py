"""Promises about the system: clock, watchdog, canary, disk, roster and second route."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings

from alerts.lifecycle.selectors import WATCHDOG
from alerts.models import CanaryRun, OnCallShift, ProcessBeat
from alerts.monitoring import second_route
from alerts.monitoring.promises.base import MOST, Offender, Promise
from alerts.oncall.gaps import Span, gaps
from patients.permissions import Permission, roles_with

TICKS = ("tick:celery", "tick:watchdog")
SILENT_SECONDS = 30
WATCHDOG_SILENT = timedelta(minutes=2)
# The beat that the watchdog writes after a jump of the database's clock, and how long it counts as broken.
CLOCK_JUMP = "clock-jump"
JUMP_SHOWN = timedelta(minutes=15)
CANARY_LATE = timedelta(minutes=5)
ROSTER_AHEAD = timedelta(hours=24)
# A clinic with a shift in this time uses the roster. In a clinic without one, all nurses are always told.
ROSTER_BACK = timedelta(days=7)
MOST_SHIFTS = 5000
LOW_SHARE, FULL_BYTES = 0.10, 500 * 1024 * 1024


def no_tick(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The tick, when no driver has finished a sweep for 30 seconds. Empty when none has ever finished one."""
    beats = [row.beat_at for row in ProcessBeat.objects.filter(name__in=TICKS)]
    return _silent("clock", max(beats, default=None), now, timedelta(seconds=SILENT_SECONDS))


def no_watchdog(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The watchdog, when it has finished no round for two minutes."""
    beat = ProcessBeat.objects.filter(name=WATCHDOG).first()
    return _silent(WATCHDOG, beat.beat_at if beat else None, now, WATCHDOG_SILENT)


def clock_jumped(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The clock, when the watchdog saw it jump in the last 15 minutes."""
    row = ProcessBeat.objects.filter(name=CLOCK_JUMP).first()
    if row is None or abs(now - row.beat_at) > JUMP_SHOWN:
        return []
    return [Offender("clock", f"by {row.detail.get('seconds')} seconds", row.beat_at)]


def _silent(name: str, at: datetime | None, now: datetime, allowed: timedelta) -> list[Offender]:
    """The process when its beat is too old. A beat in the future counts too: the clock was set back since."""
    return [Offender("process", name, min(at + allowed, now))] if at and abs(now - at) > allowed else []


def canary_missed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The canary, when its newest finished round got no answer in time, or its next round is 5 minutes late."""
    if not settings.CANARY:
        return []
    newest = list(CanaryRun.objects.order_by("-due_at")[:2])
    for run in newest:
        if run.state == CanaryRun.State.MISSED:
            return [Offender("canary round", f"{run.pk}: {run.error}", run.ended_at)]
        if run.state == CanaryRun.State.WAITING and now - run.due_at > CANARY_LATE:
            return [Offender("canary round", f"{run.pk}: it never came", run.due_at + CANARY_LATE)]
        if run.state == CanaryRun.State.ANSWERED:
            return []
    return []


def disk_full(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The disk of the data, when less than 500 MB are free."""
    return _disk(lambda free, total: free < FULL_BYTES)


def disk_low(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The disk of the data, when less than a tenth is free."""
    return _disk(lambda free, total: free < total * LOW_SHARE)


def _disk(is_short: Callable[[int, int], bool]) -> list[Offender]:
    try:
        use = shutil.disk_usage(settings.DATA_DIR)
    except OSError:
        return []
    return [Offender("disk", f"{use.free // 2**20} MB free")] if is_short(use.free, use.total) else []


def roster_gaps(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Clinics that use the roster and have a time without a nurse on call in the next 24 hours."""
    shifts = OnCallShift.objects.filter(ends_at__gt=now - ROSTER_BACK, starts_at__lt=now + ROSTER_AHEAD)
    shifts = shifts.filter(role__in=roles_with(Permission.TAKE_FIRST_CALL), clinic__is_canary=False)
    if clinic_id is not None:
        shifts = shifts.filter(clinic_id=clinic_id)
    spans: dict[tuple[int, str], list[Span]] = {}
    rows = shifts.order_by("clinic_id").values_list(
        "clinic_id", "clinic__code", "starts_at", "ends_at", "staff__active", "staff__user__is_active"
    )
    for clinic, code, starts_at, ends_at, *active in rows[:MOST_SHIFTS]:
        known = spans.setdefault((clinic, str(code)), [])
        known += [Span(starts_at, ends_at)] if all(active) and ends_at > now else []
    found = []
    for (clinic, name), covered in spans.items():
        holes = gaps(covered, now, now + ROSTER_AHEAD)
        found += [Offender("clinic", name, clinic_id=clinic)] if holes else []
    return found[: MOST + 1]


def no_second_route(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The settings that are missing for the watchdog to tell a person by a route of its own."""
    return [Offender("setting", name) for name in second_route.missing()]


SYSTEM = (
    Promise(
        "clock-ticks",
        "What is due is looked for every few seconds.",
        "no sweep has been finished for 30 seconds",
        no_tick,
        of_clinics=False,
    ),
    Promise(
        "watchdog-looks",
        "The watchdog looks after all of this.",
        "the watchdog is silent",
        no_watchdog,
        of_clinics=False,
    ),
    Promise(
        "clock-is-steady",
        "The database’s clock goes evenly: what is due by it is due in time.",
        "the database’s clock jumped",
        clock_jumped,
        of_clinics=False,
    ),
    Promise(
        "canary-is-answered",
        "A made-up urgent log, sent through the front door every ten minutes, is answered within a minute.",
        "the canary was not answered in time",
        canary_missed,
        of_clinics=False,
    ),
    Promise("disk-is-not-full", "The data have room.", "the disk is almost full", disk_full, of_clinics=False),
    Promise(
        "disk-has-room",
        "A tenth of the disk is free.",
        "less than a tenth of the disk is free",
        disk_low,
        warning=True,
        of_clinics=False,
    ),
    Promise(
        "roster-has-no-gap",
        "For the next day a nurse is on call at every clinic that keeps a roster.",
        "clinics with nobody on call at some time of the next day: {count}",
        roster_gaps,
        warning=True,
    ),
    Promise(
        "second-route-is-set-up",
        "The watchdog can tell an operator by a way of its own.",
        "the second route is not set up: {count} settings are missing",
        no_second_route,
        warning=True,
        of_clinics=False,
    ),
)
