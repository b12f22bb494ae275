"""Notice that the database was restored from a backup. Every sweep checks first; phones and clinics are told.

Most restores show in the database itself: another server, another timeline, or tables written again. Older files
of the same server show by the witness file (alerts.integrity.epoch_marker). An operator reports any restore that
shows nowhere (`manage restored`).
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
# Providers and people have seen the ids given out after the copy was made, so no id may be given out twice, even
# when the same copy is restored twice. We skip one id per millisecond since this date, more than were ever used.
NUMBERS_FROM = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS_A_SECOND, FEWEST_NUMBERS = 1000, 1_000_000
WHERE_WE_ARE = """
    SELECT system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::bigint,
           'alerts_epoch'::regclass::oid::bigint, current_database()::text,
           (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint
    FROM pg_control_system()
"""
# For a hosted database that does not allow the full question.
ONLY_THE_TABLE = (
    "SELECT 0::bigint, 0::bigint, 'alerts_epoch'::regclass::oid::bigint, current_database()::text, 0::bigint"
)
SKIP_NUMBERS = """
    SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, COALESCE(last_value, start_value) + %s)
    FROM pg_sequences WHERE schemaname = current_schema() AND data_type = 'bigint'::regtype
"""


@dataclass(frozen=True)
class Here:
    """The identity and position of the connected database."""

    server: int
    timeline: int
    table_id: int
    name: str
    position: int


class _Kept:
    """What this process remembers: the newest epoch, and when it last asked for it and wrote the mark."""

    def __init__(self) -> None:
        self.asked_at = self.written_at = float("-inf")
        self.newest: Epoch | None = None
        self.may_ask = True


_kept = _Kept()


def look(now: datetime | None = None) -> Epoch | None:
    """Begin a new epoch when the records were restored. Returns it, else None. Two statements without a restore.

    It reads the witness file before the database: an untouched database can then only be further on.
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
    """Ask the database for its identity; when it does not tell all, only the id of our table counts."""
    with connection.cursor() as cursor:
        try:
            cursor.execute(WHERE_WE_ARE if _kept.may_ask else ONLY_THE_TABLE)
        except (ProgrammingError, NotSupportedError) as error:
            cursor.execute(ONLY_THE_TABLE)
            log_lines.warning("this database does not say which server it is: %s", type(error).__name__)
            _kept.may_ask = False
        return Here(*cursor.fetchone())


def _cause(newest: Epoch | None, here: Here, mark: Mark | None) -> tuple[str, str]:
    """The cause of a new epoch, and the proof when it comes from the witness file; two empty texts: none."""
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
        # A witness file that cannot be replaced must not begin another epoch every time.
        return ("", "") if Epoch.objects.filter(reason=proof).exists() else (Epoch.Cause.FILES, proof)
    return "", ""


def _is_behind(newest: Epoch, here: Here, mark: Mark) -> bool:
    """Was the database further on at the mark, or is the mark's epoch missing from it?"""
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
    """Begin an epoch. After a restore, also add an event to every active alert and skip ids.

    Returns None when another process was faster. copied_at: when the copy was made, if it is known.
    """
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
    """Add an event to every active alert and skip ids. Alerts go on by their plans with their old keys."""
    active = Alert.objects.filter(state__in=ACTIVE).values_list("pk", flat=True)
    detail = {"epoch": str(epoch.code)}
    AlertEvent.objects.bulk_create(
        [AlertEvent(alert_id=pk, at=now, what="restored", detail=detail) for pk in active], batch_size=1000
    )
    with connection.cursor() as cursor:
        seconds = int((now - NUMBERS_FROM).total_seconds())
        cursor.execute(SKIP_NUMBERS, [max(seconds * NUMBERS_A_SECOND, FEWEST_NUMBERS)])


def last_sign_of_life(now: datetime) -> datetime | None:
    """The last time the records show work: the newest beat, else the newest event of an alert; None without both.

    It is right only until a process of this installation writes its first beat.
    """
    beat = ProcessBeat.objects.aggregate(at=Max("beat_at"))["at"]
    found = beat or AlertEvent.objects.aggregate(at=Max("at"))["at"]
    return min(found, now) if found else None


def _write_mark(epoch: Epoch, here: Here) -> None:
    epoch_marker.write(Mark(here.name, str(epoch.code), here.position))
    _kept.written_at = time.monotonic()


def newest() -> Epoch | None:
    """The newest epoch, cached for KEPT_SECONDS."""
    if time.monotonic() - _kept.asked_at > KEPT_SECONDS:
        _kept.newest = Epoch.objects.order_by("-pk").first()
        _kept.asked_at = time.monotonic()
    return _kept.newest


def forget() -> None:
    """Empty the cache, so that the next call asks the database."""
    _kept.asked_at = _kept.written_at = float("-inf")
    _kept.may_ask = True
