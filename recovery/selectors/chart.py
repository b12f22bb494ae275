"""One patient's whole story for staff, in a counted number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Prefetch

from alerts.models import Alert, AlertEvent, AlertSign, Delivery
from patients.models import AccessEvent, ClinicOverride, Patient, Procedure
from patients.trouble import Parts
from recovery import record, standing
from recovery.models import Assessment, DailyLog, PatientContact
from recovery.plan.milestones import evaluate
from recovery.selectors.present import Known, as_stored, present_of
from recovery.selectors.today import Card, cards_of, open_procedure
from recovery.taken_back import notes_taken_back

ALERTS = 20
CONTACTS = 50
LOOKS = 30


@dataclass(frozen=True)
class ToldEarly:
    """One step that was told before its time, because a date moved afterwards."""

    title: str
    told_at: datetime
    taken_back_at: datetime


@dataclass(frozen=True)
class Chart:
    """Procedure and plan, logs with verdicts, alerts with signs, events and deliveries, and who looked."""

    patient: Patient
    procedure: Procedure | None
    now: datetime
    hours: float
    known: Known
    cards: list[Card]
    logs: list[DailyLog]
    alerts: list[Alert]
    looks: list[AccessEvent]
    contacts: list[PatientContact]
    holds: list[ClinicOverride]
    # What the patient had been told before its time: the milestone, when it was told, when it was taken back.
    taken_back: Sequence[ToldEarly] = ()
    # The parts that could not be worked out.
    missing: list[str] = field(default_factory=list)

    @property
    def active(self) -> Alert | None:
        """The alert that waits or is being answered."""
        return next((alert for alert in self.alerts if alert.state != Alert.State.RESOLVED), None)

    @property
    def assessments(self) -> list[Assessment]:
        """The verdicts of the shown logs, newest first."""
        return [log.assessment for log in self.logs if hasattr(log, "assessment")]


def chart(patient: Patient, now: datetime) -> Chart:
    """Twelve statements, however long the story is.

    What cannot be worked out is left out and named: the chart opens all the same.
    """
    parts = Parts("chart of patient", patient.pk)
    of_patient = partial(present_of, Patient.all_clinics.all(), patient.pk, now)
    known = parts.one("How the patient is now", of_patient) or as_stored(patient)
    procedure = parts.one("The recovery", partial(open_procedure, patient))
    story: dict[str, Any] = {
        "alerts": parts.many("Alerts", partial(_alerts, patient)),
        "looks": parts.many("Who looked at this record", partial(_looks, patient)),
        "contacts": parts.many("Contacts and notes", partial(_contacts, patient)),
    }
    if procedure is None:
        return Chart(patient, None, now, 0.0, known, [], [], holds=[], missing=parts.missing, **story)
    logs = parts.many("Logs", partial(_logs, procedure))
    at = parts.one("Plan", partial(standing.with_logs, procedure, now, logs))
    state = parts.one("Plan", partial(standing.state, at, [])) if at else None
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
        taken_back=parts.many("What was told too early", partial(_told_early, at)) if at else [],
        missing=parts.missing,
        **story,
    )


def _told_early(at: standing.Standing) -> list[ToldEarly]:
    """Newest first; no statement of its own."""
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


def _holds(procedure: Procedure) -> list[ClinicOverride]:
    """What the clinic set for this one patient and still counts, with who set it."""
    live = ClinicOverride.objects.filter(procedure=procedure, ended_at__isnull=True)
    return list(live.select_related("staff__user").order_by("-set_at", "-id"))


def _contacts(patient: Patient) -> list[PatientContact]:
    rows = PatientContact.objects.filter(patient=patient).select_related("staff__user")
    return list(rows.order_by("-at", "-id")[:CONTACTS])


def _logs(procedure: Procedure) -> list[DailyLog]:
    return record.history(procedure, DailyLog.objects.select_related("assessment", "entered_by"))


def _cards(at: standing.Standing, state: dict[str, Any]) -> list[Card]:
    return cards_of(evaluate(at.record, state, at.now, at.book))


def _looks(patient: Patient) -> list[AccessEvent]:
    return list(AccessEvent.objects.filter(patient=patient).select_related("actor").order_by("-at")[:LOOKS])


def _alerts(patient: Patient) -> list[Alert]:
    """The newest alerts with everything that happened to them."""
    events = AlertEvent.objects.select_related("staff__user").order_by("at", "id")
    return list(
        Alert.objects.filter(patient=patient)
        .select_related("acked_by__user", "resolved_by__user", "tried_by__user")
        .prefetch_related(
            Prefetch("signs", AlertSign.objects.order_by("opened_at", "id")),
            Prefetch("events", events),
            Prefetch("deliveries", Delivery.objects.order_by("created_at", "id")),
        )
        .order_by("-opened_at")[:ALERTS]
    )
