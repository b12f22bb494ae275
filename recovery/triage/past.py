"""Facts from earlier logs and open alerts, as plain values. Nothing here knows a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Log = Mapping[str, Any]
WEEK_HOURS = 168
# By this hour pain should be much less. A slow rise is measured from the lowest pain after it.
SETTLED_HOURS = 48
_ACK_RANK = {"none": 0, "seen": 1, "contacted": 2, "evaluated": 3}


def earlier_logs(history: Iterable[Mapping[str, Any]], hours: float) -> list[tuple[float, Log]]:
    """Return (hours, log) before `hours`, oldest first; at equal hours the one given later counts as newer."""
    return sorted(
        ((entry["hours"], entry["log"]) for entry in history if entry["hours"] < hours), key=lambda entry: entry[0]
    )


def back_pain(log: Log) -> Any:
    """Return the higher of moving and resting pain; None when neither was answered."""
    moving, resting = log.get("pain_move"), log.get("pain_rest")
    if moving is None:
        return resting
    return moving if resting is None or moving >= resting else resting


def past_facts(history: Iterable[Mapping[str, Any]], hours: float) -> dict[str, Any]:
    """Return the last values, the lowest values, and the silence before `hours`.

    Logs from before the procedure do not count for pain or silence. A short answer ends silence but says nothing
    about pain or mood.
    """
    logs = earlier_logs(history, hours)
    whole = [(at, log) for at, log in logs if log.get("short_answer") is None]
    after = [(at, log) for at, log in whole if at >= 0]
    pains = [(at, pain) for at, log in after if (pain := back_pain(log)) is not None]
    sites = [(at, site) for at, log in after if (site := log.get("pain_site")) is not None]
    a_week_ago = hours - WEEK_HOURS
    settled = [(pain, -at) for at, pain in pains if SETTLED_HOURS <= at < a_week_ago]
    # The newest log with the lowest pain.
    lowest, lowest_at = min(settled, default=(None, None))
    heard = [at for at, _ in logs if at >= 0]
    return {
        "last_pain": pains[-1][1] if pains else None,
        "low7_pain": min((pain for at, pain in pains if at >= a_week_ago), default=None),
        "low_since48": lowest,
        "last_pain_site": sites[-1][1] if sites else None,
        # How many hours ago each was, for the nurse's reason.
        "last_pain_ago": hours - pains[-1][0] if pains else None,
        "low_since48_ago": None if lowest_at is None else hours + lowest_at,
        "last_pain_site_ago": hours - sites[-1][0] if sites else None,
        "last_two_moods_low": [log.get("mood") for _, log in whole[-2:]] == ["low", "low"],
        "silent_hours": hours - heard[-1] if heard else hours,
    }


def open_alerts(alerts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the open alerts with every field filled in."""
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
    """Return one alert for each sign: the least acknowledged, then the oldest answer, then the newest.

    A sign should have only one open alert. If it has two, the answered one must not hide the unanswered one.
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
