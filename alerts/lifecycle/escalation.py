"""One tick of the clock: each due alert takes its next step. Messages and next due time: one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from alerts.clock import ahead, db_now
from alerts.failpoints import failpoint
from alerts.lifecycle.clock_runs import RUN_FIELDS, restart
from alerts.lifecycle.fallback_paging import page_plainly
from alerts.lifecycle.patient_status import refresh_status
from alerts.messaging import outbox, webhooks
from alerts.messaging.codes import give_codes
from alerts.models import Alert, AlertEvent, Delivery
from alerts.oncall.roster import Roster, rosters
from alerts.policy.plan import (
    BOARD_ONLY,
    CALL,
    NO_PERSON,
    URGENT_CHANNELS,
    Move,
    Plan,
    Step,
    call_after,
    next_move,
    reaches,
    read_plan,
)
from alerts.screens import live
from alerts.states import ACTIVE
from alerts.sweeping.one_by_one import Sweep, walk
from patients.models import Staff
from patients.tiers import CALL_911, CALL_DOCTOR_NOW, WATCH

# A page older than this is given up: by then the plan has told others.
SEND_WITHIN_MINUTES = {CALL_911: 30, CALL_DOCTOR_NOW: 60, WATCH: 24 * 60}

Recipients = list[tuple[Staff, str]]


@dataclass
class _Turn:
    """What one tick writes for one alert."""

    alert: Alert
    now: datetime
    events: list[AlertEvent] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    reopened: bool = False

    def note(self, what: str, **detail: Any) -> None:
        """Add an event to write."""
        self.events.append(AlertEvent(alert=self.alert, at=self.now, what=what, detail=detail))


def advance_due(now: datetime | None = None, limit: int = 200) -> int:
    """Move every due alert one step on, about `limit` at most. Returns how many were moved.

    The database's clock decides what is due unless now is given. Two concurrent callers never move the same alert.
    """
    return walk(ALERTS, now or db_now(), most=limit)


def _due(now: datetime) -> QuerySet[Alert]:
    return Alert.objects.filter(state__in=ACTIVE, next_step_at__lte=now)


def _advance_together(ids: Sequence[int], now: datetime) -> int:
    # Alphabetical order is order of urgency: call_911, call_doctor_now, watch.
    return _advance(_due(now).filter(pk__in=ids).order_by("tier", "next_step_at"), now)


def _advance_alone(pk: int, now: datetime) -> bool:
    return bool(_advance(_due(now).filter(pk=pk), now))


def _advance(due: QuerySet[Alert], now: datetime) -> int:
    """Lock and move the due alerts, all or none, in the transaction of the walk. Returns how many were moved.

    It locks an alert together with its patient and skips it when another transaction holds either row, so there
    is no deadlock.
    """
    rows = due.select_related("patient").select_for_update(skip_locked=True, no_key=True, of=("self", "patient"))
    alerts = list(rows)
    if alerts:
        known = rosters((alert.clinic_id for alert in alerts), now)
        give_codes(alerts)
        _write([_turn(alert, known[alert.clinic_id], now) for alert in alerts], now)
        transaction.on_commit(lambda: failpoint("after_escalate_commit"))
    return len(alerts)


ALERTS = Sweep(
    name="alerts",
    words="An alert, and whom it tells next",
    due=_due,
    handle=_advance_alone,
    together=_advance_together,
    instead=page_plainly,
    first=("tier",),
    order=("next_step_at", "pk"),
    patient="patient_id",
    renewed="next_step_at",
    again_seconds=(2, 60),
)


def catch_up(now: datetime | None = None, limit: int = 200) -> int:
    """After the database's clock was set back, make every active alert due whose last event lies in the future.

    Otherwise its next step would come late by as much as the clock was set back. Too early is safe, too late is
    not. Returns how many alerts were made due.
    """
    to_come = AlertEvent.objects.filter(at__gt=ahead(now))
    # Almost always nothing is to come: then this one look at the end of an index is the whole cost.
    if not to_come.order_by("-at").values_list("pk")[:1]:
        return 0
    last = AlertEvent.objects.filter(alert=OuterRef("pk")).order_by("-id").values("at")[:1]
    rows = Alert.objects.filter(state__in=ACTIVE, pk__in=to_come.values("alert")).alias(last_at=Subquery(last))
    with transaction.atomic():
        locked = rows.filter(last_at__gt=ahead(now)).select_for_update(skip_locked=True, no_key=True)
        ids = list(locked.order_by("tier").values_list("pk", flat=True)[:limit])
        if ids:
            at = now or db_now()
            Alert.objects.filter(pk__in=ids).update(next_step_at=at)
            AlertEvent.objects.bulk_create(AlertEvent(alert_id=pk, at=at, what="clock_set_back") for pk in ids)
    return len(ids)


def _turn(alert: Alert, roster: Roster, now: datetime) -> _Turn:
    """Move one alert: re-open it when its acknowledgement ran out, then take the plan's step."""
    turn = _Turn(alert, now)
    if alert.state == Alert.State.ACKED:
        turn.note(_why_again(alert, now), staff=alert.acked_by_id)
        restart(alert, now)
        turn.reopened = True
    plan = read_plan(alert.plan, alert.plan_tier)
    at = (alert.reopened, alert.round, alert.step)
    told, step, move = _first_reachable(turn, plan, roster)
    alert.round, alert.step, alert.next_step_at = move.next_round, move.next_step, move.wake_at
    turn.deliveries = [
        _delivery(alert, at, recipient, channel, now)
        for person, channel in told
        for recipient in roster.recipients(person, channel)
    ]
    _let_calls_follow(turn, told, step, move.wake_at - now)
    # A call that comes later has an event of its own.
    channels = sorted({row.channel for row in turn.deliveries if row.due_at <= now})
    if turn.reopened or NO_PERSON in step.channels:
        turn.deliveries += webhooks.rows_for(alert, "alert.reopened" if turn.reopened else "alert.escalated", now)
    _in_turn(turn.deliveries)
    names = {person.pk: person.name for person, _ in told}
    if told:
        turn.note("told", audience=step.audience_words, staff=names, channels=channels)
    return turn


def _why_again(alert: Alert, now: datetime) -> str:
    """The event that says why a taken alert opens again.

    A snooze ended, the holder did not answer (at first, or about a sign that is still there), the patient was not
    examined in time, a promised call-back or the next check came due, or the contact ran out.
    """
    if alert.snoozed_until:
        return "snooze_ended"
    if alert.told_again_at:
        return "still_there_unanswered"
    if alert.seen_by and alert.acked_at and alert.acked_at < alert.seen_by <= now:
        return "not_seen_in_time"
    talked = alert.contacted_at and alert.acked_at and alert.contacted_at >= alert.acked_at
    if not talked or alert.tries:
        return "ack_expired"
    if alert.call_back_by and alert.call_back_by <= now:
        return "call_back_missed"
    if alert.next_check_at and alert.next_check_at <= now:
        return "check_due"
    return "contact_ran_out"


def _first_reachable(turn: _Turn, plan: Plan, roster: Roster) -> tuple[Recipients, Step, Move]:
    """The due step, or the next one that reaches a person; when no step does, the roster's last resort."""
    round_, number = turn.alert.round, turn.alert.step
    for _ in plan.steps:
        move = next_move(plan, round_, number, turn.now)
        if move.step.audience == "nurse_on_call" and not roster.nurses_on_call():
            turn.note("no_one_on_call")
        told = roster.reachable(roster.audience(move.step), move.step.channels)
        if reaches(move.step, (channel for _, channel in told)):
            return told, move.step, move
        turn.note("step_empty", step=number, audience=move.step.audience_words)
        if move.next_round > round_:
            break
        number = move.next_step
    turn.note("nobody_reachable")
    channels = BOARD_ONLY if turn.alert.tier == Alert.Tier.WATCH else URGENT_CHANNELS
    return roster.last_resort(channels), Step(0, "everyone"), move


def _delivery(alert: Alert, at: tuple[int, int, int], recipient: str, channel: str, now: datetime) -> Delivery:
    run, round_, step = at
    # The board needs no provider: its row counts as delivered when it is written.
    arrived = (
        {"state": Delivery.State.DELIVERED, "sent_at": now, "delivered_at": now} if channel == "board" else {}
    )
    return Delivery(
        key=f"alert:{alert.pk}:c{run}:r{round_}:s{step}:{recipient}:{channel}",
        channel=channel,
        recipient=recipient,
        message="staff_alert",
        # run and step of the alert after this one: a failed page moves the next step forward only while they match
        context={"waits_for": [run, alert.step], "code": alert.ack_code, **_for_push(alert, channel, now)},
        alert=alert,
        urgency=outbox.urgency_of(alert.plan_tier),
        created_at=now,
        due_at=now,
        send_by=now + timedelta(minutes=SEND_WITHIN_MINUTES.get(alert.plan_tier, 30)),
        **arrived,
    )


def _let_calls_follow(turn: _Turn, told: Recipients, step: Step, step_takes: timedelta) -> None:
    """Make calls due after the texts and push of the same step, and note whom the step asks (staff_calls)."""
    ways: dict[str, list[str]] = {}
    for person, channel in told:
        ways.setdefault(f"staff:{person.pk}", []).append(channel)
    for row in turn.deliveries:
        if row.channel == CALL:
            row.due_at += call_after(step_takes, ways[row.recipient])
            row.send_by += row.due_at - turn.now
            row.context |= {"asked": step.audience, "staff_id": step.staff_id}


def _in_turn(rows: list[Delivery]) -> None:
    """Number an urgent alert's waiting messages, so that its first goes out before the second of any alert.

    Messages of a watch alert get no number: they are sent by due time, among the notes.
    """
    waiting = [row for row in rows if row.state == Delivery.State.PENDING and row.urgency < outbox.URGENCY[WATCH]]
    for behind, row in enumerate(waiting):
        row.behind = behind


def _for_push(alert: Alert, channel: str, now: datetime) -> dict[str, Any]:
    """For push: the alert that a tap opens, and ttl: the seconds to keep the note for an absent browser.

    ttl lasts until the alert's next step, at least 60 seconds.
    """
    if channel != "push":
        return {}
    wait_seconds = (alert.next_step_at - now).total_seconds() if alert.next_step_at else 0
    return {"alert": str(alert.code), "ttl": max(int(wait_seconds), 60)}


def _write(turns: list[_Turn], now: datetime) -> None:
    """Save all turns with a few bulk statements; only re-opened alerts add statements of their own."""
    Alert.objects.bulk_update([turn.alert for turn in turns], [*RUN_FIELDS, "ack_code"])
    outbox.enqueue_many(row for turn in turns for row in turn.deliveries)
    AlertEvent.objects.bulk_create(event for turn in turns for event in turn.events)
    for turn in turns:
        if turn.reopened:
            refresh_status(turn.alert.patient, turn.alert, now)
    _tell_screens({turn.alert.clinic_id for turn in turns})


def _tell_screens(clinic_ids: Iterable[int]) -> None:
    for clinic_id in clinic_ids:
        transaction.on_commit(lambda clinic_id=clinic_id: live.publish(clinic_id))  # type: ignore[misc]
