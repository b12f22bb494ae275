"""PURE: an escalation plan, and what it says to do next. No clock, no database: both are arguments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from patients.tiers import CALL_911, CALL_DOCTOR_NOW, WATCH

# Who has no mobile is not told by SMS, and who added no device not by push; everybody has a screen.
URGENT_CHANNELS = ("board", "email", "sms", "push")
BOARD_ONLY = ("board",)
AUDIENCE_WORDS = {
    "nurse_on_call": "nurse on call",
    "all_nurses": "all nurses",
    "physician": "physician",
    "manager": "manager",
    "everyone": "everyone",
    "person": "a person",
}
CHANNEL_WORDS = {"board": "screen", "email": "e-mail", "sms": "text", "push": "push", "webhook": "our own systems"}
# Reaches no person: a step has it beside another, never alone.
NO_PERSON = "webhook"
PUSH = "push"


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
        """Whom this step tells, as people say it."""
        return self.staff_name or AUDIENCE_WORDS[self.audience]


@dataclass(frozen=True)
class Plan:
    """Steps in order; the last comes again every repeat_minutes; an acknowledgement lasts ack_minutes."""

    steps: tuple[Step, ...]
    repeat_minutes: int
    ack_minutes: int

    def to_json(self) -> dict[str, Any]:
        """The snapshot an alert carries."""
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
        """Read a snapshot back; raises ValueError, TypeError or KeyError when it is not a plan that goes on."""
        plan = cls(
            tuple(_step(item) for item in data["steps"]), int(data["repeat_minutes"]), int(data["ack_minutes"])
        )
        if not plan.steps or plan.repeat_minutes < 1 or plan.ack_minutes < 1:
            raise ValueError("a plan has steps, and repeats")
        return plan


@dataclass(frozen=True)
class Move:
    """Tell these people now; look again at wake_at, standing at next_round and next_step."""

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


# Used when a clinic has no policy for a tier, and to seed one. Watch never pages anybody: board only.
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
    """The plan of a snapshot; the default of the tier when it cannot be read (never an alert without a plan)."""
    try:
        return Plan.from_json(data)
    except (KeyError, TypeError, ValueError):
        return DEFAULT_PLANS.get(tier, DEFAULT_PLANS[CALL_911])


def next_move(plan: Plan, round: int, step: int, now: datetime) -> Move:
    """What to do now at this step, and when to wake: the next step's wait, or the repeat of the last, for ever."""
    here = min(max(step, 0), len(plan.steps) - 1)
    if here + 1 < len(plan.steps):
        wait_minutes = plan.steps[here + 1].wait_minutes
        return Move(plan.steps[here], round, here + 1, now + timedelta(minutes=wait_minutes))
    return Move(plan.steps[here], round + 1, here, now + timedelta(minutes=plan.repeat_minutes))


def physician_step(plan: Plan, step: int) -> int:
    """Where to go on when the patient is out of reach: the next step that tells physicians, else the next one."""
    here = min(max(step, 0), len(plan.steps) - 1)
    ahead = range(here, len(plan.steps))
    return next((n for n in ahead if plan.steps[n].audience in ("physician", "everyone")), here)


def in_words(plan: Plan) -> list[str]:
    """The plan as lines people can check: '0 min: nurse on call by board and e-mail', ... 'then every 5 min'."""
    lines, minutes = [], 0
    for number, step in enumerate(plan.steps):
        minutes += step.wait_minutes if number else 0
        lines.append(f"{minutes} min: {step.audience_words} by {channels_in_words(step.channels)}")
    return [*lines, f"then the last step again every {plan.repeat_minutes} min, until somebody answers"]


def channels_in_words(channels: Sequence[str]) -> str:
    """board, e-mail and SMS"""
    *first, last = (CHANNEL_WORDS.get(name, name) for name in channels)
    return f"{', '.join(first)} and {last}" if first else last


def reaches(step: Step, channels: Iterable[str]) -> bool:
    """Does a step tell anybody by these channels? The board alone is enough where the step asks for no more."""
    used = set(channels)
    return bool(used) and (used != set(BOARD_ONLY) or set(step.channels) <= {*BOARD_ONLY, NO_PERSON})
