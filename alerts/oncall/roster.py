"""Who an audience is right now, at one clinic."""

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

# Asked when no step of a plan reaches anybody: the care team first, then the manager.
LAST_RESORT = ("all_nurses", "physician", "manager")
# Whom a step tells when it names no person: all who have the permission, or only those of them on call.
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
    # by user: the kinds of message that reach them, and their contact methods
    ways: Mapping[int, Mapping[str, list[int]]] = field(default_factory=dict)
    # the shifts that were asked for
    duties: list[Duty] = field(default_factory=list)

    def at(self, moment: datetime) -> "Roster":
        """The same people with who is on call at another moment of the time that was asked for."""
        working = {person.pk for person in self.staff}
        return replace(self, on_call=on_call_at(self.duties, moment, working))

    def nurses_on_call(self) -> list[Staff]:
        """Nurses with a shift now; empty when there is a gap."""
        return self._on_call(Permission.TAKE_FIRST_CALL)

    def audience(self, step: Step) -> list[Staff]:
        """The people of a step; where nobody of them is on call, all of them."""
        if step.audience == "person":
            return [person for person in self.staff if person.pk == step.staff_id]
        asked = AUDIENCES.get(step.audience)
        if asked is None:
            return self.staff
        on_call = [] if step.audience == "all_nurses" else self._on_call(asked)
        return on_call or [person for person in self.staff if may(person, asked)]

    def reachable(self, people: Iterable[Staff], channels: Iterable[str]) -> list[tuple[Staff, str]]:
        """Each person with each channel by which they can be reached; the board always can."""
        names = list(channels)
        return [
            (person, name)
            for person in people
            for name in names
            if name == "board" or name in self.ways.get(person.user_id, ())
        ]

    def recipients(self, person: Staff, channel: str) -> list[str]:
        """Where a person's messages by a channel go: each of their browsers gets its own, all else is one."""
        if channel != "push":
            return [f"staff:{person.pk}"]
        return [f"staff:{person.pk}:{device}" for device in self.ways.get(person.user_id, {}).get(channel, ())]

    def last_resort(self, channels: Iterable[str]) -> list[tuple[Staff, str]]:
        """The first of care team and managers who can be reached at all; else the board shows it to everybody."""
        for audience in LAST_RESORT:
            step = Step(0, audience, channels=tuple(channels))
            told = self.reachable(self.audience(step), step.channels)
            if reaches(step, (channel for _, channel in told)):
                return told
        return self.reachable(self.staff, BOARD_ONLY)

    def _on_call(self, asked: Permission) -> list[Staff]:
        """By the role their shift was given for: somebody with another role now keeps their shifts."""
        roles = roles_with(asked)
        return [person for person in self.staff if any((person.pk, role) in self.on_call for role in roles)]


def rosters(clinic_ids: Iterable[int], now: datetime, until: datetime | None = None) -> dict[int, Roster]:
    """The rosters of some clinics now in three queries; with until, also at any moment up to it (Roster.at)."""
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
    """A row as the pure part sees it."""
    span = Span(shift.starts_at, shift.ends_at)
    return Duty(shift.pk, shift.staff_id, shift.role, span, shift.replaces_id)


def works(person: Staff) -> bool:
    """Can this person be told anything? Nobody who left is on call."""
    return person.active and person.user.is_active
