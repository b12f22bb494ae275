"""Urgent logs that a phone sends without a sign-in: the envelope is stored, opened, and submitted as a normal log.

The envelope is a committed row before it is opened, so its words cannot be lost. An envelope raises an alert, and
staff call the patient, when it cannot be opened or read, or when its writer may no longer log for that patient.
"""

import hashlib
import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from alerts import lifecycle as alert_services
from alerts.failpoints import failpoint
from alerts.models import Alert
from alerts.states import ACTIVE
from alerts.sweeping.one_by_one import LONG_SECONDS, Sweep, walk
from patients import scoping
from patients.models import Patient, User
from patients.permissions import Permission, may
from patients.status import lock
from patients.tiers import CALL_DOCTOR_NOW
from patients.vault.phone_seal import UnknownFormat, Unopened, open_envelope
from patients.wall.scope import also
from recovery.forms.log_json import LogJson, Refused, parse, read_log_json
from recovery.logs.read import Sender, read_json
from recovery.logs.submit import submit_log
from recovery.logs.unjudged import SWEEP_AFTER
from recovery.models import DailyLog, PhoneKey, SealedLog
from recovery.selectors.today import open_procedure
from recovery.state import phone_counts

# An opened envelope lives on in its log. An unopened one is kept longer: an old SECRET_KEY may be put back.
OPENED_KEPT, GIVEN_KEPT = timedelta(days=30), timedelta(days=120)
SIGN = "unopened"
TIER = CALL_DOCTOR_NOW
State = SealedLog.State
log_lines = logging.getLogger(__name__)


class Unreadable(Exception):
    """The envelope cannot become a log; the text is the reason as a code of SealedLog.why."""


@dataclass(frozen=True)
class Sealed:
    """What a phone posts. about: code of the patient it meant; envelope: the encrypted log, not opened yet."""

    client_id: uuid.UUID
    about: uuid.UUID
    envelope: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the envelope in hex."""
        return hashlib.sha256(self.envelope.encode()).hexdigest()


def take(key: PhoneKey, sent: Sealed, now: datetime) -> tuple[SealedLog, bool]:
    """Store the envelope, then try to open it. Returns its row and whether the row is new.

    The same envelope sent again finds the same row. Raises Refused (403) when the person has never had a patient.
    """
    patient = whom(key.user, sent.about)
    if patient is None:
        raise Refused(403, "This phone may not send.")
    with also(patient=patient.pk):
        return _keep(key, patient, sent, now)


def _keep(key: PhoneKey, patient: Patient, sent: Sealed, now: datetime) -> tuple[SealedLog, bool]:
    row, created = SealedLog.objects.get_or_create(
        phone_key=key,
        client_id=sent.client_id,
        digest=sent.digest,
        defaults={"patient": patient, "about": sent.about, "envelope": sent.envelope, "received_at": now},
    )
    failpoint("after_envelope_commit")
    PhoneKey.objects.filter(pk=key.pk).update(used_at=now)
    if row.state == State.RECEIVED:
        try:
            open_row(row, now)
        except Exception as error:  # the envelope is stored; the sweep tries again
            log_lines.error("envelope %s not opened yet: %s", row.pk, type(error).__name__)
    return row, created


def whom(user: User, about: uuid.UUID) -> Patient | None:
    """Return the patient the phone meant, if the person answers or once answered for them.

    Otherwise return the first patient they ever answered for, so that the envelope still reaches a clinic; None
    when there is none.
    """
    people = scoping.once_answered_for(user).select_related("clinic")
    return people.filter(code=about).first() or people.order_by("id").first()


def open_row(row: SealedLog, now: datetime) -> None:
    """Submit the envelope as a log, or raise an alert when it cannot be read. Calling this twice is harmless."""
    try:
        log = _submit(row, now)
    except Unreadable as unreadable:
        with transaction.atomic():
            _tell(row, now)
            _handled(row, now, state=State.GIVEN, why=str(unreadable))
    else:
        _handled(row, now, state=State.OPENED, log=log)


def _submit(row: SealedLog, now: datetime) -> DailyLog:
    log_json = _read(row)
    log = submit_log(read_json(log_json, **_sender(row, now))).log
    phone_counts.note(row.phone_key.user, row.patient, log_json.count, row.received_at)
    return log


def _sender(row: SealedLog, now: datetime) -> Sender:
    """Return the sender: the phone's script (door "app"), as for a log sent while signed in.

    Raises Unreadable when the recovery is closed or the helper may no longer log.
    """
    user, patient, procedure = row.phone_key.user, row.patient, open_procedure(row.patient)
    if procedure is None:
        raise Unreadable("recovery_closed")
    by_helper = patient.user_id != user.pk
    rights = scoping.helping(user, now).filter(patient=patient)
    if by_helper and not any(may(right, Permission.LOG) for right in rights):
        raise Unreadable("not_theirs")
    return {
        "patient": patient,
        "procedure": procedure,
        "entered_by": user,
        "now": row.received_at,
        "door": "app",
        "by_helper": by_helper,
    }


def _read(row: SealedLog) -> LogJson:
    """Open the envelope and return the log inside; raises Unreadable."""
    if row.patient.code != row.about:
        raise Unreadable("about_nobody_known")
    try:
        body = parse(open_envelope(row.envelope, label(row.client_id, row.about)))
        log_json, _ = read_log_json(body, row.received_at)
    except Unopened as error:
        if isinstance(error, UnknownFormat):
            words = "envelope %s has format %s: bring in a version that knows it, then run open_envelopes"
            log_lines.error(words, row.pk, error)
        raise Unreadable("not_opened") from error
    except Refused as error:
        raise Unreadable("not_json") from error
    if log_json is None or (log_json.client_id, log_json.about) != (row.client_id, row.about):
        raise Unreadable("not_a_log")
    return log_json


def label(client_id: uuid.UUID, about: uuid.UUID) -> str:
    """Return the text bound into the encryption: the envelope opens only as this log about this patient."""
    return f"{client_id} {about}"


def _tell(row: SealedLog, now: datetime) -> None:
    """Raise an alert at call_doctor_now: the phone judged the log urgent, and the server could not read it."""
    lock(row.patient_id)
    sign = alert_services.SignInput(SIGN, TIER, False, {})
    alert_services.raise_alert(patient=row.patient, tier=TIER, priority="P1", signs=[sign], now=now)


def _handled(row: SealedLog, now: datetime, *, state: str, why: str = "", log: DailyLog | None = None) -> None:
    rows = SealedLog.objects.filter(pk=row.pk).exclude(state=State.OPENED)
    rows.update(state=state, why=why, log=log, handled_at=now)
    row.refresh_from_db()


# --- Envelopes whose request died before they were opened ---


def open_due(now: datetime, seconds: float = LONG_SECONDS) -> int:
    """Open the envelopes whose request died; returns how many it handled."""
    return walk(SWEEP, now, seconds=seconds)


def _open_one(pk: int, now: datetime) -> bool:
    rows = SealedLog.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.select_related("patient__clinic", "phone_key__user").filter(pk=pk, state=State.RECEIVED).first()
    if row is not None:
        open_row(row, now)
    return row is not None


def _tell_of(pk: int, now: datetime) -> None:
    """Raise an alert for an envelope whose opening failed, so that staff call; the sweep tries it again."""
    _tell(SealedLog.objects.select_related("patient__clinic").get(pk=pk), now)


SWEEP = Sweep(
    name="sealed",
    words="An urgent log, which a phone sent and nobody has opened",
    due=lambda now: SealedLog.objects.filter(state=State.RECEIVED, received_at__lt=now - SWEEP_AFTER),
    handle=_open_one,
    order=("received_at", "pk"),
    clinic="patient__clinic_id",
    patient="patient_id",
    instead=_tell_of,
)


# --- Deleting old envelopes, and opening old ones with a key that was put back ---


def take_out(now: datetime) -> tuple[int, int]:
    """Empty old envelopes; their rows, hashes and logs stay. Returns how many (of logs, never opened).

    Keeps every envelope that is not handled yet, and an unopened one while its patient has an active alert: staff
    may still be asking about it.
    """
    there = SealedLog.objects.exclude(envelope="")
    opened = there.filter(state=State.OPENED, handled_at__lt=now - OPENED_KEPT).update(envelope="")
    waiting = Alert.objects.filter(patient=OuterRef("patient"), state__in=ACTIVE)
    given = there.filter(~Exists(waiting), state=State.GIVEN, handled_at__lt=now - GIVEN_KEPT)
    lost = given.update(envelope="")
    if opened or lost:
        words = "envelopes taken out: %s whose log is kept, %s that nobody could read in %s days"
        log_lines.warning(words, opened, lost, GIVEN_KEPT.days)
    return opened, lost


def open_again(now: datetime) -> tuple[int, int]:
    """Try the unopened envelopes again, after an old SECRET_KEY was put back.

    Returns how many (became logs, are still unopened).
    """
    rows = SealedLog.objects.filter(state=State.GIVEN, why="not_opened").exclude(envelope="")
    opened = 0
    for row in rows.select_related("patient__clinic", "phone_key__user").order_by("received_at", "pk").iterator():
        try:
            log = _submit(row, now)
        except Unreadable:
            continue
        _handled(row, now, state=State.OPENED, log=log)
        opened += 1
    return opened, rows.count()
