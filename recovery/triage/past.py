"""What earlier logs and open alerts say, as plain values. Nothing here knows a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Log = Mapping[str, Any]
WEEK_HOURS = 168
_ACK_RANK = {"none": 0, "seen": 1, "contacted": 2, "evaluated": 3}


def earlier_logs(history: Iterable[Mapping[str, Any]], hours: float) -> list[tuple[float, Log]]:
    """(hours, log) before `hours`, oldest first; at equal hours the one given later is the newer."""
    return sorted(
        ((entry["hours"], entry["log"]) for entry in history if entry["hours"] < hours), key=lambda entry: entry[0]
    )


def back_pain(log: Log) -> Any:
    """The higher of moving and resting pain; None when neither was answered."""
    moving, resting = log.get("pain_move"), log.get("pain_rest")
    if moving is None:
        return resting
    return moving if resting is None or moving >= resting else resting


def past_facts(history: Iterable[Mapping[str, Any]], hours: float) -> dict[str, Any]:
    """Last values, the week's low, and the silence before `hours`."""
    logs = earlier_logs(history, hours)
    last_pain = low7_pain = last_pain_site = None
    for at, log in logs:
        if (pain := back_pain(log)) is not None:
            last_pain = pain
            if at >= hours - WEEK_HOURS and (low7_pain is None or pain < low7_pain):
                low7_pain = pain
        if (site := log.get("pain_site")) is not None:
            last_pain_site = site
    return {
        "last_pain": last_pain,
        "low7_pain": low7_pain,
        "last_pain_site": last_pain_site,
        "last_two_moods_low": [log.get("mood") for _, log in logs[-2:]] == ["low", "low"],
        "silent_hours": hours - logs[-1][0] if logs else hours,
    }


def open_alerts(alerts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The alerts still open, every field filled in."""
    return [
        {
            "sign": alert["sign"],
            "tier": alert["tier"],
            "opened_hours": alert["opened_hours"],
            "ack": alert.get("ack") or "none",
            "ack_hours": alert.get("ack_hours"),
            "snapshot": dict(alert.get("snapshot") or {}),
        }
        for alert in alerts
        if alert.get("status", "open") == "open"
    ]


def alert_by_sign(alerts: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The one alert that speaks for each sign: the least acknowledged, then the oldest answer, then the newest.

    Two open alerts of one sign should not exist; if they do, an unanswered one must not hide behind the other.
    """
    chosen: dict[str, Mapping[str, Any]] = {}
    for alert in sorted(alerts, key=_least_answered_last):
        chosen[alert["sign"]] = alert
    return chosen


def _least_answered_last(alert: Mapping[str, Any]) -> tuple[int, float, float]:
    answered_at = alert["ack_hours"]
    return (
        -_ACK_RANK[alert["ack"]],
        float("inf") if answered_at is None else -answered_at,
        alert["opened_hours"],
    )
