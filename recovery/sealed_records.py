"""The records that must never change: access log, alert events, logs and verdicts (alerts.integrity.seals)."""

from datetime import datetime
from functools import partial

from alerts.integrity import seals
from alerts.integrity.seals import TRAILS, Trail
from alerts.monitoring.promises.records import SEALING
from alerts.monitoring.sweep import beat
from alerts.sweeping.one_by_one import Row, each
from recovery.models import Assessment, CareMessage, CareMessageRead, DailyLog, PatientContact, SealedLog

LOGS = Trail(
    "logs",
    DailyLog,
    (
        "id",
        "code",
        "patient_id",
        "procedure_id",
        "client_id",
        "answered_at",
        "received_at",
        "entered_by_id",
        "answers",
        "partial",
        "clock_suspect",
        "phone_tier",
        "phone_rulebook",
        "phone_facts",
        "phone_fired",
        "supersedes_id",
        "shared_phone",
        "left_over",
    ),
)
CONTACTS = Trail(
    "contacts",
    PatientContact,
    ("id", "patient_id", "at", "staff_id", "kind", "note", "alert_id", "once", "minutes", "about"),
)
MESSAGES = Trail(
    "care-messages",
    CareMessage,
    ("id", "code", "patient_id", "sent_by_id", "sent_at", "text", "language", "once"),
)
READ = Trail("care-messages-read", CareMessageRead, ("id", "message_id", "patient_id", "user_id", "at"))
TOLD = Trail(
    "told",
    Assessment,
    (
        "id",
        "log_id",
        "patient_id",
        "at",
        "tier",
        "fired",
        "notices",
        "messages",
        "nurse_priority",
        "facts",
        "rulebook",
        "phone_tier",
        "phone_rulebook",
        "phone_facts",
        "phone_fired",
        "difference",
        "problems",
        "unreadable",
        "alert_id",
    ),
)
# Envelopes are sealed by their hash; the columns about their handling may change.
ENVELOPES = Trail(
    "envelopes",
    SealedLog,
    ("id", "phone_key_id", "client_id", "about", "patient_id", "digest", "received_at"),
    changing=("envelope", "state", "why", "handled_at", "log_id"),
)
EVERY_TRAIL = (*TRAILS, LOGS, CONTACTS, MESSAGES, READ, TOLD, ENVELOPES)


def seal_and_check(now: datetime) -> None:
    """Seal new rows and check old seals; the worker does this every ten minutes.

    The beat is written only when every table is sealed up to the rows it had at the start. A table that cannot be
    sealed, or gets new rows all the time, prevents the beat but not the sealing of the others.
    """
    sealed = each(
        seals.SEALING, ((Row(key), partial(_seal, trail, now)) for key, trail in enumerate(EVERY_TRAIL)), now
    )
    seals.check(EVERY_TRAIL, now)
    seals.note_elsewhere(EVERY_TRAIL, now)
    if sealed == len(EVERY_TRAIL):
        beat(SEALING, {}, now)


def _seal(trail: Trail, now: datetime) -> bool:
    """Seal one table; return whether all rows that existed at the start are sealed."""
    newest = seals.newest_row(trail)
    while seals.seal(trail, now):
        pass
    return seals.is_sealed(trail, newest)
