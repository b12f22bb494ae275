"""A preview of what a plan would do at a time, with the present roster and contact methods."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from alerts.oncall.forms import wall_time_field
from alerts.oncall.roster import Roster, rosters
from alerts.policy.plan import URGENT_CHANNELS, Plan, Step
from alerts.policy.timeline import Crowd, Line, Person, timeline
from patients.models import Staff

# Longer than any plan takes to reach its last step.
PLAN_TAKES = timedelta(hours=9)


class MomentForm(forms.Form):
    """The choice of a time for the preview other than now."""

    at = wall_time_field("If an alert came at")

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["at"]
        field.zone = zone  # type: ignore[attr-defined]

    def chosen(self) -> datetime | None:
        """The chosen time; None when none was typed or it cannot be read."""
        if not self.is_bound or not self.is_valid():
            return None
        at: datetime = self.cleaned_data["at"]
        return at


def roster_from(clinic_id: int, at: datetime) -> Roster:
    """The roster at a time and for as long after it as a plan takes. Three queries."""
    return rosters([clinic_id], at, at + PLAN_TAKES)[clinic_id]


def preview_lines(plan: Plan, at: datetime, roster: Roster) -> list[Line]:
    """The lines of a plan's timeline from a time on, with the names of the people told."""

    def ask(step: Step, moment: datetime) -> Crowd:
        then = roster.at(moment)
        people = then.audience(step)
        gap = step.audience == "nurse_on_call" and not then.nurses_on_call()
        return Crowd(tuple(_person(person, then, step.channels) for person in people), gap)

    def last_resort(step: Step, moment: datetime) -> Crowd:
        ways: dict[int, tuple[Staff, list[str]]] = {}
        for person, channel in roster.at(moment).last_resort(URGENT_CHANNELS):
            ways.setdefault(person.pk, (person, []))[1].append(channel)
        return Crowd(tuple(Person(person.name, tuple(channels)) for person, channels in ways.values()))

    return timeline(plan, at, ask, last_resort)


def _person(person: Staff, roster: Roster, channels: tuple[str, ...]) -> Person:
    return Person(person.name, tuple(channel for _, channel in roster.reachable([person], channels)))
