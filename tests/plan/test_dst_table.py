"""Every reminder and shift around every change of the clocks, 15 zones, 2020 to 2035, against a slow generator.

The generator knows nothing of ours: it walks through real time and reads the wall clock of each quarter hour.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.forms import DateTimeField
from django.utils import timezone

from recovery.plan.reminders import upcoming_log_reminders
from tests.plan.cast import ZONES, calm
from tests.plan.test_clock import changes_of

# Every zone stands a number of whole quarters from UTC, so each wall time below is met.
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
TIMES = (time(10), time(18))
# Days around a change that are looked at; shifts begin at these times, the last three in most zones' changed hour.
AROUND = (-3, -2, -1, 0, 1, 2, 3)
SHIFTS = (time(0), time(7), time(19), time(1, 30), time(2, 30), time(3))
# Zones that never change their clocks, and long quiet spans of the others, are looked at on these days too.
PLAIN = [date(year, month, 15) for year in range(2020, 2036) for month in (3, 9)]


@cache
def days_of(name: str) -> list[date]:
    """The local days that are looked at in a zone."""
    zone = ZoneInfo(name)
    around = [change.astimezone(zone).date() + n * DAY for change in changes_of(zone) for n in AROUND]
    return sorted({day for day in [*around, *PLAIN] if date(2020, 1, 3) < day < date(2035, 12, 28)})


@cache
def quarters_of(day: date, name: str) -> dict[time, list[datetime]]:
    """Each quarter on the wall of a local day with the instants that show it, found by looking at every one."""
    zone, shown = ZoneInfo(name), dict[time, list[datetime]]()
    moment = datetime.combine(day, time(), zone).astimezone(UTC) - timedelta(hours=2)
    for _ in range(4 * 29):
        local = moment.astimezone(zone)
        assert local.minute % 15 == 0
        if local.date() == day:
            shown.setdefault(local.time().replace(tzinfo=None), []).append(moment)
        moment += QUARTER
    return shown


def expected(name: str) -> Counter[datetime]:
    """The instants at which somebody who never logs is reminded on the looked-at days."""
    return Counter(quarters_of(day, name)[at][0] for day in days_of(name) for at in TIMES)


def planned(name: str) -> Counter[datetime]:
    """The same from our planner, asked anew on each day as the sweep does; one key is one note."""
    zone, notes = ZoneInfo(name), dict[str, datetime]()
    for day in days_of(name):
        end = datetime.combine(day - 2 * DAY, time(12), zone)
        state = calm(end, last_log_at=None)
        for now in (end + DAY, end + timedelta(hours=36), end + 2 * DAY):
            for note in upcoming_log_reminders({"time_zone": name, "procedure_end_at": end}, state, now, 48):
                if note.key.startswith(f"log:{day}:"):
                    assert notes.setdefault(note.key, note.due_utc) == note.due_utc
    return Counter(notes.values())


@pytest.mark.parametrize("name", ZONES)
def test_no_reminder_is_wrong_double_or_missing(name: str) -> None:
    assert planned(name) == expected(name)


@pytest.mark.parametrize("name", ZONES)
def test_a_shift_begins_at_the_instant_its_wall_clock_shows_or_is_refused(name: str) -> None:
    field = DateTimeField(input_formats=["%Y-%m-%dT%H:%M"])
    for day in days_of(name):
        for at in SHIFTS:
            instants = quarters_of(day, name).get(at, [])
            with timezone.override(ZoneInfo(name)):
                if len(instants) == 1:
                    assert field.clean(f"{day}T{at:%H:%M}") == instants[0]
                else:  # there is no such minute, or there are two: a person has to say which
                    with pytest.raises(ValidationError):
                        field.clean(f"{day}T{at:%H:%M}")


def test_five_thousand_instants_and_more_were_looked_at() -> None:
    reminders = sum(sum(expected(name).values()) for name in ZONES)
    shifts = sum(len(days_of(name)) * len(SHIFTS) for name in ZONES)
    assert reminders >= 5_000
    assert shifts >= 5_000
    assert all(first < second for name in ZONES for first, second in pairwise(days_of(name)))
