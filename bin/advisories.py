"""PURE: what a report of known holes in the locked packages means, beside those that somebody accepted for a time.

Standard library only. A report is pip-audit's JSON; the accepted ones are docs/advisories.toml.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Accepted:
    """A hole that we know and live with: who reads this wants to know why, since when, and how long at most."""

    id: str
    package: str
    reason: str
    since: date
    until: date


@dataclass(frozen=True)
class Found:
    """What a scan says. Nothing was looked up when `looked_up` is 0: then it says nothing about holes."""

    looked_up: int = 0
    unknown: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)


def read_accepted(data: Mapping[str, Any]) -> list[Accepted]:
    """The list; ValueError names an entry that does not say package, reason, since and until."""
    found = []
    for entry in data.get("accepted", []):
        try:
            one = Accepted(**entry)
        except TypeError as error:
            raise ValueError(
                f"{entry.get('id', 'an entry')}: id, package, reason, since, until: {error}"
            ) from None
        if not one.reason.strip() or not isinstance(one.since, date) or not isinstance(one.until, date):
            raise ValueError(f"{one.id}: reason is a sentence, since and until are dates")
        found.append(one)
    return found


def judge(report: Mapping[str, Any], accepted: Iterable[Accepted], today: date) -> Found:
    """Every hole, by package and id; one that is accepted counts again once its date has passed."""
    packages = report.get("dependencies", [])
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    known = {(one.package, one.id): one for one in accepted}
    holes, kept = [], []
    for name, version, hole in _holes(packages):
        ids = [hole["id"], *hole.get("aliases", [])]
        one = next((known[name, id_] for id_ in ids if (name, id_) in known), None)
        mended = ", ".join(hole.get("fix_versions") or ["no version yet"])
        words = f"{name} {version}: {hole['id']}, mended in {mended}"
        if one and today <= one.until:
            kept.append(f"{words}; accepted until {one.until}: {one.reason}")
        else:
            holes.append(f"{words}; accepted until {one.until}, which has passed" if one else words)
    return Found(len(packages) - len(unknown), unknown, holes, kept)


def _holes(packages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for package in packages:
        for hole in package.get("vulns", []):
            yield package["name"], package["version"], hole
