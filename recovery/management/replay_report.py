"""The report of a replay in words and as JSON, with ids and codes but no names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patients.tiers import RANK, TIER_LABELS
from recovery.replay import Report

DIRECTIONS = ("more_urgent", "less_urgent", "other_rules")


def as_json(report: Report) -> dict[str, Any]:
    """Return the whole report as data for JSON."""
    return {
        "judged": report.judged,
        "same": report.same,
        "changed": report.changed,
        "patients": len(report.patients),
        "directions": dict(report.directions),
        "tiers": [{"before": a, "after": b, "logs": n} for (a, b), n in _by_urgency(report)],
        "rules_gained": dict(sorted(report.gained.items())),
        "rules_lost": dict(sorted(report.lost.items())),
        "urgent_alerts": _per_day(report),
        "watch_items": {way: report.watch[way] for way in ("added", "removed")},
        "not_judged": dict(report.not_judged),
        "facts_with_default": {"logs": report.filled_logs, "facts": dict(sorted(report.filled.items()))},
        "phone_judged_worse": report.phone_worse,
        "nurses": report.nurses,
        "days": report.days,
        "differences": [
            {
                "at": found.at.isoformat(),
                "patient": found.patient,
                "log": found.log,
                "direction": found.direction,
                "before": found.before,
                "after": found.after,
                "gained": list(found.gained),
                "lost": list(found.lost),
            }
            for found in report.differences
        ],
        "unread": [{"log": code, "reason": reason} for code, reason in report.unread],
    }


def in_words(report: Report) -> Iterator[str]:
    """Return the report as lines: the summary, remarks, then the first differences."""
    yield f"Judged again             {report.judged:>9,}"
    yield f"  as before              {report.same:>9,}"
    for key in DIRECTIONS:
        yield f"  {key.replace('_', ' '):<22} {report.directions[key]:>9,}"
    yield f"Patients concerned       {len(report.patients):>9,}"
    for (before, after), logs in _by_urgency(report):
        yield f"  {TIER_LABELS[before]} -> {TIER_LABELS[after]}: {logs:,}"
    yield from _rules("Rules gained", report.gained)
    yield from _rules("Rules lost", report.lost)
    yield _alerts(report)
    yield f"Watch items: {report.watch['added']:,} added, {report.watch['removed']:,} removed."
    yield from _to_know(report)
    yield from _differences(report)


def _by_urgency(report: Report) -> list[tuple[tuple[str, str], int]]:
    return sorted(report.tiers.items(), key=lambda item: (-RANK[item[0][1]], -RANK[item[0][0]]))


def _rules(label: str, counted: Any) -> Iterator[str]:
    if counted:
        yield f"{label}: " + ", ".join(f"{rule} {logs:,}" for rule, logs in counted.most_common())


def _per_day(report: Report) -> dict[str, Any]:
    ways = {way: report.alerts[way] for way in ("added", "removed")}
    return {**ways, **{f"{way}_per_nurse_and_day": report.per_nurse_and_day(n) for way, n in ways.items()}}


def _alerts(report: Report) -> str:
    counts = _per_day(report)
    line = f"Urgent alerts: {counts['added']:,} added, {counts['removed']:,} removed"
    if not report.nurses:
        return f"{line}. There is no active nurse to share them."
    added, removed = counts["added_per_nurse_and_day"], counts["removed_per_nurse_and_day"]
    shared = f"{report.nurses:,} active nurse(s), {report.days:g} day(s)"
    return f"{line}; per nurse and day +{added:.2f} and -{removed:.2f} ({shared})."


def _to_know(report: Report) -> Iterator[str]:
    for reason, logs in report.not_judged.most_common():
        yield f"NOT judged again: {logs:,} log(s): {reason}."
    for code, reason in report.unread:
        yield f"  log {code}: {reason}"
    if report.filled_logs:
        names = ", ".join(sorted(report.filled))
        yield f"{report.filled_logs:,} log(s) of an older rule book lack facts, defaults were taken: {names}."
    if report.phone_worse:
        yield f"{report.phone_worse:,} log(s) stood higher as the phone judged worse; here the rules alone count."


def _differences(report: Report) -> Iterator[str]:
    if not report.differences:
        return
    yield ""
    yield f"The first {len(report.differences):,} of {report.changed:,} differences (time, patient, log):"
    for found in report.differences:
        rules = [f"+{rule}" for rule in found.gained] + [f"-{rule}" for rule in found.lost]
        yield f"{found.at:%Y-%m-%dT%H:%MZ} {found.patient} {found.log}"
        yield f"    {found.before} -> {found.after}  {' '.join(rules)}"
