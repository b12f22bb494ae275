"""PURE: an escalation plan and its next step. It uses no clock and no database; callers pass the time and data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW, WATCH

# SMS and calls reach only staff with a verified phone, and push only staff with a device. The board reaches
# everyone.
URGENT_CHANNELS = ("board", "email", "sms", "push", "call")
BOARD_ONLY = ("board",)
AUDIENCE_WORDS = {
    "nurse_on_call": "nurse on call",
    "all_nurses": "all nurses",
    "physician": "physician",
    "manager": "manager",
    "everyone": "everyone",
    "person": "a person",
}
CHANNEL_WORDS = {
    "board": "screen",
    "email": "e-mail",
    "sms": "text",
    "push": "push",
    "call": "phone call",
    "webhook": "our own systems",
}
# This channel reaches no person, so a step uses it only together with another.
NO_PERSON = "webhook"
PUSH, CALL = "push", "call"
# Whoever gets one of these in a step is called only later in it, when nobody has answered by then.
BEFORE_A_CALL = frozenset({"sms", PUSH})
# The call comes after this part of the step, so that it can ring and be answered before the next one.
CALL_AFTER = 1 / 3


@dataclass(frozen=True)
class Step:
    """Tell an audience by some channels, wait_minutes after the step before."""

    wait_minutes: int
    audience: str
    staff_id: int | None = None
    channels: tuple[str, ...] = URGENT_CHANNELS
    # Only for the audience "person": the name as it was when the plan was made.
    staff_name: str = ""

    @property
    def audience_words(self) -> str:
        """The person or role that this step tells, in words."""
        return self.staff_name or AUDIENCE_WORDS[self.audience]


@dataclass(frozen=True)
class Plan:
    """Steps in order. The last repeats every repeat_minutes; an acknowledgement lasts ack_minutes."""

    steps: tuple[Step, ...]
    repeat_minutes: int
    ack_minutes: int

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON, in the form that an alert carries."""
        steps = [
            {
                "wait_minutes": step.wait_minutes,
                "audience": step.audience,
                "staff_id": step.staff_id,
                "channels": list(step.channels),
                "staff_name": step.staff_name,
            }
            for step in self.steps
        ]
        return {"steps": steps, "repeat_minutes": self.repeat_minutes, "ack_minutes": self.ack_minutes}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Plan":
        """Read a plan from JSON. ValueError, TypeError or KeyError when it has no steps or does not repeat."""
        plan = cls(
            tuple(_step(item) for item in data["steps"]), int(data["repeat_minutes"]), int(data["ack_minutes"])
        )
        if not plan.steps or plan.repeat_minutes < 1 or plan.ack_minutes < 1:
            raise ValueError("a plan has steps, and repeats")
        return plan


@dataclass(frozen=True)
class Move:
    """What to do now: take this step, then wake at wake_at with next_round and next_step."""

    step: Step
    next_round: int
    next_step: int
    wake_at: datetime


def _step(item: Mapping[str, Any]) -> Step:
    if item["audience"] not in AUDIENCE_WORDS or not item["channels"]:
        raise ValueError("a step tells somebody by some channel")
    return Step(
        max(int(item["wait_minutes"]), 0),
        item["audience"],
        item.get("staff_id"),
        tuple(item["channels"]),
        item.get("staff_name", ""),
    )


# The plans of a new clinic, and of a clinic without a policy for a tier. Watch uses only the board, so it never
# pages.
DEFAULT_PLANS = {
    CALL_911: Plan(
        (
            Step(0, "nurse_on_call"),
            Step(3, "all_nurses"),
            Step(3, "physician"),
            Step(4, "everyone"),
        ),
        repeat_minutes=5,
        ack_minutes=10,
    ),
    CALL_DOCTOR_NOW: Plan(
        (Step(0, "nurse_on_call"), Step(10, "all_nurses"), Step(10, "physician")),
        repeat_minutes=15,
        ack_minutes=30,
    ),
    WATCH: Plan((Step(0, "all_nurses", channels=BOARD_ONLY),), repeat_minutes=24 * 60, ack_minutes=72 * 60),
}


def read_plan(data: Any, tier: str) -> Plan:
    """The plan that an alert carries; the tier's default when it cannot be read, so every alert has a plan."""
    try:
        return Plan.from_json(data)
    except (KeyError, TypeError, ValueError):
        return DEFAULT_PLANS.get(tier, DEFAULT_PLANS[CALL_911])


def next_move(plan: Plan, round: int, step: int, now: datetime) -> Move:
    """The move at this step. It wakes after the next step's wait, or after repeat_minutes at the last step."""
    here = min(max(step, 0), len(plan.steps) - 1)
    if here + 1 < len(plan.steps):
        wait_minutes = plan.steps[here + 1].wait_minutes
        return Move(plan.steps[here], round, here + 1, now + timedelta(minutes=wait_minutes))
    return Move(plan.steps[here], round + 1, here, now + timedelta(minutes=plan.repeat_minutes))


def call_after(step_takes: timedelta, channels: Iterable[str]) -> timedelta:
    """How long after a step begins a person is called. step_takes: until the next step. channels: theirs in it.

    At once for a person whom the step tells neither by text nor by push.
    """
    return step_takes * CALL_AFTER if BEFORE_A_CALL & set(channels) else timedelta(0)


def physician_step(plan: Plan, step: int) -> int:
    """The step to take when the patient is out of reach: the next that tells physicians, else the given step."""
    here = min(max(step, 0), len(plan.steps) - 1)
    ahead = range(here, len(plan.steps))
    return next((n for n in ahead if plan.steps[n].audience in ("physician", "everyone")), here)


def in_words(plan: Plan) -> list[str]:
    """The plan as lines for people, such as '3 min: all nurses by screen and e-mail'; the last says the repeat."""
    lines, minutes = [], 0
    for number, step in enumerate(plan.steps):
        minutes += step.wait_minutes if number else 0
        lines.append(f"{minutes} min: {step.audience_words} by {channels_in_words(step.channels)}")
    return [*lines, f"then the last step again every {plan.repeat_minutes} min, until somebody answers"]


def channels_in_words(channels: Sequence[str]) -> str:
    """Channels in words, such as: screen, e-mail and text."""
    *first, last = (CHANNEL_WORDS.get(name, name) for name in channels)
    return f"{', '.join(first)} and {last}" if first else last


def reaches(step: Step, channels: Iterable[str]) -> bool:
    """Does a step reach a person by these channels? The board alone counts only if the step names no more."""
    used = set(channels)
    return bool(used) and (used != set(BOARD_ONLY) or set(step.channels) <= {*BOARD_ONLY, NO_PERSON})
