"""PURE: when is somebody on call, and when is nobody?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Span:
    """From starts_at until (not including) ends_at."""

    starts_at: datetime
    ends_at: datetime


def gaps(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """The times between start and end that no span covers, in order."""
    found, covered_until = [], start
    for span in sorted(spans, key=lambda span: span.starts_at):
        if span.starts_at > covered_until:
            found.append(Span(covered_until, min(span.starts_at, end)))
        covered_until = max(covered_until, span.ends_at)
        if covered_until >= end:
            return found
    return [*found, Span(covered_until, end)] if covered_until < end else found
