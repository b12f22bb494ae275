"""PURE: the bounds of a clinic's plans: not so slow that a patient waits, not so fast that the plan spins."""

from dataclasses import dataclass

from alerts.policy.plan import BOARD_ONLY, NO_PERSON, Plan
from patients.tiers import CALL_911, CALL_DOCTOR_NOW

MOST_STEPS = 8


@dataclass(frozen=True)
class Bounds:
    """The allowed minutes, both ends included, of a step's wait, the repeat and an acknowledgement.

    last_within: the most minutes from the alert to the last step. ends_wide: the last step must tell everyone.
    """

    wait: tuple[int, int]
    repeat: tuple[int, int]
    ack: tuple[int, int]
    last_within: int
    ends_wide: bool = False

    @property
    def words(self) -> list[str]:
        """The bounds as the page states them."""
        last = "The last step tells everyone, at" if self.ends_wide else "The last step comes at"
        return [
            f"1 to {MOST_STEPS} steps. The first comes at once, each other {range_words(self.wait)} later.",
            f"{last} most {self.last_within} minutes after the alert, not on the screen alone.",
            f"The last step repeats every {range_words(self.repeat)}.",
            f"The person who takes an alert has {range_words(self.ack)}.",
        ]


BOUNDS = {
    CALL_911: Bounds(wait=(1, 10), repeat=(2, 10), ack=(3, 15), last_within=15, ends_wide=True),
    CALL_DOCTOR_NOW: Bounds(wait=(1, 30), repeat=(5, 30), ack=(5, 60), last_within=60),
}


def range_words(bounds: tuple[int, int]) -> str:
    """A range in words, such as: 2 to 10 minutes."""
    return f"{bounds[0]} to {bounds[1]} minutes"


def problems(plan: Plan, tier: str) -> list[str]:
    """The faults of an urgent tier's plan, as sentences that say what is allowed; empty when there are none."""
    bounds, found = BOUNDS[tier], []
    if not 1 <= len(plan.steps) <= MOST_STEPS:
        return [f"A plan has 1 to {MOST_STEPS} steps; this one has {len(plan.steps)}."]
    waits = [step.wait_minutes for step in plan.steps[1:]]
    for number, wait in enumerate(waits, start=2):
        if not _inside(wait, bounds.wait):
            found.append(f"Step {number} waits {wait} minutes. Allowed are {range_words(bounds.wait)}.")
    if sum(waits) > bounds.last_within:
        found.append(
            f"The last step comes {sum(waits)} minutes after the alert. "
            f"Allowed are at most {bounds.last_within}: shorten the waits or remove a step."
        )
    if not _inside(plan.repeat_minutes, bounds.repeat):
        found.append(f"The repeat is {plan.repeat_minutes} minutes. Allowed are {range_words(bounds.repeat)}.")
    if not _inside(plan.ack_minutes, bounds.ack):
        found.append(
            f"The person who takes an alert has {plan.ack_minutes} minutes. Allowed are {range_words(bounds.ack)}."
        )
    return found + _last_step_problems(plan, bounds)


def _last_step_problems(plan: Plan, bounds: Bounds) -> list[str]:
    """The faults of the last step. It repeats until staff answer, so it must reach people."""
    found, last = [], plan.steps[-1]
    if bounds.ends_wide and last.audience != "everyone":
        found.append(
            "The last step has to tell everyone: it repeats until somebody answers. "
            f"Now it tells {last.audience_words}."
        )
    if set(last.channels) <= {*BOARD_ONLY, NO_PERSON}:
        found.append(
            "The last step uses the screen alone, which wakes nobody. Choose one more way in the last step."
        )
    return found


def _inside(value: int, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= value <= bounds[1]
