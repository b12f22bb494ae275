"""Was the database restored from a backup? It is asked at the start of every sweep, and told to phones and people.

Most ways show in the database itself: another server, another timeline, tables written again. Files of the same
server show by the witness beside it (alerts.integrity.epoch_marker). What shows nowhere, an
operator says (`manage restored`).
"""

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, NotSupportedError, ProgrammingError, connection, transaction
from django.db.models import Max

from alerts.clock import db_now
from alerts.integrity import epoch_marker
from alerts.integrity.epoch_marker import Mark
from alerts.models import Alert, AlertEvent, Epoch, ProcessBeat
from alerts.states import ACTIVE

log_lines = logging.getLogger(__name__)
WRITE_EVERY_SECONDS = 10.0
KEPT_SECONDS = 5.0
# Numbers given out after the copy was made were seen by providers and by people: none is given out again, also
# when the same copy is put back twice. A number for each millisecond since then is more than were ever used.
NUMBERS_FROM = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS_A_SECOND, FEWEST_NUMBERS = 1000, 1_000_000
WHERE_WE_ARE = """
    SELECT system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::bigint,
           'alerts_epoch'::regclass::oid::bigint, current_database()::text,
           (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint
    FROM pg_control_system()
"""
# Where a hosted database does not let us ask.
ONLY_THE_TABLE = (
    "SELECT 0::bigint, 0::bigint, 'alerts_epoch'::regclass::oid::bigint, current_database()::text, 0::bigint"
)
SKIP_NUMBERS = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, COALESCE(last_value, start_value) + %s)
    FROM pg_sequences WHERE schemaname = current_schema() AND data_type = 'bigint'::regtype
"""


@dataclass(frozen=True)
class Here:
    """The database we talk to, right now."""

    server: int
    timeline: int
    table_id: int
    name: str
    position: int


class _Kept:
    """The newest epoch as this process saw it, and when it last asked for it and wrote the mark."""

    def __init__(self) -> None:
        self.asked_at = self.written_at = float("-inf")
        self.newest: Epoch | None = None
        self.may_ask = True


_kept = _Kept()


def look(now: datetime | None = None) -> Epoch | None:
    """Begin a new epoch when the records were put back; None when they were not. Two statements.

    The witness is read first: what it says was true before, so the database can only be further.
    """
    mark = epoch_marker.read()
    here = where_we_are()
    newest = Epoch.objects.order_by("-pk").first()
    cause, proof = _cause(newest, here, mark)
    if cause:
        return begin(cause, now or db_now(), here=here, newest=newest, reason=proof)
    if newest and time.monotonic() - _kept.written_at > WRITE_EVERY_SECONDS:
        _write_mark(newest, here)
    return None


def where_we_are() -> Here:
    """Ask the database who it is. One that does not tell all of it is known by our table alone."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(WHERE_WE_ARE if _kept.may_ask else ONLY_THE_TABLE)
        except (ProgrammingError, NotSupportedError) as error:
            cursor.execute(ONLY_THE_TABLE)
            log_lines.warning("this database does not say which server it is: %s", type(error).__name__)
            _kept.may_ask = False
        return Here(*cursor.fetchone())


def _cause(newest: Epoch | None, here: Here, mark: Mark | None) -> tuple[str, str]:
    """Why this is a new epoch, with the proof where it is outside the database; empty: it is none."""
    if newest is None:
        return Epoch.Cause.FIRST, ""
    if newest.server != here.server:
        return Epoch.Cause.SERVER, ""
    if newest.timeline != here.timeline:
        return Epoch.Cause.TIMELINE, ""
    if newest.table_id != here.table_id:
        return Epoch.Cause.TABLES, ""
    if mark and mark.database == here.name and _is_behind(newest, here, mark):
        proof = f"the witness was at {mark.position} of {mark.epoch}"
        # Where the file cannot be written anew, it proves the same thing only once.
        return ("", "") if Epoch.objects.filter(reason=proof).exists() else (Epoch.Cause.FILES, proof)
    return "", ""


def _is_behind(newest: Epoch, here: Here, mark: Mark) -> bool:
    """The database had come further than it is now, or had begun an epoch that it does not know."""
    if mark.epoch == str(newest.code):
        return mark.position > here.position
    return not Epoch.objects.filter(code=mark.epoch).exists()


def begin(
    cause: str,
    now: datetime,
    *,
    here: Here,
    newest: Epoch | None,
    reason: str = "",
    copied_at: datetime | None = None,
) -> Epoch | None:
    """Write the new epoch, a line on every active alert, and leave numbers out; None: somebody else was faster."""
    is_first = cause == Epoch.Cause.FIRST
    epoch = Epoch(
        seen_at=now,
        before=newest,
        cause=cause,
        reason=reason,
        copied_at=None if is_first else copied_at or last_sign_of_life(now),
        server=here.server,
        timeline=here.timeline,
        table_id=here.table_id,
    )
    try:
        with transaction.atomic():
            epoch.save()
            if not is_first:
                _after_a_copy(epoch, now)
    except IntegrityError:
        return None
    forget()
    _write_mark(epoch, here)
    if not is_first:
        log_lines.warning("epoch %s: the records were restored from a backup (%s)", epoch.pk, cause)
    return epoch


def _after_a_copy(epoch: Epoch, now: datetime) -> None:
    """Alerts go on by their plans, under the keys they had; a new one gets a number that nobody has seen."""
    active = Alert.objects.filter(state__in=ACTIVE).values_list("pk", flat=True)
    detail = {"epoch": str(epoch.code)}
    AlertEvent.objects.bulk_create(
        [AlertEvent(alert_id=pk, at=now, what="restored", detail=detail) for pk in active], batch_size=1000
    )
    with connection.cursor() as cursor:
        seconds = int((now - NUMBERS_FROM).total_seconds())
        cursor.execute(SKIP_NUMBERS, [max(seconds * NUMBERS_A_SECOND, FEWEST_NUMBERS)])


def last_sign_of_life(now: datetime) -> datetime | None:
    """The newest finished sweep in the records, before this process finishes its first; else the newest event."""
    beat = ProcessBeat.objects.aggregate(at=Max("beat_at"))["at"]
    found = beat or AlertEvent.objects.aggregate(at=Max("at"))["at"]
    return min(found, now) if found else None


def _write_mark(epoch: Epoch, here: Here) -> None:
    epoch_marker.write(Mark(here.name, str(epoch.code), here.position))
    _kept.written_at = time.monotonic()


def newest() -> Epoch | None:
    """The newest epoch, at most a few seconds old."""
    if time.monotonic() - _kept.asked_at > KEPT_SECONDS:
        _kept.newest = Epoch.objects.order_by("-pk").first()
        _kept.asked_at = time.monotonic()
    return _kept.newest


def forget() -> None:
    """Ask again next time."""
    _kept.asked_at = _kept.written_at = float("-inf")
    _kept.may_ask = True
