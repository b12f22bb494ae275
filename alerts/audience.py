"""Who an audience is right now, at one clinic."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.models import OnCallShift
from alerts.plan import Step
from patients.models import Staff
from patients.selectors import usable_ways

Role = Staff.Role


@dataclass
class Roster:
    """The active staff of a clinic, who of them is on call, and by which channels each can be reached."""

    staff: list[Staff] = field(default_factory=list)
    on_call: set[tuple[int, str]] = field(default_factory=set)
    # by user: the kinds of message that reach them, and their contact methods
    ways: Mapping[int, Mapping[str, list[int]]] = field(default_factory=dict)

    def nurses_on_call(self) -> list[Staff]:
        """Nurses with a shift now; empty when there is a gap."""
        return [person for person in self.staff if (person.pk, Role.NURSE) in self.on_call]

    def audience(self, step: Step) -> list[Staff]:
        """The people of a step; without a nurse on call, all nurses."""
        if step.audience == "nurse_on_call":
            return self.nurses_on_call() or self._role(Role.NURSE)
        if step.audience == "all_nurses":
            return self._role(Role.NURSE)
        if step.audience == "physician":
            on_call = [person for person in self.staff if (person.pk, Role.PHYSICIAN) in self.on_call]
            return on_call or self._role(Role.PHYSICIAN)
        if step.audience == "manager":
            return self._role(Role.MANAGER)
        if step.audience == "person":
            return [person for person in self.staff if person.pk == step.staff_id]
        return self.staff

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

    def _role(self, role: str) -> list[Staff]:
        return [person for person in self.staff if person.role == role]


def rosters(clinic_ids: Iterable[int], now: datetime) -> dict[int, Roster]:
    """The rosters of some clinics in three queries."""
    ids = set(clinic_ids)
    found: dict[int, Roster] = defaultdict(Roster)
    people = Staff.objects.filter(clinic_id__in=ids, active=True, user__is_active=True)
    everybody = list(people.select_related("user").order_by("id"))
    ways = usable_ways(person.user for person in everybody)
    for person in everybody:
        found[person.clinic_id].staff.append(person)
        found[person.clinic_id].ways = ways
    shifts = OnCallShift.objects.filter(clinic_id__in=ids, starts_at__lte=now, ends_at__gt=now)
    for clinic_id, staff_id, role in shifts.values_list("clinic_id", "staff_id", "role"):
        found[clinic_id].on_call.add((staff_id, role))
    return found
