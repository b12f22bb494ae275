"""Load the chart of one patient in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import JSONObject

from alerts.models import Alert, AlertEvent, AlertSign, Delivery
from patients.models import AccessEvent, Caregiver, ClinicOverride, Patient, Procedure
from patients.scoping import joined, rows_of
from patients.selectors.people import live_helpers
from patients.services.records import changes
from patients.trouble import Parts
from patients.values.capped_lists import ALL, Capped, capped
from recovery.care_plan.taken_back import OPEN_STATES, notes_taken_back
from recovery.models import Assessment, DailyLog, PatientContact, Reminder
from recovery.plan.milestones import evaluate
from recovery.selectors.patient_status import Known, as_stored, known_of, signs_now
from recovery.selectors.today import MilestoneCard, cards_of
from recovery.state import current_state, record
from recovery.triage.expected import Expected, expected

BY = {"first": "staff__user__first_name", "last": "staff__user__last_name", "email": "staff__user__email"}
ALERTS = 20
CONTACTS = 50
LOOKS = 30


@dataclass(frozen=True)
class ToldEarly:
    """One milestone whose note was sent too early, because a date moved afterwards."""

    title: str
    told_at: datetime
    taken_back_at: datetime


@dataclass(frozen=True)
class Hold:
    """A setting of this recovery that counts now: its row, its value, and who set it, when and why."""

    pk: int
    key: str
    value: Any
    reason: str
    by: str
    set_at: datetime


@dataclass(frozen=True)
class PlanNote:
    """A note of the plan that will not be due again; sent_at: None when it was dropped."""

    key: str
    milestone: str
    sent_at: datetime | None


@dataclass(frozen=True)
class Chart:
    """Procedure, plan, logs with verdicts, alerts with signs, events and deliveries, and who opened the chart."""

    patient: Patient
    procedure: Procedure | None
    now: datetime
    hours: float
    known: Known
    cards: list[MilestoneCard]
    logs: list[DailyLog]
    alerts: list[Alert]
    looks: list[AccessEvent]
    contacts: list[PatientContact]
    # The helpers who may be told about an alert, with their phone numbers.
    helpers: list[Caregiver]
    holds: list[Hold]
    # What the rule book expects of this patient; None without a recovery, or when it failed.
    expected: Expected | None = None
    # All of the recovery was asked for, not its newest rows.
    whole: bool = False
    # When the newest note of a milestone was sent, by milestone id.
    told: dict[str, datetime] = field(default_factory=dict)
    # The notes that were sent too early and taken back.
    taken_back: Sequence[ToldEarly] = ()
    # The parts of the chart that failed.
    missing: list[str] = field(default_factory=list)
    # How many older rows each list leaves out; for logs, whether there may be any.
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def active(self) -> Alert | None:
        """Return the active alert."""
        return next((alert for alert in self.alerts if alert.state != Alert.State.RESOLVED), None)

    @property
    def assessments(self) -> list[Assessment]:
        """Return the verdicts of the shown logs, newest first."""
        return [log.assessment for log in self.logs if hasattr(log, "assessment")]


def chart(patient: Patient, now: datetime, *, whole: bool = False) -> Chart:
    """Load the chart in ten statements, however much there is. whole: load old rows too.

    The patient must come from patient_status.with_facts. Parts that fail are left out and named, so that the chart
    always opens.
    """
    parts = Parts("chart of patient", patient.pk)
    signs = parts.one("How the patient is now", partial(signs_now, patient, now))
    known = as_stored(patient)
    if signs is not None:
        known = parts.one("How the patient is now", partial(known_of, patient, signs, now)) or known
    procedure = parts.one("The recovery", partial(_recovery, patient))
    lists = {
        "alerts": parts.one("Alerts", partial(_alerts, patient, ALL if whole else ALERTS)),
        "looks": parts.one("Who looked at this record", partial(_looks, patient, ALL if whole else LOOKS)),
        "contacts": parts.one("Contacts and notes", partial(_contacts, patient, ALL if whole else CONTACTS)),
    }
    story: dict[str, Any] = {name: found.rows if found else [] for name, found in lists.items()}
    story["left_out"] = {name: found.left_out for name, found in lists.items() if found}
    story["helpers"] = parts.many("Helpers", partial(live_helpers, patient.pk, now))
    if procedure is None:
        return Chart(patient, None, now, 0.0, known, [], [], holds=[], missing=parts.missing, **story)
    logs = parts.many("Logs", partial(_logs, procedure, ALL if whole else record.HISTORY_LOGS))
    # Reading one row more would cost every chart a statement, so a full list only "may have" older logs.
    story["left_out"]["logs"] = not whole and len(logs) >= record.HISTORY_LOGS - 5
    at = parts.one("Plan", partial(current_state.with_logs, procedure, now, logs, signs))
    notes = parts.one("Plan", partial(_notes, procedure))
    sent = None if notes is None else [note.key for note in notes]
    state = parts.one("Plan", partial(current_state.state, at, sent)) if at and sent is not None else None
    cards = parts.many("Plan", partial(_cards, at, state)) if at and state else []
    return Chart(
        patient=patient,
        procedure=procedure,
        now=now,
        hours=record.hours_at(procedure, now),
        known=known,
        cards=cards,
        logs=logs,
        holds=parts.many("Set for this patient", partial(_holds, procedure)),
        expected=parts.one("What is expected", partial(expected, at.record, config=at.config)) if at else None,
        whole=whole,
        told={note.milestone: note.sent_at for note in notes or [] if note.sent_at},
        taken_back=parts.many("What was told too early", partial(_told_early, at)) if at else [],
        missing=parts.missing,
        **story,
    )


def _told_early(at: current_state.Standing) -> list[ToldEarly]:
    """Return the notes taken back, newest first; runs no statement."""
    rows = reversed(notes_taken_back(at.procedure))
    return [
        ToldEarly(
            at.book.entry(row["milestone"]).title,
            datetime.fromisoformat(row["told_at"]),
            datetime.fromisoformat(row["taken_back_at"]),
        )
        for row in rows
        if row["milestone"] in at.book.ids
    ]


def _recovery(patient: Patient) -> Procedure | None:
    """Return the open recovery with what staff set for it and the plan's notes, in one statement; or None."""
    rows = record.with_overrides(rows_of(Procedure, patient=patient).filter(closed_at__isnull=True))
    live = rows_of(ClinicOverride, procedure=OuterRef("pk")).filter(ended_at__isnull=True)
    hold = JSONObject(pk="pk", key="key", value="value", reason="reason", set_at="set_at", **BY)
    notes = rows_of(Reminder, procedure=OuterRef("pk")).filter(milestone__gt="").exclude(state__in=OPEN_STATES)
    note = JSONObject(key="key", milestone="milestone", state="state", at="handled_at")
    return rows.annotate(
        holds=ArraySubquery(live.order_by("-set_at", "-pk").values(hold=hold)),
        notes=ArraySubquery(notes.order_by("handled_at", "pk").values(note=note)),
        days_said=ArraySubquery(_said_of_days()),
        newest_change=Subquery(changes().filter(patient=OuterRef("patient")).order_by("-pk").values("pk")[:1]),
    ).first()


def _said_of_days() -> QuerySet[Any]:
    """Return the newest note about each day of the plan, for an ArraySubquery of the recovery's patient."""
    said = rows_of(PatientContact, patient=OuterRef("patient")).filter(about__gt="", at__gte=OuterRef("ended_at"))
    row = JSONObject(about="about", note="note", at="at", **BY)
    return said.order_by("about", "-at", "-pk").distinct("about").values(row=row)


def _holds(procedure: Procedure) -> list[Hold]:
    """Return the overrides that still count, newest first; runs no statement."""
    rows: list[dict[str, Any]] = getattr(procedure, "holds", None) or []
    return [
        Hold(
            row["pk"],
            row["key"],
            row["value"],
            row["reason"],
            f"{row['first']} {row['last']}".strip() or row["email"],
            datetime.fromisoformat(row["set_at"]),
        )
        for row in rows
    ]


def _notes(procedure: Procedure) -> list[PlanNote]:
    """Return the plan's notes that were sent or dropped, oldest first; none of them will be due again."""
    rows: list[dict[str, Any]] = getattr(procedure, "notes", None) or []
    sent = Reminder.State.SENT
    return [
        PlanNote(
            row["key"],
            row["milestone"],
            datetime.fromisoformat(row["at"]) if row["state"] == sent and row["at"] else None,
        )
        for row in rows
    ]


def _contacts(patient: Patient, most: int) -> Capped[PatientContact]:
    rows = rows_of(PatientContact, patient=patient).select_related("staff__user")
    return capped(rows.order_by("-at", "-id"), most)


def _logs(procedure: Procedure, most: int) -> list[DailyLog]:
    return record.history(
        procedure, rows_of(DailyLog, procedure=procedure).select_related("assessment", "entered_by"), most
    )


def _cards(at: current_state.Standing, state: dict[str, Any]) -> list[MilestoneCard]:
    return cards_of(evaluate(at.record, state, at.now, at.book))


def _looks(patient: Patient, most: int) -> Capped[AccessEvent]:
    return capped(rows_of(AccessEvent, patient=patient).select_related("actor").order_by("-at"), most)


def _alerts(patient: Patient, most: int) -> Capped[Alert]:
    """Return the newest alerts with their signs, events and deliveries."""
    events = joined(AlertEvent).select_related("staff__user").order_by("at", "id")
    rows = (
        rows_of(Alert, patient=patient)
        .select_related("acked_by__user", "resolved_by__user", "tried_by__user")
        .prefetch_related(
            Prefetch("signs", joined(AlertSign).order_by("opened_at", "id")),
            Prefetch("events", events),
            Prefetch("deliveries", joined(Delivery).order_by("created_at", "id")),
        )
        .order_by("-opened_at")
    )
    return capped(rows, most)
