"""What staff read after an action on an alert: what happens next, and what happened meanwhile."""

from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.lifecycle.tries import TRIES_BEFORE_PHYSICIAN
from alerts.models import Alert, AlertEvent
from recovery.desk.alert.alert_history import sentence
from recovery.desk.desk_words import calls_without_answer, clock_words


def kept_beside(alert: Alert, now: datetime) -> str:
    """Return the message that a colleague closed the alert meanwhile and that the words are on the chart."""
    who = alert.resolved_by.name if alert.resolved_by else "The system"
    at = clock_words(alert.resolved_at or now, now, ZoneInfo(alert.clinic.timezone))
    return (
        f"{who} closed this alert meanwhile: {at}. What you wrote is kept on the chart, under contacts and notes. "
        "No alert asks for it again: if the patient needs a person, write down a log by phone."
    )


def after_try(alert: Alert, now: datetime) -> str:
    """Return what happens next after a call without an answer."""
    if alert.state == Alert.State.RESOLVED:
        return kept_beside(alert, now)
    so_far = f"Written down: {calls_without_answer(alert.tries)}."
    if alert.tier == Alert.Tier.WATCH:
        return f"{so_far} It stays on the list. Try again later."
    if alert.state == Alert.State.OPEN and alert.tries >= TRIES_BEFORE_PHYSICIAN:
        return f"{so_far} The next people are being told. Think of a welfare check: see below."
    if alert.state == Alert.State.OPEN:
        return f"{so_far} The alert goes on: the next person is told as planned."
    until = clock_words(alert.next_step_at or now, now, ZoneInfo(alert.clinic.timezone))
    return f"{so_far} Try again by {until}. After the second call without an answer the physician is told."


def meanwhile(event: AlertEvent, alert: Alert, now: datetime) -> str:
    """Return what happened while the form was open, and what to do now."""
    at = clock_words(event.at, now, ZoneInfo(alert.clinic.timezone))
    note = f" “{event.note}”" if event.note else ""
    what = f"While this form was open: {sentence(event, alert)}, {at}.{note}"
    if event.what == "resolved":
        return f"{what} Nothing more can be written down here. Tell them what you know."
    return f"{what} What you typed is not sent yet. If it still holds, press again."
