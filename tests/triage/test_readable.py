"""What nobody can read is left out of the judgement and named beside it; it never stops one."""

from typing import Any

import pytest

from recovery.triage.evaluate import judge
from recovery.triage.lines import answer_line
from recovery.triage.readable import readable_config, readable_patient
from tests.triage.answers import CALM_LOG
from tests.triage.cases import situation
from tests.triage.test_triage_command import line

SWOLLEN = {**CALM_LOG, "site_swelling": "small_not_growing"}


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"clinic_overrides": {"fever": 1}}, "clinic_overrides.fever"),
        ({"clinic_overrides": {"site_swelling_grace_hours": 73}}, "clinic_overrides.site_swelling_grace_hours"),
        ({"clinic_overrides": {"no_drive_until": "soon"}}, "clinic_overrides.no_drive_until"),
        (
            {"clinic_overrides": {"milestone_not_before_hours": {"M-X": -1}}},
            "clinic_overrides.milestone_not_before_hours",
        ),
        ({"clinic_overrides": {"quiet_hours": ["21:00", "8"]}}, "clinic_overrides.quiet_hours"),
        ({"clinic_overrides": []}, "clinic_overrides"),
        ({"clinic_overrides": "none"}, "clinic_overrides"),
        ({"clinic_overrides": {"ice_ok": "yes"}}, "clinic_overrides.ice_ok"),
        ({"clinic_overrides": {"no_work_until": "2026-02-30"}}, "clinic_overrides.no_work_until"),
        ({"clinic_overrides": {"fever_threshold_f": 9.5}}, "clinic_overrides.fever_threshold_f"),
        ({"clinic_overrides": {"k" * 5000: 1}}, "clinic_overrides." + "k" * 60),
    ],
)
def test_an_override_nobody_can_read_is_left_out_and_named(record: dict[str, Any], place: str) -> None:
    kept, problems = readable_patient({**record, "age": 80})
    assert [found for found, _ in problems] == [place]
    assert (kept["age"], kept["clinic_overrides"] or {}) == (80, {})
    verdict = judge(record, 10.0, SWOLLEN, [])
    assert (verdict.tier, len(verdict.problems)) == ("call_doctor_now", 1)
    answer = answer_line(line(patient=record))
    assert (answer["tier"], [told.split(": ")[0] for told in answer["problems"]]) == ("on_track", [place])


def test_what_can_be_read_beside_it_counts() -> None:
    overrides = {"site_swelling_grace_hours": 24, "no_drive_until": "soon", "heavy_cleared_on": None}
    kept, problems = readable_patient({"clinic_overrides": overrides})
    assert kept["clinic_overrides"] == {"site_swelling_grace_hours": 24, "heavy_cleared_on": None}
    assert judge({"clinic_overrides": overrides}, 10.0, SWOLLEN, []).tier == "watch"
    assert problems == [("clinic_overrides.no_drive_until", "must be a date like 2026-01-31")]


def test_a_record_without_a_problem_is_left_as_it_is() -> None:
    records: list[dict[str, Any]] = [{"clinic_overrides": given} for given in (None, {}, {"ice_ok": False})]
    for record in [{}, *records]:
        assert readable_patient(record) == (record, [])
        assert "problems" not in answer_line(line(patient=record))


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"early_check_h": 72}, "config.early_check_h"),
        ({"late_check_h": 400}, "config.late_check_h"),
        ({"near_faint_tier": "on_track"}, "config.near_faint_tier"),
        ({"er_now": False}, "config.er_now"),
        ({"emergency_number": "112"}, "config.emergency_number"),
        ({"unknown": 1}, "config.unknown"),
        ({"apap_max_mg": "lots"}, "config.apap_max_mg"),
        ([1], "config"),
        ("x", "config"),
    ],
)
def test_a_setting_outside_its_bounds_is_the_default_and_named(config: Any, place: str) -> None:
    kept, problems = readable_config(config)
    assert (kept, [found for found, _ in problems]) == ({}, [place])
    slow = {**CALM_LOG, "pain_move": 5}
    verdict = judge({"baseline_pain": 8}, 50.0, slow, [], None, config)
    assert ([rule.id for rule in verdict.fired], len(verdict.problems)) == (["RW-01"], 1)
    answer = answer_line(line(config=config))
    if place in ("config", "config.unknown"):  # a slip of the pen in the line itself
        assert answer["error"].startswith(place)
    else:
        assert answer["problems"][0].startswith(place)


def test_a_good_setting_beside_a_bad_one_counts() -> None:
    kept, problems = readable_config({"early_check_h": 72, "late_check_h": 200})
    assert (kept, [place for place, _ in problems]) == ({"late_check_h": 200}, ["config.early_check_h"])


@pytest.mark.parametrize(
    ("key", "inside", "outside"),
    [
        ("early_check_h", (24, 48), (23, 49)),
        ("late_check_h", (168, 336), (167, 337)),
        ("near_faint_tier", ("watch", "call_doctor_now"), ("on_track", "call_911", None, 2)),
    ],
)
def test_both_sides_of_each_bound(key: str, inside: tuple[Any, ...], outside: tuple[Any, ...]) -> None:
    for value in inside:
        assert readable_config({key: value}) == ({key: value}, [])
    for value in outside:
        assert readable_config({key: value})[0] == {}


def test_no_problem_lowers_a_911_rule() -> None:
    case = situation({"bladder": "leak", "weak": "yes"})
    assert judge(*case, None, {"er_now": False, "near_faint_tier": []}).tier == "call_911"
