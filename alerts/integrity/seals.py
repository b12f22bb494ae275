"""Seals over rows that must never change: changing, removing or inserting an old row breaks a hash.

Triggers of the database refuse this already, but not to the owner of the database. A seal is a SHA-256 over the
rows since the last seal and over that seal's hash, so an attacker has to rewrite all later seals too. A hash that
was noted elsewhere shows even that: each seal is a line in the log.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.models import Max

from alerts.messaging import outbox
from alerts.messaging.addresses import OPERATOR
from alerts.models import AlertEvent, Delivery, Seal
from alerts.sweeping.one_by_one import Row, Work, each
from patients.models import AccessEvent, TrailEvent

log_lines = logging.getLogger(__name__)
MOST_ROWS = 20_000
CHUNK = 1_000
# The longest time that one run checks old seals; how often, and with which pause, it tries to lock a table.
CHECK_SECONDS = 2.0
TRIES, PAUSE_SECONDS = 20, 0.05
NOTE_EVERY = timedelta(days=1)
SEALING = Work("sealing", "The sealing of records")
OLD_SEALS = Work("old-seals", "The look at an old seal")


@dataclass(frozen=True)
class Trail:
    """A table whose rows are only ever added. columns: the sealed columns, the id first.

    changing: columns that may change and are not sealed.
    """

    name: str
    model: type[models.Model]
    columns: tuple[str, ...]
    changing: tuple[str, ...] = ()


LOOKS = Trail("looks", AccessEvent, ("id", "at", "actor_id", "patient_id", "action", "subject", "request_id"))
EVENTS = Trail("alert-events", AlertEvent, ("id", "alert_id", "at", "what", "staff_id", "note", "detail"))
SIGN_INS = Trail(
    "sign-ins",
    TrailEvent,
    ("id", "at", "what", "user_id", "by_id", "clinic_id", "detail", "ip", "device", "request_id"),
)
TRAILS = (LOOKS, EVENTS, SIGN_INS)


def seal(trail: Trail, now: datetime) -> Seal | None:
    """Seal the rows added since the last seal.

    Returns None when there are none, the table is busy, or another process was faster.
    """
    last = Seal.objects.filter(trail=trail.name).order_by("-number").first()
    after = last.up_to_id if last else 0
    last_id = _last_id(trail)
    if last_id <= after:
        return None
    new = Seal(
        trail=trail.name,
        number=last.number + 1 if last else 1,
        after_id=after,
        up_to_id=_end_of(trail, after, last_id),
        columns=",".join(trail.columns),
        before=last.hash if last else "",
        sealed_at=now,
        checked_at=now,
    )
    new.rows, new.hash = digest(trail, new)
    try:
        with transaction.atomic():
            new.save()
    except IntegrityError:
        return None
    log_lines.info("seal %s %s over %s rows: %s", new.trail, new.number, new.rows, new.hash)
    return new


def _end_of(trail: Trail, after: int, last_id: int) -> int:
    """The last id of a seal of at most MOST_ROWS rows. It counts rows, because ids are skipped after a restore."""
    rows = trail.model._default_manager.filter(pk__gt=after, pk__lte=last_id).order_by("pk")
    return next(iter(rows.values_list("pk", flat=True)[MOST_ROWS - 1 : MOST_ROWS]), last_id)


def newest_row(trail: Trail) -> int:
    """The id of the trail's newest row; 0 when it has none."""
    return int(trail.model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def is_sealed(trail: Trail, up_to: int) -> bool:
    """Is there a seal over all rows up to this one?"""
    return up_to == 0 or Seal.objects.filter(trail=trail.name, up_to_id__gte=up_to).exists()


def digest(trail: Trail, over: Seal) -> tuple[int, str]:
    """The present number of rows in a seal's span, and their present hash."""
    columns = over.columns.split(",")
    head = [over.trail, over.number, over.after_id, over.up_to_id, over.before]
    found, rows = hashlib.sha256(_line(head)), 0
    span = trail.model._default_manager.filter(pk__gt=over.after_id, pk__lte=over.up_to_id)
    for row in span.order_by("pk").values_list(*columns).iterator(chunk_size=CHUNK):
        found.update(_line(row))
        rows += 1
    return rows, found.hexdigest()


def _line(values: Iterable[Any]) -> bytes:
    """The values as one JSON list and a line break, so that each value belongs to one column without doubt."""
    return json.dumps(list(values), sort_keys=True, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _last_id(trail: Trail) -> int:
    """The newest id when no smaller id can still appear; 0 when the table stayed busy.

    A transaction that writes a row holds a write lock on the table from before it draws the id until it commits.
    Once we get the SHARE lock, every id drawn is committed or lost. We never wait for it, because waiting would
    block writers.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                table = connection.ops.quote_name(trail.model._meta.db_table)
                cursor.execute(f"LOCK TABLE {table} IN SHARE MODE NOWAIT")
                return newest_row(trail)
        except OperationalError:
            time.sleep(PAUSE_SECONDS)
    log_lines.warning("trail %s was not at rest: it is sealed next time", trail.name)
    return 0


def check(trails: Iterable[Trail], now: datetime, *, seconds: float = CHECK_SECONDS) -> list[Seal]:
    """Check seals again until the time is over: broken ones first, then those unchecked longest.

    seconds: the time for it; at least one seal is checked. Returns the broken ones.
    """
    known, until = {trail.name: trail for trail in trails}, time.monotonic() + seconds
    broken = []
    for row in _longest_unchecked(list(known)):
        each(OLD_SEALS, [(Row(row.pk), partial(_look_again, known[row.trail], row, now))], now)
        if row.broken_at:
            broken.append(row)
        if time.monotonic() > until:
            break
    return broken


def _look_again(trail: Trail, row: Seal, now: datetime) -> bool:
    """Check one seal and store the result. It goes to the end of the line first, even when the check fails."""
    Seal.objects.filter(pk=row.pk).update(checked_at=now)
    if is_whole(trail, row):
        row.broken_at = None
    elif row.broken_at is None:
        log_lines.error("seal %s is broken: rows were changed, removed or slipped in", row)
        row.broken_at = now
    Seal.objects.filter(pk=row.pk).update(broken_at=row.broken_at)
    return True


def _longest_unchecked(names: list[str]) -> Iterator[Seal]:
    rows = Seal.objects.filter(trail__in=names)
    yield from rows.filter(broken_at__isnull=False).order_by("checked_at")
    yield from rows.filter(broken_at__isnull=True).order_by("checked_at").iterator(chunk_size=CHUNK)


def is_whole(trail: Trail, row: Seal) -> bool:
    """Do the rows match the seal (or the hash an operator accepted), and does it follow the seal before?"""
    before = Seal.objects.filter(trail=row.trail, number=row.number - 1).first()
    follows = (row.before, row.after_id) == ((before.hash, before.up_to_id) if before else ("", 0))
    rows, found = digest(trail, row)
    return follows and (found == row.accepted_hash or (rows, found) == (row.rows, row.hash))


def note_elsewhere(trails: Iterable[Trail], now: datetime) -> Delivery | None:
    """Mail the newest hashes to SEALS_EMAIL once a day: an attacker may rewrite all seals, but not that mailbox.

    One row per day (UTC). None when SEALS_EMAIL is not set or nothing is sealed.
    """
    newest = [Seal.objects.filter(trail=trail.name).order_by("-number").first() for trail in trails]
    lines = [f"{row}: {row.hash}" for row in newest if row]
    if not settings.SEALS_EMAIL or not lines:
        return None
    return outbox.enqueue(
        key=f"seals:{now.date()}",
        channel="email",
        recipient=OPERATOR,
        message="operator_seals",
        now=now,
        send_by=now + NOTE_EVERY,
        context={"seals": lines},
    )


def accept(trail: Trail, number: int, why: str) -> Seal:
    """Accept the present rows of a broken seal, with the operator's reason. Raises Seal.DoesNotExist."""
    row = Seal.objects.get(trail=trail.name, number=number)
    row.accepted_hash, row.accepted_why = digest(trail, row)[1], why
    row.broken_at = None if is_whole(trail, row) else row.broken_at
    row.save(update_fields=["accepted_hash", "accepted_why", "broken_at"])
    log_lines.warning("seal %s was accepted as it is", row)
    return row
