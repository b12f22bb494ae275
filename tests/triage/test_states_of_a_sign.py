"""docs/states.md, a sign: each row of the table, judged."""

from collections.abc import Iterator
from typing import Any

import pytest

from recovery.triage.evaluate import judge
from recovery.triage.rulebook import load_rulebook
from tests.states import table
from tests.triage.answers import CALM_LOG, PATIENT, SHOWS

TABLE = table("A sign, and what the rules make of it")
NOW = 200.0
ANSWERS = {
    "none or seen": ("none", "seen"),
    "contacted, at most 48 hours ago, not a hard sign": ("contacted",),
    "evaluated, at most 48 hours ago": ("evaluated",),
    "any": ("none", "seen", "contacted", "evaluated"),
    "contacted or evaluated": ("contacted", "evaluated"),
}
# Signs whose being worse is one word of the patient, and what they were like before.
WORSE = {
    "numb": {"numb": "yes", "numb_where": ["legs"], "numb_change": "worse"},
    "weak": {"weak": "yes", "weak_where": ["legs"], "weak_stand": "can", "weak_change": "worse"},
}
STEADY = {"rash": {"rash": "yes"}, "bladder": {"bladder": "leak"}, "site_pus": {"site_drainage": "pus"}}
SIGNS = load_rulebook().signs


def signs(now: str, answer: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """The signs a row is about, each with the log."""
    urgent = {key: SHOWS[key] for key, sign in SIGNS.items() if sign.tier != "watch" and key in SHOWS}
    if now == "present":
        yield from ((key, {**CALM_LOG, **shown}) for key, shown in urgent.items())
    elif now == "present, worse":
        yield from ((key, {**CALM_LOG, **shown}) for key, shown in WORSE.items())
    elif now == "present, steady":
        steady = {key: shown for key, shown in STEADY.items() if "hard" not in answer or not SIGNS[key].hard}
        yield from ((key, {**CALM_LOG, **shown}) for key, shown in steady.items())
    else:
        about = {
            "911 sign gone": lambda sign: sign.tier == "call_911",
            "hard sign gone": lambda sign: sign.tier == "call_doctor_now" and sign.hard,
            "other doctor-now sign gone": lambda sign: sign.tier == "call_doctor_now" and not sign.hard,
            "gone": lambda sign: sign.tier != "watch",
            "no log at all": lambda sign: sign.tier != "watch",
        }[now]
        log = None if now == "no log at all" else CALM_LOG
        yield from ((key, log) for key, sign in SIGNS.items() if about(sign))


def expected(says: str, sign: str, hours_open: float) -> str:
    if says.startswith("doctor now for 168 hours, then watch"):
        return "call_doctor_now" if hours_open < 168 else "watch"
    return {
        "its own tier": SIGNS[sign].tier,
        "watch (RL-03)": "watch",
        "watch (RL-02)": "watch",
        "nothing": "on_track",
        "the alert's tier stays (RL-04)": SIGNS[sign].tier,
    }[says]


@pytest.mark.parametrize("number", range(len(TABLE)))
def test_the_rules_make_of_it_what_the_row_says(number: int) -> None:
    now, answer, says = TABLE[number].values()
    tried = 0
    for sign, log in signs(now, answer):
        for ack in ANSWERS[answer]:
            for hours_open in (1.0, 160.0, 169.0):
                known = {"regions": ["legs"], "weak_stand": "can", "level": "leak"}
                alert = {"sign": sign, "tier": SIGNS[sign].tier, "ack": ack, "snapshot": known, "status": "open"}
                alert |= {"opened_hours": NOW - hours_open, "ack_hours": None if ack == "none" else NOW - 1}
                verdict = judge({**PATIENT, "alerts": [alert]}, NOW, log, [{"hours": NOW - 1, "log": CALM_LOG}])
                assert verdict.tier == expected(says, sign, hours_open), (sign, ack, hours_open)
                tried += 1
    assert tried >= 3


def test_the_hard_signs_are_those_the_table_names() -> None:
    assert {key for key, sign in SIGNS.items() if sign.hard} == {
        "bladder", "bowel", "weak", "site_streaks", "site_pus",
    }  # fmt: skip
