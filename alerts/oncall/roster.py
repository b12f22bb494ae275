"""The people a step tells at one clinic, and the channels that reach them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.models import OnCallShift
from alerts.oncall.gaps import Duty, Span, on_call_at
from alerts.policy.plan import BOARD_ONLY, Step, reaches
from patients.models import Staff
from patients.permissions import Permission, may, roles_with
from patients.selectors.people import usable_ways

# The audiences to try, in order, when no step of a plan reaches a person.
LAST_RESORT = ("all_nurses", "physician", "manager")
# The permission of an audience. A step tells all who have it, or only those of them who are on call.
AUDIENCES = {
    "all_nurses": Permission.TAKE_FIRST_CALL,
    "nurse_on_call": Permission.TAKE_FIRST_CALL,
    "physician": Permission.TAKE_SECOND_CALL,
    "manager": Permission.TAKE_LAST_CALL,
}


@dataclass
class Roster:
    """The active staff of a clinic, who of them is on call, and by which channels each can be reached."""

    staff: list[Staff] = field(default_factory=list)
    on_call: set[tuple[int, str]] = field(default_factory=set)
    # by user id: the kinds of message that reach them, each with the ids of their contact methods
    ways: Mapping[int, Mapping[str, list[int]]] = field(default_factory=dict)
    # the shifts in the time that was asked for
    duties: list[Duty] = field(default_factory=list)

    def at(self, moment: datetime) -> "Roster":
        """The roster with the people on call at another time, which must lie in the time that was asked for."""
        working = {person.pk for person in self.staff}
        return replace(self, on_call=on_call_at(self.duties, moment, working))

    def nurses_on_call(self) -> list[Staff]:
        """The people on call now with a nurse's shift; empty in a gap."""
        return self._on_call(Permission.TAKE_FIRST_CALL)

    def audience(self, step: Step) -> list[Staff]:
        """The people that a step tells: those of its audience on call, or all of them when none is on call."""
        if step.audience == "person":
            return [person for person in self.staff if person.pk == step.staff_id]
        asked = AUDIENCES.get(step.audience)
        if asked is None:
            return self.staff
        on_call = [] if step.audience == "all_nurses" else self._on_call(asked)
        return on_call or [person for person in self.staff if may(person, asked)]

    def reachable(self, people: Iterable[Staff], channels: Iterable[str]) -> list[tuple[Staff, str]]:
        """The pairs of a person and a channel that reaches them. The board reaches everyone."""
        names = list(channels)
        return [
            (person, name)
            for person in people
            for name in names
            if name == "board" or name in self.ways.get(person.user_id, ())
        ]

    def recipients(self, person: Staff, channel: str) -> list[str]:
        """The recipients for a person and a channel: one per browser for push, otherwise one."""
        if channel != "push":
            return [f"staff:{person.pk}"]
        return [f"staff:{person.pk}:{device}" for device in self.ways.get(person.user_id, {}).get(channel, ())]

    def last_resort(self, channels: Iterable[str]) -> list[tuple[Staff, str]]:
        """The first audience of LAST_RESORT that these channels reach, as pairs; else everyone by the board."""
        for audience in LAST_RESORT:
            step = Step(0, audience, channels=tuple(channels))
            told = self.reachable(self.audience(step), step.channels)
            if reaches(step, (channel for _, channel in told)):
                return told
        return self.reachable(self.staff, BOARD_ONLY)

    def _on_call(self, asked: Permission) -> list[Staff]:
        """The people on call, by the role of their shift: a person whose role changed since keeps their shifts."""
        roles = roles_with(asked)
        return [person for person in self.staff if any((person.pk, role) in self.on_call for role in roles)]


def rosters(clinic_ids: Iterable[int], now: datetime, until: datetime | None = None) -> dict[int, Roster]:
    """The present rosters of some clinics, by clinic id. Three queries.

    until: also read the shifts up to this time, for Roster.at.
    """
    ids = set(clinic_ids)
    found: dict[int, Roster] = defaultdict(Roster)
    people = Staff.objects.filter(clinic_id__in=ids, active=True, user__is_active=True)
    everybody = list(people.select_related("user").order_by("id"))
    ways = usable_ways(person.user for person in everybody)
    for person in everybody:
        found[person.clinic_id].staff.append(person)
        found[person.clinic_id].ways = ways
    for shift in OnCallShift.objects.filter(clinic_id__in=ids, starts_at__lte=until or now, ends_at__gt=now):
        found[shift.clinic_id].duties.append(duty_of(shift))
    return defaultdict(Roster, {pk: roster.at(now) for pk, roster in found.items()})


def duty_of(shift: OnCallShift) -> Duty:
    """The row of a shift as a Duty."""
    span = Span(shift.starts_at, shift.ends_at)
    return Duty(shift.pk, shift.staff_id, shift.role, span, shift.replaces_id)


def works(person: Staff) -> bool:
    """Does this person still work at the clinic, so that they can be on call and told?"""
    return person.active and person.user.is_active
