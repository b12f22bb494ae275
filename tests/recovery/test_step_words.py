"""Each step of the plan says why it waits and until when, to a patient and to a helper."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from patients.templatetags.kypho import hue
from recovery.phone.step_words import steps_of, together
from recovery.plan.milestones import evaluate
from recovery.selectors.today import cards_of

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 10, 15, 5, tzinfo=CHICAGO)
PATIENT: dict[str, Any] = {
    "procedure_end_at": NOW - timedelta(hours=70),
    "time_zone": "America/Chicago",
    "opioid_prescribed": True,
    "clinic_overrides": {},
}
WELL: dict[str, Any] = {"tier": "on_track", "open_signs": [], "last_log_at": NOW, "sent": []}


def driving(state: dict[str, Any], helped: str = "", **patient: Any) -> tuple[str, str]:
    found = evaluate({**PATIENT, **patient}, {**WELL, **state}, NOW)
    step = next(
        s for s in steps_of(cards_of(found), NOW, "America/Chicago", helped) if s.card.key == "M-DRIVE-48H"
    )
    return step.why, step.again


def test_a_strong_pill_says_how_long_ago_and_when_we_look_again() -> None:
    pill = {"opioid_last_dose_at": NOW - timedelta(hours=11)}
    assert driving(pill) == (
        "You took a strong pain pill 11 hours ago.",
        "We look again tomorrow at 4:05 AM.",
    )
    assert driving(pill, "Edith")[0] == "Edith took a strong pain pill 11 hours ago."
    assert driving({"opioid_last_dose_at": NOW - timedelta(hours=1)})[0].endswith("1 hour ago.")


@pytest.mark.parametrize(
    ("state", "patient", "why", "again"),
    [
        ({"last_log_at": None}, {}, "We have no new log from you. Send one, and we look again.", ""),
        ({}, {}, "Tell us in a log when you last took a strong pain pill.", ""),
        ({"tier": "call_911"}, {}, "Your clinic has to look at your last log first.", ""),
        (
            {"opioid_last_dose_at": None},
            {"clinic_overrides": {"no_drive_until": "2026-03-14"}},
            "Your clinic asked you to wait.",
            "We look again Sat Mar 14 at 12:00 AM.",
        ),
        (
            {"opioid_last_dose_at": None},
            {"clinic_overrides": {"no_drive_until": "until_cleared"}},
            "Your clinic asked you to wait.",
            "",
        ),
    ],
)
def test_each_reason_has_its_words(state: dict[str, Any], patient: dict[str, Any], why: str, again: str) -> None:
    assert driving(state, **patient) == (why, again)


def test_no_time_is_promised_while_something_else_than_time_holds_the_step() -> None:
    pill = {"opioid_last_dose_at": NOW - timedelta(hours=11), "last_log_at": NOW - timedelta(hours=40)}
    assert driving(pill)[1] == ""


def test_steps_that_wait_for_the_same_reason_stand_in_one_row() -> None:
    found = evaluate(PATIENT, {**WELL, "tier": "call_doctor_now"}, NOW)
    rows = together(steps_of(cards_of(found), NOW, "America/Chicago"))
    held = [row for row in rows if row.tone == "hold" and row.why]
    assert len(held) == 1
    assert len(held[0].cards) > 1


def test_two_people_of_one_phone_have_two_colours() -> None:
    people = [SimpleNamespace(code=code) for code in "abcd"]
    assert {hue(person, people) for person in people} == {0, 1, 2, 3}
    assert hue(SimpleNamespace(code="z"), people) == 0


def test_times_are_on_the_patients_clock() -> None:
    found = evaluate(PATIENT, {**WELL, "opioid_last_dose_at": NOW - timedelta(hours=11)}, NOW)
    steps = steps_of(cards_of(found), NOW.astimezone(UTC), "Asia/Tokyo")
    driving = next(step for step in steps if step.card.key == "M-DRIVE-48H")
    assert driving.again == "We look again today at 6:05 PM."
