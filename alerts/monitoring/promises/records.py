"""Promises about the records: copies, confirmation after a restore from a backup, and seals."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Subquery

from alerts.integrity import copies
from alerts.models import Epoch, EpochCheck, ProcessBeat, Seal
from alerts.monitoring.promises.base import MOST, Offender, Promise
from patients.models import Clinic


def unconfirmed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Clinics older than the newest restore from a backup that have not confirmed their records since."""
    newest = Epoch.objects.exclude(cause=Epoch.Cause.FIRST).order_by("-pk")[:1]
    rows = Clinic.objects.filter(is_canary=False).annotate(
        epoch=Subquery(newest.values("pk")), put_back_at=Subquery(newest.values("seen_at"))
    )
    done = EpochCheck.objects.filter(clinic=OuterRef("pk"), epoch_id__gte=OuterRef("epoch"))
    rows = rows.filter(put_back_at__gt=F("created_at")).exclude(Exists(done))
    if clinic_id is not None:
        rows = rows.filter(pk=clinic_id)
    found = rows.order_by("pk").values_list("pk", "code", "put_back_at")[: MOST + 1]
    return [Offender("records of clinic", str(code), at, pk) for pk, code, at in found]


# A piece of the database's log is copied each half minute (ops.copies.wal; pgBackRest by the runbook). Hosted
# databases with a longer archive_timeout are left out, and the limit counts anew after a start of the server.
LOG_KEPT_WITHIN = timedelta(minutes=5)
GAP = "postgres/log-has-a-gap"
LOG_KEPT = """
    SELECT current_setting('archive_mode') <> 'off' AND EXISTS
             (SELECT FROM pg_settings WHERE name = 'archive_timeout' AND setting::int BETWEEN 1 AND 60),
           GREATEST(s.last_archived_time, pg_postmaster_start_time()) FROM pg_stat_archiver s
"""
# The name of the beat that sealing leaves (recovery.sealed_records).
SEALING = "seals"
SEALED_WITHIN = timedelta(hours=2)


def changed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """Seals whose rows were changed after sealing."""
    broken = Seal.objects.filter(broken_at__isnull=False).order_by("broken_at")
    return [Offender("seal", f"{row.trail} {row.number}", row.broken_at) for row in broken[: MOST + 1]]


def not_sealed(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The sealing process, when it last finished more than two hours ago. Empty until it has finished once."""
    late = ProcessBeat.objects.filter(name=SEALING, beat_at__lt=now - SEALED_WITHIN)
    return [Offender("process", row.name, row.beat_at) for row in late]


def no_fresh_copy(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The newest good copy, when copies are made here and it is too old. A demo needs no copies."""
    made_at = copies.newest(Path(settings.DATA_DIR))
    if settings.DEMO or not settings.BACKUP_WITHIN_HOURS or not copies.are_made(Path(settings.DATA_DIR)):
        return []
    if made_at is None:
        return [Offender("the newest good copy", "nobody can read when", None)]
    return _too_old("the newest good copy", made_at, now)


def no_copies(now: datetime, clinic_id: int | None) -> list[Offender]:
    """The installation, when no copy was ever noted and it is older than BACKUP_WITHIN_HOURS (0: not asked)."""
    if settings.DEMO or not settings.BACKUP_WITHIN_HOURS or copies.are_made(Path(settings.DATA_DIR)):
        return []
    began = Epoch.objects.order_by("pk").values_list("seen_at", flat=True).first()
    return _too_old("no copy since the start of", began, now) if began else []


def _too_old(what: str, at: datetime, now: datetime) -> list[Offender]:
    """The offender when at is too old. A time too far in the future counts too: the clock was set back since."""
    allowed = timedelta(hours=settings.BACKUP_WITHIN_HOURS)
    if abs(now - at) <= allowed:
        return []
    return [Offender(what, f"{at:%Y-%m-%d %H:%M} UTC", min(at + allowed, now))]


def log_not_kept(now: datetime, clinic_id: int | None) -> list[Offender]:
    """PostgreSQL's log, where it is copied elsewhere (bin/up) and nothing new was copied for five minutes."""
    with connection.cursor() as cursor:
        cursor.execute(LOG_KEPT)
        found = cursor.fetchone()
    return late_log(found, now) or log_with_a_gap(now)


def log_with_a_gap(now: datetime) -> list[Offender]:
    """The log, when a piece was dropped since the newest copy, because the database's disk was almost full."""
    place = Path(settings.DATA_DIR)
    try:
        at = datetime.fromtimestamp((place / GAP).stat().st_mtime, UTC)
    except OSError:
        return []
    made_at = copies.newest(place)
    return (
        [] if made_at and made_at > at else [Offender("log of the database, with a gap at", f"{at:%H:%M} UTC", at)]
    )


def late_log(found: tuple[bool, datetime], now: datetime) -> list[Offender]:
    """The log, when its copying is late. found: whether it is copied at all, and when it last was."""
    is_kept, at = found
    if not is_kept or now - at <= LOG_KEPT_WITHIN:
        return []
    return [Offender("log of the database, kept last at", f"{at:%Y-%m-%d %H:%M} UTC", at + LOG_KEPT_WITHIN)]


RECORDS = (
    Promise(
        "copies-are-fresh",
        "Of all records there is a good copy, made and tried within the last day.",
        "there is no good copy of the records from the last day. Run bin/manage backup",
        no_fresh_copy,
        of_clinics=False,
    ),
    Promise(
        "copies-are-set-up",
        "Somebody has settled how the records are copied.",
        "copies of the records are not set up yet: none was ever made here. See Backups in docs/runbook.md",
        no_copies,
        warning=True,
        of_clinics=False,
    ),
    Promise(
        "log-is-kept",
        "Where the database’s log is kept elsewhere, at most a minute of it is on this machine alone.",
        "the database’s log has not been kept elsewhere for 5 minutes. Look at the disk of the copies",
        log_not_kept,
        of_clinics=False,
    ),
    Promise(
        "records-are-confirmed",
        "After the records were restored from a backup, every clinic looks at what may be missing.",
        "the records were restored from a backup, and clinics have not confirmed theirs: {count}",
        unconfirmed,
        warning=True,
    ),
    Promise(
        "records-are-untouched",
        "What was written down stays as it was: who looked, what became of alerts, what patients said and heard.",
        "sealed records were changed, removed or slipped in: {count} seals are broken",
        changed,
        warning=True,
        of_clinics=False,
    ),
    Promise(
        "records-are-sealed",
        "What is written down is sealed, so that a change shows.",
        "records have not been sealed for two hours",
        not_sealed,
        warning=True,
        of_clinics=False,
    ),
)
