"""Rows that must never change are sealed: whoever changes, removes or slips in one, breaks a hash.

The database's triggers refuse all that already, but not to whoever owns the database. A seal is a SHA-256 over
the rows since the last seal and over that seal's hash, so nothing old can be changed without all seals after it.
Whoever writes all of those anew is found by a hash that was noted elsewhere: each seal is a line in the log.
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
# How long one run checks old seals at most, and how often it tries to find a table at rest.
CHECK_SECONDS = 2.0
TRIES, PAUSE_SECONDS = 20, 0.05
NOTE_EVERY = timedelta(days=1)
SEALING = Work("sealing", "The sealing of records")
OLD_SEALS = Work("old-seals", "The look at an old seal")


@dataclass(frozen=True)
class Trail:
    """A table whose rows are only ever added. columns: what is sealed; the first one is the id.

    changing: what of a row may change, and is not sealed.
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
    """Seal what was added since the last time; None when nothing was, or somebody else is just doing it."""
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
    """Where a seal ends that is not over too many rows. By rows: after a restore numbers are left out."""
    rows = trail.model._default_manager.filter(pk__gt=after, pk__lte=last_id).order_by("pk")
    return next(iter(rows.values_list("pk", flat=True)[MOST_ROWS - 1 : MOST_ROWS]), last_id)


def newest_row(trail: Trail) -> int:
    """The id of the newest row that is there; 0 when there is none."""
    return int(trail.model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def is_sealed(trail: Trail, up_to: int) -> bool:
    """Is there a seal over all rows up to this one?"""
    return up_to == 0 or Seal.objects.filter(trail=trail.name, up_to_id__gte=up_to).exists()


def digest(trail: Trail, over: Seal) -> tuple[int, str]:
    """How many rows there are in a seal's span, and their hash as they are now."""
    columns = over.columns.split(",")
    head = [over.trail, over.number, over.after_id, over.up_to_id, over.before]
    found, rows = hashlib.sha256(_line(head)), 0
    span = trail.model._default_manager.filter(pk__gt=over.after_id, pk__lte=over.up_to_id)
    for row in span.order_by("pk").values_list(*columns).iterator(chunk_size=CHUNK):
        found.update(_line(row))
        rows += 1
    return rows, found.hexdigest()


def _line(values: Iterable[Any]) -> bytes:
    """One JSON list and a line break: what was in which column can not be mistaken."""
    return json.dumps(list(values), sort_keys=True, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _last_id(trail: Trail) -> int:
    """The last id below which no row can still appear; 0 when the table was not at rest for a moment.

    Whoever writes a row holds the table's writers' lock from before its number is drawn until it is committed. So
    when we get the readers' one, all numbers drawn are in. It is never waited for: waiting would hold up writers.
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
    """Look again at as many seals as fit in, broken and long unchecked ones first; those that are broken."""
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
    """Is it whole? Its turn comes again after all others, also when that could not be found out."""
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
    """Are the rows as they were sealed (or as somebody accepted them), on top of the seal before?"""
    before = Seal.objects.filter(trail=row.trail, number=row.number - 1).first()
    follows = (row.before, row.after_id) == ((before.hash, before.up_to_id) if before else ("", 0))
    rows, found = digest(trail, row)
    return follows and (found == row.accepted_hash or (rows, found) == (row.rows, row.hash))


def note_elsewhere(trails: Iterable[Trail], now: datetime) -> Delivery | None:
    """Once a day, mail the newest hashes away: whoever writes all seals anew cannot write that mailbox anew.

    One row per day (UTC); None where SEALS_EMAIL is not set, or nothing is sealed.
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
    """The rows are right as they are now, and somebody says why. Raises Seal.DoesNotExist."""
    row = Seal.objects.get(trail=trail.name, number=number)
    row.accepted_hash, row.accepted_why = digest(trail, row)[1], why
    row.broken_at = None if is_whole(trail, row) else row.broken_at
    row.save(update_fields=["accepted_hash", "accepted_why", "broken_at"])
    log_lines.warning("seal %s was accepted as it is", row)
    return row
