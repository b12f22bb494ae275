"""Load what a patient sees: their progress, what is allowed, the advice, and who has answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from alerts.lifecycle.answers import ACK_TTL_HOURS
from alerts.models import Alert, AlertSign, Delivery
from alerts.states import ACTIVE
from patients.models import HospitalStay, Patient, Procedure
from patients.prepared import Prepared
from patients.scoping import rows_of
from patients.tiers import CALL_911, URGENT
from patients.trouble import Parts
from recovery.care_plan.taken_back import taken_back
from recovery.models import Assessment, DailyLog
from recovery.plan.book import default_book
from recovery.plan.cards import NOTHING, Shown
from recovery.plan.milestones import MilestoneStatus, evaluate
from recovery.plan.told_early import TakenBack
from recovery.plan.waits import Wait
from recovery.selectors.arrivals import how_many_not_arrived
from recovery.selectors.care_messages import newest_message
from recovery.selectors.learn import shown
from recovery.selectors.notes import words_read
from recovery.selectors.waiting import waiting_columns
from recovery.settings.clinic_config import config_at, settings_of
from recovery.state import current_state, record
from recovery.triage import rulebook
from recovery.triage.config import Config

ANSWERED = (AlertSign.Ack.CONTACTED, AlertSign.Ack.EVALUATED)
# The last urgent message stays on Today until staff reached the patient, or for this long. "Seen" is not
# enough, because it changes nothing for the patient (clinical rules, ack steps).
BANNER_DAYS = 7
ICE_ASKED_HOURS = 24


@dataclass(frozen=True)
class MilestoneCard:
    """One milestone as the patient reads it. group: limit, allowed, ask, not_yet, done."""

    key: str
    kind: str
    title: str
    status: str
    text: str
    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    due_at: datetime | None
    wait: Wait | None = None
    # The card's own words say what to do whatever holds it.
    own_words: bool = False

    @property
    def group(self) -> str:
        """Return the card's group on Today."""
        if self.status == "active":
            return "limit" if self.kind == "limit" else "care"
        groups = {"reached": "allowed", "ask_first": "ask", "not_yet": "not_yet", "withheld": "not_yet"}
        return groups.get(self.status, "done")


@dataclass(frozen=True)
class AlertView:
    """The state of the patient's alert: who was told, who has seen it, the promised call-back, closed."""

    alert: Alert
    fallback_minutes: int
    now: datetime
    # When the first message to staff was sent since the alert's clock started; None before that.
    reached_at: datetime | None = None
    # When the first delivery was confirmed.
    delivered_at: datetime | None = None
    # One of its urgent signs had no contact in the last 48 h.
    unanswered: bool = True
    # Since when the patient waits; None when no call is due since the last contact.
    waits_since: datetime | None = None
    # When a call-back promised at the last contact was missed.
    promise_missed_at: datetime | None = None
    # The log's advice sends the patient to the ER at once (DF-47).
    er_now: bool = False
    # When the clinic got the log.
    received_at: datetime | None = None


@dataclass(frozen=True)
class TodayPage:
    """The content of Today, Plan and History."""

    patient: Patient
    procedure: Procedure | None
    now: datetime
    day: int
    cards: list[MilestoneCard]
    logs: list[DailyLog]
    banner: Assessment | None
    alert: AlertView | None
    logged_today: bool
    # The education cards and visit questions that fit now.
    learn: Shown = NOTHING
    # Notes that were sent too early, because a date moved afterwards.
    taken_back: Sequence[TakenBack] = ()
    # "ask": ask whether they want ice reminders; "on": they have them; "": show nothing.
    ice: str = ""
    # The parts that failed.
    missing: list[str] = field(default_factory=list)

    def group(self, name: str) -> list[MilestoneCard]:
        """Return the cards of one group, in the order of the book."""
        return [card for card in self.cards if card.group == name]


def open_procedure(patient: Patient) -> Procedure | None:
    """Return the patient's open procedure with settings, patient and clinic, in one statement; or None."""
    return next(iter(_open(patient=patient.pk)), None)


@Prepared
def _open(patient: int) -> QuerySet[Procedure]:
    rows = record.with_overrides(rows_of(Procedure, patient=patient).filter(closed_at__isnull=True))
    return rows.annotate(
        logs_not_arrived=how_many_not_arrived("patient"), newest_message=newest_message()
    ).order_by("pk")[:1]


def today(patient: Patient, now: datetime, *, helper: bool = False) -> TodayPage:
    """Load the page in three statements: the procedure with its settings, the signs, the logs with their alerts.

    helper: a helper reads it and gets cards of their own. Parts that fail are left out and named; the last urgent
    message and who has answered need only the stored verdicts.
    """
    procedure = open_procedure(patient)
    if procedure is None:
        return TodayPage(patient, None, now, 0, [], [], None, None, logged_today=False)
    parts = Parts("Today of patient", patient.pk)
    own_logs = with_alert(rows_of(DailyLog, procedure=procedure), now)
    logs = parts.many(_("Your logs"), partial(record.history, procedure, own_logs))
    banner = _banner(logs, now)
    at = parts.one(_("Your plan"), partial(current_state.with_logs, procedure, now, logs))
    state = parts.one(_("How you are now"), partial(current_state.state, at, [])) if at else None
    cards = learn = None
    if at and state:
        cards = parts.many(_("Your plan"), partial(_cards, at, state))
        learn = parts.one(_("Good to know"), partial(shown, at, state, helper=helper))
    return TodayPage(
        patient=patient,
        procedure=procedure,
        now=now,
        day=max(0, int(record.hours_at(procedure, now) // 24)),
        cards=cards or [],
        logs=logs,
        banner=banner,
        alert=parts.one(_("Who has answered"), partial(_alert, procedure, logs, now)),
        logged_today=_logged_today(procedure, logs, now),
        taken_back=parts.one(_("What you were told too early"), partial(taken_back, at)) or () if at else (),
        ice=parts.one(_("The question about ice"), partial(_ice, at)) or "" if at else "",
        # not NOTHING itself, which means call_911
        learn=NOTHING if banner and banner.tier == CALL_911 else learn or replace(NOTHING),
        missing=parts.missing,
    )


def _ice(at: current_state.Standing) -> str:
    """Return TodayPage.ice: on day 0, patients who may use ice are asked once (clinical rules, M-ICE-72H)."""
    procedure, allowed = at.procedure, at.record["clinic_overrides"].get("ice_ok") is not False
    ends = at.book.entry("M-ICE-72H").end_hours or 0
    if not allowed or not 0 <= at.hours < ends:
        return ""
    if procedure.ice_reminders:
        return "on"
    return "ask" if procedure.ice_answered_at is None and at.hours < ICE_ASKED_HOURS else ""


def _cards(at: current_state.Standing, state: dict[str, Any]) -> list[MilestoneCard]:
    return [] if at.hours < 0 else cards_of(evaluate(at.record, state, at.now, at.book))


def advice(patient: Patient, code: UUID, now: datetime) -> tuple[DailyLog, AlertView | None] | None:
    """Return one log of the patient with its assessment and its alert; None when there is no such log."""
    logs = with_alert(rows_of(DailyLog, patient=patient), now).annotate(
        clinic_settings=settings_of("patient__clinic")
    )
    log = logs.filter(code=code).select_related("procedure").first()
    if log is None:
        return None
    assessment = getattr(log, "assessment", None)
    alert = assessment.alert if assessment else None
    if not (alert and assessment):
        return log, None
    return log, _view(log, alert, config_at(log.clinic_settings, now), now)


def _view(log: DailyLog, alert: Alert, config: Config, now: datetime) -> AlertView:
    """Return the alert of a log loaded by with_alert."""
    assessment = getattr(log, "assessment", None)
    return AlertView(
        alert,
        fallback_minutes(assessment, config, getattr(log, "hurried", ())),
        now,
        reached_at=getattr(log, "reached_at", None),
        delivered_at=getattr(log, "delivered_at", None),
        unanswered=bool(getattr(log, "unanswered", True)),
        waits_since=getattr(log, "waits_since", None),
        promise_missed_at=getattr(log, "promise_missed_at", None),
        er_now=assessment.er_now if assessment else False,
        received_at=log.received_at,
    )


def with_alert(logs: QuerySet[DailyLog], now: datetime) -> QuerySet[DailyLog]:
    """Return the logs with all that AlertView needs.

    That is the assessment, its alert, who acknowledged it or tried to call, when its first message to staff was
    sent and delivered, whether and since when an urgent sign waits for a contact, and since when the patient is in
    the hospital.
    """
    reached = (
        rows_of(Delivery, alert=OuterRef("assessment__alert"))
        .filter(
            created_at__gte=OuterRef("assessment__alert__clock_started_at"),
            recipient__startswith="staff:",
            state__in=(Delivery.State.SENT, Delivery.State.DELIVERED),
            sent_at__isnull=False,
        )
        .exclude(channel="board")
    )
    arrived = reached.filter(delivered_at__isnull=False).order_by("delivered_at")
    answered = Q(ack__in=ANSWERED, acked_at__gte=now - timedelta(hours=ACK_TTL_HOURS))
    waiting = rows_of(AlertSign, alert=OuterRef("assessment__alert")).filter(
        ~answered, tier__in=URGENT, resolved_at__isnull=True
    )
    away = rows_of(HospitalStay, patient=OuterRef("patient")).filter(ended_at__isnull=True)
    logs = logs.select_related(
        "assessment__alert__acked_by__user",
        "assessment__alert__tried_by__user",
        "assessment__alert__seen_by_said_by__user",
    )
    return logs.annotate(
        reached_at=Subquery(reached.order_by("sent_at").values("sent_at")[:1]),
        delivered_at=Subquery(arrived.values("delivered_at")[:1]),
        unanswered=Exists(waiting),
        words_read=words_read(),
        in_hospital_since=Subquery(away.values("since")[:1]),
        **waiting_columns("assessment__alert", waiting),
    )


def fallback_minutes(assessment: Assessment | None, config: Config, hurried: Iterable[str] = ()) -> int:
    """Return the minutes without a call-back until the ER; fewer for bladder, bowel and weakness (DF-39).

    hurried: such signs of earlier logs that are still unanswered.
    """
    rules = [entry["id"] for entry in assessment.fired] if assessment else []
    return rulebook.fallback_minutes([*hurried, *rulebook.signs_of(rules)], config)


def cards_of(found: dict[str, MilestoneStatus]) -> list[MilestoneCard]:
    """Return a card for every milestone that applies to this patient, in the order of the book."""
    entries = {entry.id: entry for entry in default_book().entries}
    return [
        MilestoneCard(
            key=key,
            kind=entries[key].type,
            title=entries[key].title,
            status=status.status,
            text=status.text,
            reasons=status.reasons,
            sources=entries[key].sources,
            due_at=status.due_utc,
            wait=status.wait,
            own_words="withheld" in entries[key].texts,
        )
        for key, status in found.items()
        if status.status != "not_applicable"
    ]


def _banner(logs: list[DailyLog], now: datetime) -> Assessment | None:
    """Return the last urgent message without a contact yet, for at most seven days."""
    for log in logs:
        assessment = getattr(log, "assessment", None)
        if assessment is None or assessment.tier not in URGENT:
            continue
        if now - assessment.at > timedelta(days=BANNER_DAYS):
            return None
        active = assessment.alert is not None and assessment.alert.state in ACTIVE
        return assessment if active and getattr(log, "unanswered", True) else None
    return None


def _alert(procedure: Procedure, logs: list[DailyLog], now: datetime) -> AlertView | None:
    """Return the active urgent alert, found through the logs that belong to it."""
    for log in logs:
        assessment = getattr(log, "assessment", None)
        alert = assessment.alert if assessment else None
        if alert is not None and alert.state in ACTIVE and alert.tier in URGENT:
            return _view(log, alert, record.config(procedure, now), now)
    return None


def _logged_today(procedure: Procedure, logs: list[DailyLog], now: datetime) -> bool:
    zone = ZoneInfo(procedure.patient.timezone)
    return bool(logs) and logs[0].happened_at.astimezone(zone).date() == now.astimezone(zone).date()
