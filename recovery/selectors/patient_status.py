"""Load how each of many patients is now, in one statement besides the one that finds them (patient_status)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject, Now

from alerts.lifecycle.selectors import signs_that_count
from alerts.models import Alert, AlertEvent, AlertSign
from patients.models import CallBack, HospitalStay, Patient, Procedure
from patients.scoping import rows_of
from patients.tiers import ON_TRACK, TIERS
from recovery.models import DailyLog
from recovery.plan.book import Book, book_for
from recovery.plan.reminders import silent_from
from recovery.selectors.arrivals import NotArrived, not_arrived_columns, read_not_arrived
from recovery.selectors.notes import unread
from recovery.settings.clinic_config import config_at, settings_of
from recovery.wording.log_words import HOSPITAL, UNREAD
from recovery.wording.patient_status import NOTHING_KNOWN, Facts, OpenSign, Present, present

# Most urgent first, unknown last.
MARKS = (*reversed(TIERS[1:]), UNREAD, HOSPITAL, ON_TRACK, NOTHING_KNOWN)


@dataclass(frozen=True)
class Stay:
    """A hospital stay: since when, the note, when staff last confirmed it, and whether they ever did."""

    since: datetime
    note: str
    checked_at: datetime
    confirmed: bool = True


@dataclass(frozen=True)
class Promised:
    """A promised call-back: by when and by whom."""

    due_at: datetime
    by: str


@dataclass
class Known:
    """How one patient is now, with the rows behind it."""

    present: Present
    ended_at: datetime | None
    closed_at: datetime | None
    stay: Stay | None
    alert: Alert | None = None
    signs: list[AlertSign] = field(default_factory=list)
    # At some time since the alert opened, no person of its escalation plan could be reached.
    unreached: bool = False
    # The first promised call-back, also a late one.
    call_back: Promised | None = None
    # Logs of phones that have not arrived.
    not_arrived: list[NotArrived] = field(default_factory=list)


@dataclass(frozen=True)
class PeopleNow:
    """How many patients have each mark (recovery.wording.log_words), are silent, new, or in the hospital."""

    tiers: list[tuple[str, int]]
    watched: int
    silent: int
    never_logged: int
    in_hospital: int


def with_facts(patients: QuerySet[Patient]) -> QuerySet[Patient]:
    """Return the patients with newest recovery, hospital stay, promised call-back and clinic settings."""
    newest = rows_of(Procedure, patient=OuterRef("pk")).order_by(
        F("closed_at").desc(nulls_first=True), "-ended_at"
    )
    stays = rows_of(HospitalStay, patient=OuterRef("pk"))
    back = stays.order_by().values("patient").annotate(at=Max("ended_at"))
    owed = rows_of(CallBack, patient=OuterRef("pk")).filter(settled_at__isnull=True).order_by("due_at")
    by = {"first": "promised_by__user__first_name", "last": "promised_by__user__last_name"}
    return patients.annotate(
        call_back=Subquery(owed.values(row=JSONObject(due_at="due_at", **by))[:1]),
        recovery=Subquery(newest.values(row=JSONObject(ended_at="ended_at", closed_at="closed_at"))[:1]),
        stay=Subquery(
            stays.filter(ended_at__isnull=True).values(
                row=JSONObject(
                    since="since", note="note", checked_at="checked_at", said_by="said_by", by="checked_by"
                )
            )[:1]
        ),
        back_at=Subquery(back.values("at")),
        not_arrived=not_arrived_columns("pk"),
        has_unread=Exists(unread(rows_of(DailyLog, patient=OuterRef("pk")), Now())),
        present_settings=settings_of("clinic"),
    )


def presents(patients: Iterable[Patient], now: datetime) -> dict[int, Known]:
    """Return how each patient is now, by id, in one statement. The patients must come from with_facts."""
    rows = list(patients)
    signs = _open_signs([row.pk for row in rows])
    settings = {row.clinic_id: _settings(row) for row in rows}
    books = {clinic: book_for(config_at(found, now)) for clinic, found in settings.items()}
    return {row.pk: _known(row, signs.get(row.pk, []), books[row.clinic_id], now) for row in rows}


def signs_now(patient: Patient, now: datetime) -> list[AlertSign]:
    """Return one patient's signs that count now, also for the plan, with their alerts; in one statement."""
    return list(_with_alerts(signs_that_count(patient.pk, now)))


def known_of(patient: Patient, signs: Iterable[AlertSign], now: datetime) -> Known:
    """Return how one patient of with_facts is now; runs no statement. signs: those of signs_now."""
    book = book_for(config_at(_settings(patient), now))
    return _known(patient, [sign for sign in signs if sign.resolved_at is None], book, now)


def as_stored(patient: Patient) -> Known:
    """Return a patient's state from the newest verdict alone, when the full state fails; never on track."""
    tier = patient.last_log_tier if patient.last_log_tier != ON_TRACK else NOTHING_KNOWN
    return Known(Present(tier, "", None, False, patient.last_log_at, False, None), None, None, None)


def people_now(patients: QuerySet[Patient], now: datetime) -> PeopleNow:
    """Count the patients in recovery by their state, most urgent first, unknown last; two statements."""
    watched = patients.filter(procedures__closed_at__isnull=True, procedures__isnull=False)
    watched = watched.only("clinic_id", "last_log_at", "last_log_tier")
    found = [known.present for known in presents(with_facts(watched), now).values()]
    counted = Counter(one.mark for one in found)
    return PeopleNow(
        tiers=[(tier, counted[tier]) for tier in MARKS],
        watched=len(found),
        silent=sum(one.silent for one in found),
        never_logged=sum(one.never_logged for one in found),
        in_hospital=sum(one.in_hospital_since is not None for one in found),
    )


def _open_signs(patient_ids: list[int]) -> dict[int, list[AlertSign]]:
    """Return the open signs with their active alerts; an active alert always has an open sign."""
    rows = rows_of(AlertSign, patient=patient_ids).filter(resolved_at__isnull=True)
    found: dict[int, list[AlertSign]] = {}
    for sign in _with_alerts(rows.order_by("opened_at", "id")):
        found.setdefault(sign.patient_id, []).append(sign)
    return found


def _with_alerts(signs: QuerySet[AlertSign]) -> QuerySet[AlertSign]:
    """Return the signs with their alerts, and whether nobody could be reached about the alert."""
    reached_nobody = rows_of(AlertEvent, alert=OuterRef("alert")).filter(
        what="nobody_reachable", at__gte=OuterRef("alert__clock_started_at")
    )
    return signs.annotate(unreached=Exists(reached_nobody)).select_related("alert__acked_by__user")


def _settings(row: Any) -> Any:
    return row.present_settings


def _known(row: Any, signs: list[AlertSign], book: Book, now: datetime) -> Known:
    recovery: Mapping[str, Any] = row.recovery or {}
    ended_at, closed_at = _at(recovery.get("ended_at")), _at(recovery.get("closed_at"))
    stay = _stay(row.stay) if row.stay else None
    alert = signs[0].alert if signs else None
    logged = row.last_log_at is not None and ended_at is not None and row.last_log_at >= min(ended_at, now)
    facts = Facts(
        watched=ended_at is not None and closed_at is None,
        last_log_at=row.last_log_at if logged else None,
        last_log_tier=row.last_log_tier if logged else "",
        alert_tier=alert.tier if alert else "",
        signs=[OpenSign(sign.sign, sign.tier, sign.opened_at) for sign in signs],
        silent_from=_silent_from(row, ended_at, book, now) if ended_at else None,
        in_hospital_since=stay.since if stay else None,
        unread=row.has_unread,
    )
    unreached = bool(signs and getattr(signs[0], "unreached", False))
    waits = read_not_arrived(row.not_arrived) if facts.watched else []
    return Known(present(facts, now), ended_at, closed_at, stay, alert, signs, unreached, _promised(row), waits)


def _silent_from(row: Any, ended_at: datetime, book: Book, now: datetime) -> datetime:
    """Return when silence becomes a sign, counted from the last of: log, procedure, return from hospital."""
    heard_at = max(at for at in (row.last_log_at, ended_at, row.back_at) if at)
    return silent_from(heard_at, (now - ended_at).total_seconds() / 3600, book)


def _promised(row: Any) -> Promised | None:
    found: Mapping[str, Any] | None = row.call_back
    at = _at(found["due_at"]) if found else None
    return Promised(at, f"{found['first']} {found['last']}".strip()) if found and at else None


def _stay(row: Mapping[str, Any]) -> Stay:
    """Return a stay; one that only the patient or a helper told of is not confirmed until staff checked it."""
    confirmed = row["said_by"] is None or row["by"] is not None
    return Stay(_at(row["since"]), row["note"], _at(row["checked_at"]), confirmed)  # type: ignore[arg-type]


def _at(value: str | datetime | None) -> datetime | None:
    """Read a moment from the database's JSON text, which has an offset."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
