"""A calendar as calendar apps read it (RFC 5545, RFC 7986). Pure: entries in, bytes out.

All times are in UTC, so that each device shows them by its own clocks and no clock change moves them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Component, Event, Timezone, vDuration

ASK_AGAIN = timedelta(hours=4)


@dataclass(frozen=True)
class IcsEntry:
    """One entry: who it is for ever (uid), when, its words, and how often it changed."""

    uid: str
    starts_at: datetime
    lasts: timedelta
    title: str
    text: str
    place: str
    sequence: int
    changed_at: datetime
    cancelled: bool
    # Whether the person is busy then.
    busy: bool


def calendar(name: str, zone: str, link: str, shown: Iterable[IcsEntry]) -> bytes:
    """Return the calendar. zone: the person's, which apps may show beside the times; link: the app's address."""
    found = Calendar()
    head = {
        "prodid": "-//Plan//Calendar//EN",
        "version": "2.0",
        "method": "PUBLISH",
        "calscale": "GREGORIAN",
        "name": name,
        "x-wr-calname": name,
        "x-wr-timezone": zone,
    }
    for key, value in head.items():
        found.add(key, value)
    found.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", vDuration(ASK_AGAIN))
    parts: list[Component] = [_event(one, link) for one in shown]
    for part in parts or [_nothing()]:
        found.add_component(part)
    return bytes(found.to_ical())


def _event(one: IcsEntry, link: str) -> Event:
    event = Event()
    event.add("uid", one.uid)
    event.add("dtstamp", one.changed_at.astimezone(UTC))
    event.add("last-modified", one.changed_at.astimezone(UTC))
    event.add("sequence", one.sequence)
    event.add("dtstart", one.starts_at.astimezone(UTC))
    event.add("duration", one.lasts)
    event.add("summary", one.title)
    event.add("description", one.text)
    if one.place:
        event.add("location", one.place)
    event.add("url", link)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
    event.add("transp", "OPAQUE" if one.busy else "TRANSPARENT")
    return event


def _nothing() -> Timezone:
    """Return a part for a calendar without entries, which must have one all the same."""
    day = date(2026, 1, 1)
    return Timezone.from_tzid("Etc/UTC", first_date=day, last_date=day)
