"""Education cards: the right card on the right day, never where it could harm, in words everybody can read."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recovery.plan.cards import NOTHING, ON_TODAY, Shown, cards_for
from recovery.plan.cards_book import default_cards
from recovery.triage.reading_grade import reading_grade
from tests.plan.cast import after, calm, patient
from tests.plan.test_properties import situations

CARDS = default_cards()
BY_ID = {card.id: card for card in CARDS.cards}
WELL = {"pain_move": 5, "pain_rest": 1, "energy": "fine", "sleep": "good", "mood": "good", "fall": "none"}
CLEARED = {"heavy_cleared_on": "2026-06-02", "strenuous_cleared_on": "2026-06-02"}
ANSWERS = {
    "tired": ("energy", "tired"),
    "slept_badly": ("sleep", "poor"),
    "mood_low": ("mood", "low"),
    "pain_low": ("pain_move", 1),
}
# The first look at a time zone reads it from disk.
ANY_SPEED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
LATER_CARE = {"CARD-LIFT-WELL", "CARD-OUTSIDE", "CARD-EXERCISE"}


def shown(
    now: datetime,
    *,
    record: dict[str, Any] | None = None,
    helper: bool = False,
    said: dict[str, Any] | None = None,
    texts: tuple[str, ...] = (),
    **state: Any,
) -> Shown:
    """What Ada's phone (or her helper's) shows at a moment."""
    answers = {**WELL, **(said or {})}
    known = record or patient()
    return cards_for(known, calm(now, **state), now, answers=answers, helper=helper, clinic_texts=texts)


def ids(cards: tuple[Any, ...]) -> set[str]:
    return {card.id for card in cards}


def library(now: datetime, **more: Any) -> set[str]:
    return ids(shown(now, **more).library)


def today(now: datetime, **more: Any) -> list[str]:
    return [card.id for card in shown(now, **more).today]


@ANY_SPEED
@given(
    situations(), st.booleans(), st.dictionaries(st.sampled_from(sorted(WELL)), st.sampled_from(["low", 0, None]))
)
def test_no_card_at_911_and_on_a_doctor_now_day_only_what_is_marked(
    given_: tuple[dict[str, Any], dict[str, Any], datetime], helper: bool, said: dict[str, Any]
) -> None:
    record, state, now = given_
    found = cards_for(record, state, now, answers=said, helper=helper)
    if state["tier"] == "call_911":
        assert found == NOTHING
    if state["tier"] == "call_doctor_now":
        assert all(card.when.doctor_now for card in found.library)
    assert len(found.today) <= ON_TODAY
    assert set(found.today) <= set(found.library)


@ANY_SPEED
@given(situations(), st.booleans())
def test_before_and_after_never_mix_and_readers_never_mix(
    given_: tuple[dict[str, Any], dict[str, Any], datetime], helper: bool
) -> None:
    record, state, now = given_
    before = now < record["procedure_end_at"]
    for card in cards_for(record, state, now, helper=helper).library:
        assert card.when.phase in ("any", "before" if before else "after")
        assert card.when.reader in ("all", "helper" if helper else "patient")


@ANY_SPEED
@given(situations(), st.sampled_from(["leg_sign", "fall_recent"]))
def test_what_gets_people_moving_is_hidden_with_a_fall_or_a_leg_sign(
    given_: tuple[dict[str, Any], dict[str, Any], datetime], group: str
) -> None:
    record, state, now = given_
    sign = {"leg_sign": "numb", "fall_recent": "fall_recent"}[group]
    found = ids(cards_for(record, {**state, "open_signs": [sign]}, now).library)
    assert not found & {*LATER_CARE, "CARD-MORE", "CARD-HELPER-MOVE"}


@ANY_SPEED
@given(situations())
def test_hard_exercise_and_walks_outside_only_after_the_clinic_cleared_them(
    given_: tuple[dict[str, Any], dict[str, Any], datetime],
) -> None:
    record, state, now = given_
    local = now.astimezone(ZoneInfo(record["time_zone"])).date()
    found, overrides = ids(cards_for(record, state, now).library), record["clinic_overrides"]
    for key, cards in (
        ("strenuous_cleared_on", {"CARD-EXERCISE"}),
        ("heavy_cleared_on", {"CARD-OUTSIDE", "CARD-LIFT-WELL"}),
    ):
        day = overrides[key]
        if day is None or local < day:
            assert not found & cards


@cache
def over_100_days(
    helper: bool, held: bool, cleared: bool, answer: tuple[str, Any] | None
) -> tuple[set[str], set[str]]:
    """The ids in the library and on Today, ever, from two days before to 100 days after, with one answer given."""
    record = patient(
        brace_prescribed=True,
        pt_ordered=True,
        blood_thinner_held=held,
        opioid_prescribed=True,
        next_visit_at=after(days=8, hours=1).isoformat(),
        overrides=CLEARED if cleared else {},
    )
    said = dict([answer]) if answer else {}
    found = [
        shown(after(days=n / 2), record=record, helper=helper, said=said, pain_site=2) for n in range(-4, 200)
    ]
    return (
        {card.id for one in found for card in one.library},
        {card.id for one in found for card in one.today},
    )


@pytest.mark.parametrize("card", CARDS.cards, ids=lambda card: card.id)
def test_every_card_is_reached_on_some_day_and_stands_on_today_if_it_may(card: Any) -> None:
    answer = ANSWERS.get(card.today_if[0]) if card.today_if else None
    helper, held = card.when.reader == "helper", card.id == "CARD-HOLD"
    in_library, on_today = over_100_days(helper, held, card.id != "CARD-PACE", answer)
    assert card.id in in_library
    if card.today is not None or card.today_if:
        assert card.id in on_today


@pytest.mark.parametrize("one", [*CARDS.cards, *CARDS.questions], ids=lambda one: one.id)
def test_every_card_reads_at_grade_6_or_lower_and_cites_a_row(one: Any) -> None:
    assert reading_grade(getattr(one, "words", one.text)) <= 6
    assert any(not source.startswith("default:") for source in one.sources)


def test_the_pace_card_comes_when_pain_is_2_or_less_and_the_limits_are_on() -> None:
    now = after(days=6)
    assert "CARD-PACE" in today(now, said={"pain_move": 2, "pain_rest": 0})
    assert "CARD-PACE" not in today(now, said={"pain_move": 3, "pain_rest": 0})
    cleared = patient(overrides=CLEARED)
    assert "CARD-PACE" not in today(now, record=cleared, said={"pain_move": 2, "pain_rest": 0})
    assert "CARD-PACE" not in today(now, said={"pain_move": None, "pain_rest": None})


def test_an_old_log_brings_no_card_by_its_answers() -> None:
    now = after(days=6)
    assert "CARD-SLEEP" in today(now, said={"sleep": "poor"})
    assert "CARD-SLEEP" not in today(now, said={"sleep": "poor"}, last_log_at=now - timedelta(hours=37))


def test_being_tired_brings_the_rest_card_on_the_first_day_alone() -> None:
    assert "CARD-REST" in today(after(hours=20), said={"energy": "tired"})
    assert "CARD-REST" not in today(after(hours=25), said={"energy": "tired"})


def test_low_mood_brings_the_crisis_line_first_also_on_a_doctor_now_day() -> None:
    assert today(after(days=3), said={"mood": "low"})[0] == "CARD-MOOD"
    assert today(after(days=3), said={"mood": "low"}, tier="call_doctor_now")[0] == "CARD-MOOD"
    assert "988" in BY_ID["CARD-MOOD"].text


def test_brace_and_pt_cards_only_when_ordered() -> None:
    plain = library(after(days=10))
    assert not plain & {"CARD-BRACE", "CARD-PT"}
    ordered = library(after(days=10), record=patient(brace_prescribed=True, pt_ordered=True))
    assert {"CARD-BRACE", "CARD-PT"} <= ordered
    over = patient(brace_prescribed=True, brace_until=date(2026, 6, 5))
    assert "CARD-BRACE" not in library(after(days=10), record=over)


def test_bone_cards_never_on_a_doctor_now_day_and_no_supplement_while_medicine_is_on_hold() -> None:
    bones = {card.id for card in CARDS.cards if card.group == "bones"}
    assert library(after(days=30)) & bones
    assert not library(after(days=30), tier="call_doctor_now") & bones
    assert "CARD-VITAMINS" not in library(after(days=30), record=patient(blood_thinner_held=True))
    on_hold = patient(meds_on_hold=[{"name": "Fish oil", "restart_on": None}])
    assert "CARD-VITAMINS" not in library(after(days=30), record=on_hold)


def test_the_clinics_own_words_stand_in_the_place_of_ours() -> None:
    now = after(days=1, hours=1)
    assert {"CARD-BANDAGE", "CARD-NEW-MEDS"} <= library(now)
    assert not library(now, texts=("wound", "medicine")) & {"CARD-BANDAGE", "CARD-NEW-MEDS"}


def test_ice_is_taught_only_while_ice_is_on_the_plan() -> None:
    assert "CARD-ICE" in library(after(hours=30), pain_site=3)
    assert "CARD-ICE" not in library(after(hours=73), pain_site=3)
    assert "CARD-ICE" not in library(after(hours=30), pain_site=3, record=patient(overrides={"ice_ok": False}))


def test_that_most_breaks_heal_alone_is_not_said_after_the_procedure() -> None:
    assert [c.id for c in CARDS.cards if "healthwise ED-07" in c.sources] == ["CARD-BEFORE-WHAT"]
    assert BY_ID["CARD-BEFORE-WHAT"].when.phase == "before"


def test_a_helpers_own_cards_come_first_for_a_helper_and_never_for_the_patient() -> None:
    now = after(days=1, hours=2)
    assert today(now, helper=True)[0] == "CARD-HELPER-CALM"
    assert not any(one.startswith("CARD-HELPER") for one in library(now))
    assert "CARD-HELPER-MOVE" not in library(after(hours=23), helper=True)


def test_a_day_begins_at_the_procedures_wall_time_also_when_the_clocks_change() -> None:
    zone = ZoneInfo("America/New_York")
    record = patient(procedure_end_at=datetime(2026, 10, 31, 10, 0, tzinfo=zone).isoformat())
    # The clocks went back an hour in between: five days are 121 hours.
    assert "CARD-FOOD" not in today(datetime(2026, 11, 5, 9, 59, tzinfo=zone), record=record)
    assert "CARD-FOOD" in today(datetime(2026, 11, 5, 10, 0, tzinfo=zone), record=record)


def test_questions_for_a_visit_follow_the_record_and_the_phase() -> None:
    after_ids = ids(shown(after(days=5)).questions)
    assert {"ASK-BONE", "ASK-LIMITS", "ASK-EXERCISE"} <= after_ids
    assert "ASK-PILLS" not in after_ids
    before = ids(shown(after(days=-2)).questions)
    assert before == {q.id for q in CARDS.questions if q.when.phase == "before"}
    assert len(before) == 8
