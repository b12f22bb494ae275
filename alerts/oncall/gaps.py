"""PURE: who is on call at a time, and the gaps between shifts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Span:
    """From starts_at until (not including) ends_at."""

    starts_at: datetime
    ends_at: datetime

    def covers(self, at: datetime) -> bool:
        """Is this time inside the span?"""
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class Duty:
    """One shift: who, in which role, when. replaces: the id of the shift whose place it takes in its own span."""

    pk: int
    staff_id: int
    role: str
    span: Span
    replaces: int | None = None


def on_call_at(duties: Iterable[Duty], at: datetime, working: Collection[int]) -> set[tuple[int, str]]:
    """The people on call at a time, as pairs of staff id and role. working: ids of the staff who work here.

    An override takes the place of its shift in its span, but only while its own person works here.
    """
    here = [duty for duty in duties if duty.span.covers(at) and duty.staff_id in working]
    replaced = {duty.replaces for duty in here if duty.replaces is not None}
    return {(duty.staff_id, duty.role) for duty in here if duty.pk not in replaced}


def gaps(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """The times between start and end that no span covers, in order."""
    found: list[Span] = []
    covered_until = start
    for span in sorted(spans, key=lambda span: span.starts_at):
        if covered_until >= end:
            return found
        if span.starts_at > covered_until:
            found.append(Span(covered_until, min(span.starts_at, end)))
        covered_until = max(covered_until, span.ends_at)
    return [*found, Span(covered_until, end)] if covered_until < end else found
