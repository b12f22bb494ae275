"""What earlier logs and open alerts say, as plain values. Nothing here knows a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Log = Mapping[str, Any]
WEEK_HOURS = 168
# From here on pain should be much less; what is lowest after it is what a slow rise is measured against.
SETTLED_HOURS = 48
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
    """Last values, the lows, and the silence before `hours`.

    Logs from before the procedure say nothing of the course after it, and neither end nor begin a silence; a
    short answer ends silence and says nothing of pain or mood.
    """
    logs = earlier_logs(history, hours)
    whole = [(at, log) for at, log in logs if log.get("short_answer") is None]
    after = [(at, log) for at, log in whole if at >= 0]
    pains = [(at, pain) for at, log in after if (pain := back_pain(log)) is not None]
    sites = [(at, site) for at, log in after if (site := log.get("pain_site")) is not None]
    a_week_ago = hours - WEEK_HOURS
    settled = [(pain, -at) for at, pain in pains if SETTLED_HOURS <= at < a_week_ago]
    # The newest of the lowest.
    lowest, lowest_at = min(settled, default=(None, None))
    heard = [at for at, _ in logs if at >= 0]
    return {
        "last_pain": pains[-1][1] if pains else None,
        "low7_pain": min((pain for at, pain in pains if at >= a_week_ago), default=None),
        "low_since48": lowest,
        "last_pain_site": sites[-1][1] if sites else None,
        # How many hours ago each was, for the nurse.
        "last_pain_ago": hours - pains[-1][0] if pains else None,
        "low_since48_ago": None if lowest_at is None else hours + lowest_at,
        "last_pain_site_ago": hours - sites[-1][0] if sites else None,
        "last_two_moods_low": [log.get("mood") for _, log in whole[-2:]] == ["low", "low"],
        "silent_hours": hours - heard[-1] if heard else hours,
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
