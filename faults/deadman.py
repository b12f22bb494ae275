"""Checks of the sweeps (I16): did they never stop for long, and was the alarm red when they did, and only then?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from faults.evidence import Evidence

NEVER_OLDER_SECONDS = 12.0
SILENT_SECONDS = 30.0
# Two looks at the same stop are at most this far apart; and an alarm needs a moment to turn red.
NEAR_SECONDS, GRACE_SECONDS = 3.0, 5.0
# A look that took longer than this did not reach the database at once.
REACHED_SECONDS = 2.0
# The words of the alarm: by the watchdog's own way and on the status page, and on /health/.
WORDS = ("no sweep has been finished for 30 seconds", "the last tick was")
TOLD, OVER = "needs somebody to look", "all is well again"

Span = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """One look at the newest complete sweep: when, and how old it was."""

    at: float
    age: float


def never_long(found: Evidence) -> list[str]:
    """I16: the longest time without a finished sweep, when it is over 12 s and the database could be reached."""
    worst = longest_gap(found)
    most = NEVER_OLDER_SECONDS * found.slack
    return [f"{worst.age:.1f} s without a sweep at {worst.at:.0f}"] if worst.age > most else []


def longest_gap(found: Evidence) -> Look:
    """The longest time in which a sweep could have been finished and none was."""
    worst, since = Look(0, 0.0), 0.0
    away = _away(found)
    for line in _sweeps(found):
        if line.get("age") is None or line["at"] - line["began"] > REACHED_SECONDS:
            since = line["at"]
            continue
        since = max([since, *(end for begin, end in away if begin <= line["at"])])
        gap = min(line["age"], line["at"] - since)
        worst = max(worst, Look(line["at"], gap), key=lambda look: look.age)
    return worst


def _away(found: Evidence) -> list[Span]:
    """The spans in which no process could sweep; a fault that never ended lasts to infinity."""
    spans, begun = [], dict[str, float]()
    for line in found.nemesis:
        if line["what"] == "begins" and line["nobody_sweeps"]:
            begun[line["fault"]] = line["at"]
        elif line["what"] == "ends" and line["fault"] in begun:
            spans.append((begun.pop(line["fault"]), line["at"]))
    return spans + [(begin, float("inf")) for begin in begun.values()]


def stops(found: Evidence) -> list[Span]:
    """The spans from 30 s after the last finished sweep until the next one."""
    spans: list[Span] = []
    for line in _sweeps(found):
        if (line.get("age") or 0) > SILENT_SECONDS:
            begin = line["at"] - line["age"] + SILENT_SECONDS
            same = spans and begin - spans[-1][0] < NEAR_SECONDS
            spans[-1:] = [(spans[-1][0], line["at"])] if same else [*spans[-1:], (begin, line["at"])]
    return spans


def red_without_reason(found: Evidence) -> list[str]:
    """I16: alarms that no process sweeps, raised while one did."""
    silent = stops(found)
    return [
        f"{who} at {at:.0f}"
        for who, at in _red(found)
        if not any(begin - NEAR_SECONDS <= at <= end + NEAR_SECONDS for begin, end in silent)
    ]


def silence_unnoticed(found: Evidence) -> list[str]:
    """I16: stops of all sweeps for over 30 s while /health/ stayed green or the watchdog sent no message."""
    broken, grace = [], GRACE_SECONDS * found.slack
    for begin, end in stops(found):
        if end - begin < grace:
            continue
        inside = [line for line in _health(found) if begin + grace <= line["began"] and line["at"] <= end]
        broken += [f"health was green at {line['at']:.0f}" for line in inside if line["status"] == 200]
        if not _knew(found, end + grace):
            broken.append(f"the watchdog told nobody from {begin:.0f} to {end:.0f}")
    return broken


def _knew(found: Evidence, until: float) -> bool:
    """Whether the watchdog's last message said that a promise is broken; it does not repeat one soon."""
    said = [mail["subject"] for mail in found.watchdog if mail["at"] <= until]
    said = [subject for subject in said if TOLD in subject or OVER in subject]
    return bool(said) and TOLD in said[-1]


def _red(found: Evidence) -> list[tuple[str, float]]:
    """(source, time) of each report that no process sweeps: status page, /health/ and watchdog."""
    board = [
        ("board", line["at"] - line["watchdog"])
        for line in _sweeps(found)
        if line.get("watchdog") is not None and _says(line["broken"])
    ]
    health = [("health", line["at"]) for line in _health(found) if _says(line["reasons"])]
    return board + health + [("watchdog", mail["at"]) for mail in found.watchdog if _says([mail["body"]])]


def _says(texts: Iterable[str]) -> bool:
    return any(words in text for text in texts for words in WORDS)


def _sweeps(found: Evidence) -> list[dict[str, Any]]:
    return [line for line in found.watcher if line["what"] == "sweeps"]


def _health(found: Evidence) -> list[dict[str, Any]]:
    return [line for line in found.watcher if line["what"] == "health"]
