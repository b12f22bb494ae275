"""Did anybody sweep all the time, and was the alarm for us red when nobody did, and only then (I16)?"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from faults.evidence import Evidence

NEVER_OLDER_SECONDS = 12.0
SILENT_SECONDS = 30.0
# Two looks at the same thing come at most so far apart; and what is red needs a moment to become so.
NEAR_SECONDS, GRACE_SECONDS = 3.0, 5.0
# A look that took longer did not reach the database at once.
REACHED_SECONDS = 2.0
# By the watchdog's own way, on the board, and on /health/.
WORDS = ("no sweep has been finished for 30 seconds", "the last tick was")
TOLD, OVER = "needs somebody to look", "all is well again"

Span = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """One look at the newest complete sweep: when, and how old it was."""

    at: float
    age: float


def never_long(found: Evidence) -> list[str]:
    """I16: for more than 12 s nobody finished a sweep, although the database could be reached all the time."""
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
    """When nobody could sweep; what has begun and not ended is over at the end of time."""
    spans, begun = [], dict[str, float]()
    for line in found.nemesis:
        if line["what"] == "begins" and line["nobody_sweeps"]:
            begun[line["fault"]] = line["at"]
        elif line["what"] == "ends" and line["fault"] in begun:
            spans.append((begun.pop(line["fault"]), line["at"]))
    return spans + [(begin, float("inf")) for begin in begun.values()]


def stops(found: Evidence) -> list[Span]:
    """When no sweep had been finished for 30 s, from then until one was."""
    spans: list[Span] = []
    for line in _sweeps(found):
        if (line.get("age") or 0) > SILENT_SECONDS:
            begin = line["at"] - line["age"] + SILENT_SECONDS
            same = spans and begin - spans[-1][0] < NEAR_SECONDS
            spans[-1:] = [(spans[-1][0], line["at"])] if same else [*spans[-1:], (begin, line["at"])]
    return spans


def red_without_reason(found: Evidence) -> list[str]:
    """I16: somebody was told that nobody sweeps, and somebody did."""
    silent = stops(found)
    return [
        f"{who} at {at:.0f}"
        for who, at in _red(found)
        if not any(begin - NEAR_SECONDS <= at <= end + NEAR_SECONDS for begin, end in silent)
    ]


def silence_unnoticed(found: Evidence) -> list[str]:
    """I16: nobody swept for more than 30 s, and the page of health stayed green, or the watchdog told nobody."""
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
    """Was the last thing the watchdog said that something is broken? It does not say the same again soon."""
    said = [mail["subject"] for mail in found.watchdog if mail["at"] <= until]
    said = [subject for subject in said if TOLD in subject or OVER in subject]
    return bool(said) and TOLD in said[-1]


def _red(found: Evidence) -> list[tuple[str, float]]:
    """(who, when) for each time that somebody says nobody sweeps."""
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
