"""The plan is plain values: what to do now, and when to look again."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.policy.plan import DEFAULT_PLANS, Plan, Step, in_words, next_move, read_plan


def walk(plan: Plan, now: datetime, count: int) -> list[tuple[float, str]]:
    """Minutes after the start, and who is told."""
    at, round_, step, seen = now, 0, 0, []
    for _ in range(count):
        move = next_move(plan, round_, step, at)
        seen.append(((at - now).total_seconds() / 60, move.step.audience))
        at, round_, step = move.wake_at, move.next_round, move.next_step
    return seen


def test_911_goes_wider_every_few_minutes_and_then_repeats(now: datetime) -> None:
    assert walk(DEFAULT_PLANS["call_911"], now, 6) == [
        (0, "nurse_on_call"),
        (3, "all_nurses"),
        (6, "physician"),
        (10, "everyone"),
        (15, "everyone"),
        (20, "everyone"),
    ]


def test_doctor_now_has_longer_waits(now: datetime) -> None:
    assert walk(DEFAULT_PLANS["call_doctor_now"], now, 4) == [
        (0, "nurse_on_call"),
        (10, "all_nurses"),
        (20, "physician"),
        (35, "physician"),
    ]


@pytest.mark.parametrize("tier", DEFAULT_PLANS)
def test_a_plan_never_ends(tier: str, now: datetime) -> None:
    seen = walk(DEFAULT_PLANS[tier], now, 50)
    assert [at for at, _ in seen] == sorted({at for at, _ in seen})


@pytest.mark.parametrize("tier", DEFAULT_PLANS)
def test_a_snapshot_reads_back_the_same(tier: str) -> None:
    assert Plan.from_json(DEFAULT_PLANS[tier].to_json()) == DEFAULT_PLANS[tier]


def test_a_step_out_of_range_is_the_last(now: datetime) -> None:
    assert next_move(DEFAULT_PLANS["call_911"], 0, 99, now).step.audience == "everyone"


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"steps": [], "repeat_minutes": 5, "ack_minutes": 5},
        {
            "steps": [{"wait_minutes": 0, "audience": "nobody", "channels": ["email"]}],
            "repeat_minutes": 5,
            "ack_minutes": 5,
        },
        {
            "steps": [{"wait_minutes": 0, "audience": "manager", "channels": []}],
            "repeat_minutes": 5,
            "ack_minutes": 5,
        },
        {**DEFAULT_PLANS["call_911"].to_json(), "repeat_minutes": 0},
    ],
)
def test_a_snapshot_nobody_can_read_becomes_the_default_plan(broken: object) -> None:
    assert read_plan(broken, "call_doctor_now") == DEFAULT_PLANS["call_doctor_now"]
    assert read_plan(broken, "no such tier") == DEFAULT_PLANS["call_911"]


def test_a_plan_can_be_read_out_loud() -> None:
    plan = replace(
        DEFAULT_PLANS["call_doctor_now"],
        steps=(Step(0, "nurse_on_call"), Step(5, "person", 7, ("sms",), "Priya Staff")),
    )
    assert in_words(plan) == [
        "0 min: nurse on call by screen, e-mail, text, push and phone call",
        "5 min: Priya Staff by text",
        "then the last step again every 15 min, until somebody answers",
    ]
