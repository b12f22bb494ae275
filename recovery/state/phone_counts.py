"""Which logs of a phone have not arrived: each send says its own number and the last one there is (PhoneCount).

Nothing here can refuse a log or hold one up: it is stored and judged before its number is looked at.
"""

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from patients.models import Patient, User
from patients.trouble import is_away
from recovery.models import PhoneCount

LARGEST = 100_000
MOST_GONE = 50
# Numbers that arrived before one they follow; of more, the highest count as not arrived.
MOST_BEYOND = 200
# A browser that forgets everything each day begins a sequence each day: the oldest is written over.
MOST_SEQUENCES = 20
log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Count:
    """What a log says of its place. gone: numbers that were taken back on the phone and never come."""

    sequence: uuid.UUID
    number: int
    last: int
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heard:
    """Which numbers of a sequence are accounted for: all up to one, and some beyond."""

    last: int = 0
    up_to: int = 0
    beyond: tuple[int, ...] = ()

    @property
    def missing(self) -> int:
        """How many have not arrived."""
        return self.last - self.up_to - len(self.beyond)

    def after(self, numbers: Iterable[int], last: int) -> "Heard":
        """With these numbers too. The same ones again, in any order, change nothing."""
        known, up_to = {*self.beyond, *numbers}, self.up_to
        while up_to + 1 in known:
            up_to += 1
        beyond = tuple(sorted(number for number in known if number > up_to)[:MOST_BEYOND])
        return Heard(max(self.last, last, up_to, *beyond), up_to, beyond)


def note(user: User, patient: Patient, count: Count | None, now: datetime) -> None:
    """Write down that this log of the phone has arrived. A failure is logged: the log itself is safe."""
    if count is None:
        return
    try:
        with transaction.atomic():
            _note(user, patient, count, now)
    except Exception as error:
        if is_away(error):
            raise
        log_lines.error("the count of a phone was not kept: %s", type(error).__name__)


def _note(user: User, patient: Patient, count: Count, now: datetime) -> None:
    row = _row(user, patient, count, now)
    heard = Heard(row.last, row.up_to, tuple(row.beyond)).after((count.number, *count.gone), count.last)
    row.last, row.up_to, row.beyond, row.missing = heard.last, heard.up_to, list(heard.beyond), heard.missing
    row.missing_since = (row.missing_since or now) if heard.missing else None
    row.told_at = now
    row.save()


def _row(user: User, patient: Patient, count: Count, now: datetime) -> PhoneCount:
    """The sequence's row, held until the transaction ends."""
    rows = PhoneCount.objects.filter(user=user, patient=patient)
    held = rows.select_for_update(no_key=True)
    row = held.filter(sequence=count.sequence).first()
    if row is not None:
        return row
    fresh = {"sequence": count.sequence, "last": count.last, "told_at": now}
    fresh |= {"up_to": 0, "beyond": [], "missing": 0, "missing_since": None}
    oldest = held.order_by("told_at", "pk").first() if rows.count() >= MOST_SEQUENCES else None
    if oldest is not None:
        PhoneCount.objects.filter(pk=oldest.pk).update(**fresh)
    else:
        PhoneCount.objects.bulk_create([PhoneCount(user=user, patient=patient, **fresh)], ignore_conflicts=True)
    return held.get(sequence=count.sequence)
