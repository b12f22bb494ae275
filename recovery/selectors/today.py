"""What a patient sees: where they are, what is allowed, what was said, and who has answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from alerts.lifecycle.answers import ACK_TTL_HOURS
from alerts.models import Alert, AlertSign, Delivery
from alerts.states import ACTIVE
from patients.models import HospitalStay, Patient, Procedure
from patients.scoping import rows_of
from patients.tiers import CALL_911, URGENT
from patients.trouble import Parts
from recovery.care_plan.taken_back import taken_back
from recovery.models import Assessment, DailyLog
from recovery.plan.book import default_book
from recovery.plan.cards import NOTHING, Shown
from recovery.plan.milestones import MilestoneStatus, evaluate
from recovery.plan.told_early import TakenBack
from recovery.selectors.arrivals import how_many_not_arrived
from recovery.selectors.learn import shown
from recovery.selectors.notes import words_read
from recovery.selectors.waiting import waiting_columns
from recovery.settings.clinic_config import config_at, settings_of
from recovery.state import current_state, record
from recovery.triage import rulebook
from recovery.triage.config import Config

ANSWERED = (AlertSign.Ack.CONTACTED, AlertSign.Ack.EVALUATED)
# The last urgent message stays on the home screen until somebody was in touch, or this long. "Seen" is not
# enough: it changes nothing for the patient (clinical rules, ack steps).
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

    @property
    def group(self) -> str:
        """Where the card stands on Today."""
        if self.status == "active":
            return "limit" if self.kind == "limit" else "care"
        groups = {"reached": "allowed", "ask_first": "ask", "not_yet": "not_yet", "withheld": "not_yet"}
        return groups.get(self.status, "done")


@dataclass(frozen=True)
class AlertView:
    """The true state of the patient's alert: told, seen by whom, called back by when, closed."""

    alert: Alert
    fallback_minutes: int
    now: datetime
    # When the first message of the present run of the clock left for a person; None while none has.
    reached_at: datetime | None = None
    # When its arrival was confirmed.
    delivered_at: datetime | None = None
    # Nobody has spoken with the patient about one of its urgent signs in the last 48 h.
    unanswered: bool = True
    # Since when the patient waits; None when nothing has asked for a call since the last contact.
    waits_since: datetime | None = None
    # A call-back promised at the last contact did not come.
    promise_missed_at: datetime | None = None
    # The log's advice sends the patient to the ER at once (DF-47).
    er_now: bool = False


@dataclass(frozen=True)
class TodayPage:
    """Everything Today, Plan and History show."""

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
    # What they had been told before its time, because a date moved afterwards.
    taken_back: Sequence[TakenBack] = ()
    # "ask": whether they want to be reminded to use ice; "on": they do; empty: nothing to say of it.
    ice: str = ""
    # The parts that could not be worked out.
    missing: list[str] = field(default_factory=list)

    def group(self, name: str) -> list[MilestoneCard]:
        """The cards of one group, in the order of the book."""
        return [card for card in self.cards if card.group == name]


def open_procedure(patient: Patient) -> Procedure | None:
    """The recovery being watched, with its live settings, patient and clinic, in one statement."""
    rows = record.with_overrides(rows_of(Procedure, patient=patient).filter(closed_at__isnull=True))
    return rows.annotate(logs_not_arrived=how_many_not_arrived("patient")).first()


def today(patient: Patient, now: datetime, *, helper: bool = False) -> TodayPage:
    """Three statements: the procedure with its settings, the signs, the logs with their alerts.

    helper: whether a helper reads it, who gets cards of their own. What cannot be worked out is left out and
    named; the last urgent message and who has answered rest on the stored verdicts alone.
    """
    procedure = open_procedure(patient)
    if procedure is None:
        return TodayPage(patient, None, now, 0, [], [], None, None, logged_today=False)
    parts = Parts("Today of patient", patient.pk)
    own_logs = with_alert(rows_of(DailyLog, procedure=procedure), now)
    logs = parts.many("Your logs", partial(record.history, procedure, own_logs))
    banner = _banner(logs, now)
    at = parts.one("Your plan", partial(current_state.with_logs, procedure, now, logs))
    state = parts.one("How you are now", partial(current_state.state, at, [])) if at else None
    cards = learn = None
    if at and state:
        cards = parts.many("Your plan", partial(_cards, at, state))
        learn = parts.one("Good to know", partial(shown, at, state, helper=helper))
    return TodayPage(
        patient=patient,
        procedure=procedure,
        now=now,
        day=max(0, int(record.hours_at(procedure, now) // 24)),
        cards=cards or [],
        logs=logs,
        banner=banner,
        alert=parts.one("Who has answered", partial(_alert, procedure, logs, now)),
        logged_today=_logged_today(procedure, logs, now),
        taken_back=parts.one("What you were told too early", partial(taken_back, at)) or () if at else (),
        ice=parts.one("The question about ice", partial(_ice, at)) or "" if at else "",
        # another empty one than NOTHING, which means: call 911 first
        learn=NOTHING if banner and banner.tier == CALL_911 else learn or replace(NOTHING),
        missing=parts.missing,
    )


def _ice(at: current_state.Standing) -> str:
    """Asked once, on day 0, of whoever may use ice (clinical rules, M-ICE-72H)."""
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
    """One own log with its judgement and the alert it belongs to; None when there is no such log."""
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
    """The alert of a log loaded by with_alert."""
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
    )


def with_alert(logs: QuerySet[DailyLog], now: datetime) -> QuerySet[DailyLog]:
    """The same logs with their assessment, its alert, who took that or tried to call, when its first message left
    for a person and arrived, whether, and since when, an urgent sign waits for a contact, and since when the
    patient is in the hospital."""
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
    """Minutes without a call back until the ER: fewer for bladder, bowel and weakness (DF-39).

    hurried: such signs of earlier logs that nobody has answered yet.
    """
    rules = [entry["id"] for entry in assessment.fired] if assessment else []
    return rulebook.fallback_minutes([*hurried, *rulebook.signs_of(rules)], config)


def cards_of(found: dict[str, MilestoneStatus]) -> list[MilestoneCard]:
    """Every milestone that concerns this patient, as a card, in the order of the book."""
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
        )
        for key, status in found.items()
        if status.status != "not_applicable"
    ]


def _banner(logs: list[DailyLog], now: datetime) -> Assessment | None:
    """The last urgent message about which nobody was in touch yet, for at most seven days."""
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
    """The active urgent alert, found beside the logs that belong to it."""
    for log in logs:
        assessment = getattr(log, "assessment", None)
        alert = assessment.alert if assessment else None
        if alert is not None and alert.state in ACTIVE and alert.tier in URGENT:
            return _view(log, alert, record.config(procedure, now), now)
    return None


def _logged_today(procedure: Procedure, logs: list[DailyLog], now: datetime) -> bool:
    zone = ZoneInfo(procedure.patient.timezone)
    return bool(logs) and logs[0].happened_at.astimezone(zone).date() == now.astimezone(zone).date()
