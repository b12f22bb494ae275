"""Checks of time: steps in time, no messages after an answer (I9, I10), and how fast the first page came."""

from datetime import UTC, datetime, timedelta

from alerts.models import Alert, AlertEvent
from alerts.policy.plan import Plan, read_plan
from faults.evidence import Evidence, Telling
from patients.tiers import URGENT

LATE = timedelta(seconds=15)
ANSWERS = ("acknowledged", "contacted", "evaluated", "resolved")
STARTS = ("opened", "upgraded", "reopened", "ack_expired", "let_go")


def late_steps(found: Evidence) -> list[str]:
    """I9: steps of unanswered alerts that came more than 15 s after their time."""
    broken = []
    for alert in found.alerts.values():
        for due, came, words in _dues(found, alert):
            if came - due > LATE * found.slack:
                broken.append(f"alert {alert.pk} {words}: {(came - due).total_seconds():.1f} s after its time")
    return broken


def _dues(found: Evidence, alert: Alert) -> list[tuple[datetime, datetime, str]]:
    """(when a step was due, when it or an answer came, its name) for each wait of an alert."""
    plan, told, events = read_plan(alert.plan, alert.tier), found.tellings(alert), found.events[alert.pk]
    dues = []
    for event in events:
        if event.what in STARTS:
            after = [other.at for other in told if other.at >= event.at] + _answers_after(events, event.at)
            dues.append((event.at, min(after, default=datetime.max.replace(tzinfo=UTC)), event.what))
        if event.what == "acknowledged":
            after = [e.at for e in events if e.at > event.at and e.what in (*STARTS, *ANSWERS, "handed_over")]
            until = event.at + timedelta(minutes=plan.ack_minutes)
            dues.append((until, min(after, default=datetime.max.replace(tzinfo=UTC)), "acknowledgement"))
    for step in told:
        after = [other.at for other in told if other.at > step.at] + _answers_after(events, step.at)
        after += [event.at for event in events if event.what in STARTS and event.at > step.at]
        dues.append(
            (
                step.at + _wait(plan, step),
                min(after, default=datetime.max.replace(tzinfo=UTC)),
                f"step {step.step}",
            )
        )
    return dues


def _wait(plan: Plan, step: Telling) -> timedelta:
    last = step.step >= len(plan.steps) - 1
    return timedelta(minutes=plan.repeat_minutes if last else plan.steps[step.step + 1].wait_minutes)


def _answers_after(events: list[AlertEvent], moment: datetime) -> list[datetime]:
    return [event.at for event in events if event.what in ANSWERS and event.at >= moment]


def told_after_answer(found: Evidence) -> list[str]:
    """I10: steps that told people although the alert was taken, and answers without the name of a person.

    Events are read in the order in which they were written under the alert's lock, because their times can be
    almost the same.
    """
    broken = []
    for alert in found.alerts.values():
        answered = False
        for event in sorted(found.events[alert.pk], key=lambda event: event.pk):
            if event.what in ANSWERS:
                answered = True
                broken += [] if event.staff_id else [f"event {event.pk} has no name"]
            elif event.what in STARTS:
                answered = False
            elif event.what == "told" and answered:
                broken.append(f"alert {alert.pk}, event {event.pk}")
    return broken


def first_page_seconds(found: Evidence) -> list[float]:
    """For each alert, the seconds from its first urgent log to the first message or answer; sorted."""
    came: dict[int, datetime] = {}
    logs = {log.pk: log for log in found.logs.values()}
    for row in found.assessments.values():
        if row.alert_id in found.alerts and row.tier in URGENT:
            at = logs[row.log_id or 0].received_at
            came[row.alert_id] = min(at, came.get(row.alert_id, at))
    seconds = []
    for pk, alert in found.alerts.items():
        reached = found.first_reached(pk)
        if reached is not None:
            seconds.append(reached - min(came.get(pk, alert.opened_at), alert.opened_at).timestamp())
    return sorted(seconds)
