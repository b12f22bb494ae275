"""The history of an alert: each event as a sentence, and each message with its state."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.models import Alert, AlertEvent, AlertSign, Delivery
from patients.templatetags.kypho import clock
from recovery.desk.desk_words import DELIVERY_STATES, EVENTS, channel_words, clock_words, sign_words

State = Delivery.State
# A log that said the same as the alert does.
AGAIN = "folded"


@dataclass(frozen=True)
class EventLine:
    """One event in words; times, last: of logs one after another that said the same again."""

    at: datetime
    words: str
    note: str
    times: int = 1
    last: datetime | None = None


@dataclass(frozen=True)
class SentMessage:
    """One message to one person, with its state."""

    to: str
    channel: str
    state: str
    at: datetime
    error: str
    failed: bool


def events_in_words(alert: Alert) -> list[EventLine]:
    """Return the events of an alert in words, oldest first.

    A note that the line above has is not repeated, and logs that say the same again are one line.
    """
    lines: list[EventLine] = []
    for event in alert.events.all():
        words = sentence(event, alert)
        if event.what == AGAIN and lines and (lines[-1].words, event.note) == (words, ""):
            lines[-1] = replace(lines[-1], times=lines[-1].times + 1, last=event.at)
            continue
        repeated = bool(lines) and event.note in lines[-1].note
        lines.append(EventLine(event.at, words, "" if repeated else event.note))
    return lines


def sentence(event: AlertEvent, alert: Alert) -> str:
    """Return an event in words, such as "Taken by Ana Reyes"."""
    words = EVENTS.get(event.what, event.what.replace("_", " "))
    detail = event.detail or {}
    took = f", {detail['minutes']} min" if detail.get("minutes") else ""
    by = f" by {event.staff.name}{took}" if event.staff else ""
    if event.what == "told":
        names = ", ".join(detail.get("staff", {}).values())
        channels = " and ".join(channel_words(name) for name in detail.get("channels", []))
        return f"{words}: {detail.get('audience', '')} ({names}) by {channels}"
    if event.what == "called":
        name = _names(alert).get(str(detail.get("staff")), "a colleague")
        return f"{words} {name}: {call_end_words(detail.get('end', ''))}"
    if event.what == "acknowledged" and detail.get("by"):
        return f"{words}{by}, by {channel_words(detail['by'])}"
    if event.what == "handed_over":
        return f"{words}{by} to {detail.get('to_name', 'a colleague')}"
    if event.what == "resolved":
        outcome = dict(Alert.Outcome.choices).get(detail.get("outcome", ""), "")
        return f"{words}{by}: {outcome}"
    signs = "; ".join(sign_words(key) for key in detail.get("signs", []))
    return f"{words}{by}{': ' + signs if signs else ''}"


def open_signs_in_words(alert: Alert, now: datetime, zone: ZoneInfo) -> list[str]:
    """Return the reason of each open sign of an alert, most urgent first."""
    signs = [sign for sign in alert.signs.all() if not sign.resolved_at]
    signs.sort(key=lambda sign: sign.tier != alert.tier)
    return [reason_words(sign, now, zone) for sign in signs]


def reason_words(sign: AlertSign, now: datetime, zone: ZoneInfo) -> str:
    """Return the reason from the newest log with this sign; after that day it begins with the date.

    The date is needed because words such as "yesterday" are relative to the log.
    """
    words = sign.reason or f"{sign_words(sign.sign)}."
    at = clock_words(sign.last_seen_at, now, zone)
    return words if at == clock(sign.last_seen_at.astimezone(zone)) else f"{at}: {words}"


def together(reasons: Iterable[str]) -> str:
    """Return several reasons as one text, without repeated sentences."""
    said: dict[str, None] = {}
    for reason in reasons:
        for sentence in f"{reason} ".split(". "):
            said.setdefault(sentence.strip())
    ended = (sentence if sentence.endswith(("…", ".")) else f"{sentence}." for sentence in said if sentence)
    return " ".join(ended)


def messages_of(alert: Alert) -> list[SentMessage]:
    """Return every message about an alert, oldest first; names come from its events, without a statement."""
    names = _names(alert)
    return [_message(row, names) for row in alert.deliveries.all() if row.channel != "board"]


def _message(row: Delivery, names: dict[str, str]) -> SentMessage:
    kind, pk, *_ = row.recipient.split(":")
    return SentMessage(
        to=names.get(pk, "staff") if kind == "staff" else kind,
        channel=channel_words(row.channel),
        state=call_end_words(row.call_end) or DELIVERY_STATES.get(row.state, row.state),
        at=row.delivered_at or row.sent_at or (row.due_at if row.state == State.PENDING else row.created_at),
        error=row.error if row.state in (State.DEAD, State.PENDING) and not row.call_end else "",
        failed=row.state == State.DEAD,
    )


def call_end_words(end: str) -> str:
    """Return how a call to staff ended, in words; empty for no call, or one that is not over."""
    return str(dict(Delivery.CallEnd.choices).get(end, ""))


def _names(alert: Alert) -> dict[str, str]:
    names: dict[str, str] = {}
    for event in alert.events.all():
        if event.what == "told":
            names |= event.detail.get("staff", {})
        if event.what == "handed_over" and event.detail.get("to"):
            names[str(event.detail["to"])] = event.detail.get("to_name", "")
        if event.staff_id and event.staff:
            names[str(event.staff_id)] = event.staff.name
    return names
