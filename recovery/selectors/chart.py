"""One patient's whole story for staff, in a counted number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from alerts.models import Alert, AlertEvent, AlertSign, Delivery
from patients.models import AccessEvent, ClinicOverride, Patient, Procedure
from recovery import standing
from recovery.models import Assessment, DailyLog, PatientContact
from recovery.plan.milestones import evaluate
from recovery.selectors.present import Known, present_of
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

    @property
    def active(self) -> Alert | None:
        """The alert that waits or is being answered."""
        return next((alert for alert in self.alerts if alert.state != Alert.State.RESOLVED), None)

    @property
    def assessments(self) -> list[Assessment]:
        """The verdicts of the shown logs, newest first."""
        return [log.assessment for log in self.logs if hasattr(log, "assessment")]


def chart(patient: Patient, now: datetime) -> Chart:
    """Twelve statements, however long the story is."""
    known = present_of(Patient.all_clinics.all(), patient.pk, now)
    procedure = open_procedure(patient)
    alerts = _alerts(patient)
    contacts = list(
        PatientContact.objects.filter(patient=patient)
        .select_related("staff__user")
        .order_by("-at", "-id")[:CONTACTS]
    )
    looks = list(AccessEvent.objects.filter(patient=patient).select_related("actor").order_by("-at")[:LOOKS])
    if procedure is None:
        return Chart(patient, None, now, 0.0, known, [], [], alerts, looks, contacts, [])
    at = standing.load(procedure, now, DailyLog.objects.select_related("assessment", "entered_by"))
    state = standing.state(at, [])
    return Chart(
        patient=patient,
        procedure=procedure,
        now=now,
        hours=at.hours,
        known=known,
        cards=cards_of(evaluate(at.record, state, now, at.book)),
        logs=at.logs,
        alerts=alerts,
        looks=looks,
        contacts=contacts,
        holds=_holds(procedure),
        taken_back=_told_early(at),
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
