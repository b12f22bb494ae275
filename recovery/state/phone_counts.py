"""Find the logs of a phone that have not arrived: each log carries its number and the phone's last (PhoneCount).

A log is stored and judged before its number is counted, so that counting can never refuse or delay a log.
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
# Numbers kept that arrived out of order. Above this limit the highest ones count as not arrived.
MOST_BEYOND = 200
# A browser that is emptied every day begins a new sequence every day; the oldest row is reused.
MOST_SEQUENCES = 20
log_lines = logging.getLogger(__name__)


@dataclass(frozen=True)
class Count:
    """The place of a log in its phone's sequence. gone: numbers removed on the phone, which will never arrive."""

    sequence: uuid.UUID
    number: int
    last: int
    gone: tuple[int, ...] = ()


@dataclass(frozen=True)
class Heard:
    """The numbers of a sequence that have arrived: all up to `up_to`, and those in `beyond`."""

    last: int = 0
    up_to: int = 0
    beyond: tuple[int, ...] = ()

    @property
    def missing(self) -> int:
        """Return how many logs have not arrived."""
        return self.last - self.up_to - len(self.beyond)

    def after(self, numbers: Iterable[int], last: int) -> "Heard":
        """Return a copy with these numbers added. Repeated numbers change nothing; any order gives the same."""
        known, up_to = {*self.beyond, *numbers}, self.up_to
        while up_to + 1 in known:
            up_to += 1
        beyond = tuple(sorted(number for number in known if number > up_to)[:MOST_BEYOND])
        return Heard(max(self.last, last, up_to, *beyond), up_to, beyond)


def note(user: User, patient: Patient, count: Count | None, now: datetime) -> None:
    """Record that this log of the phone has arrived. Errors are only logged, because the log itself is stored.

    Raises only when the database is away.
    """
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
    """Return the sequence's row, locked until the transaction ends; make it if it is new."""
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
