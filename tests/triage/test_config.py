"""What a clinic may set: within bounds, signed when less strict, and never anything a 911 rule looks at."""

import json
from random import Random
from typing import Any

import pytest

from patients.tiers import RANK
from recovery.triage.check import calm_log
from recovery.triage.config import fixed, needs_sign_off, numbers_in, settings, validate_config, value_of
from recovery.triage.evaluate import judge
from recovery.triage.lines import answer_line
from recovery.triage.rulebook import default_row, fallback_minutes, load_rulebook
from tests.triage.answers import CALM_LOG
from tests.triage.strategies import any_config, many_configured

PHASES = [{"until_h": 336, "gap_h": 24}, {"until_h": 1008, "gap_h": 72}, {"until_h": 2160, "gap_h": 192}]
PHASES += [{"until_h": None, "gap_h": 840}]
NOT_PHASES = "must give gap_h for until_h 336, 1008, 2160 and null"
NOT_MINUTES = "must give minutes for: default, weak, bladder, bowel"
NOT_IN_ORDER = "must be in order, none in the hour of another"


def fired(log: dict[str, Any] | None, hours: float = 30.0, config: Any = None, **patient: Any) -> list[str]:
    return [rule.id for rule in judge(patient, hours, log, [], config=config).fired]


def test_every_emergency_rule_fires_exactly_as_without_whatever_a_clinic_set() -> None:
    for patient, hours, log, history, config in many_configured(seed=21, count=6_000):
        without, within = judge(patient, hours, log, history), judge(patient, hours, log, history, config=config)
        emergencies = [
            [rule for rule in verdict.fired if rule.id.startswith("R911")] for verdict in (without, within)
        ]
        assert emergencies[0] == emergencies[1]
        assert (without.tier == "call_911") == (within.tier == "call_911")


def test_a_clinic_that_is_only_stricter_never_lowers_a_tier() -> None:
    for patient, hours, log, history, config in many_configured(seed=22, count=6_000, stricter=True):
        # A recorded grace replaces the clinic's; all else is compared.
        patient.get("clinic_overrides", {}).pop("site_swelling_grace_hours", None)
        without, within = judge(patient, hours, log, history), judge(patient, hours, log, history, config=config)
        assert RANK[within.tier] >= RANK[without.tier], (patient, hours, log, history, config)


def test_what_random_clinics_choose_is_valid() -> None:
    random = Random(23)
    assert [problem for _ in range(500) for problem in validate_config(any_config(random))] == []


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"fever_threshold": 100}, ("fever_threshold", "is not a setting")),
        ({"R911-01": False}, ("R911-01", "is not a setting")),
        ({"fever_threshold_f": 101.1}, ("fever_threshold_f", "must be from 99.0 to 101.0")),
        ({"fever_threshold_f": True}, ("fever_threshold_f", "must be a finite number")),
        ({"fever_threshold_f": None}, ("fever_threshold_f", "must be a finite number")),
        ({"temp_plausible_f": [93]}, ("temp_plausible_f", "must be two numbers, the lower one first")),
        ({"temp_plausible_f": [93, "110"]}, ("temp_plausible_f", "highest must be a finite number")),
        ({"missed_log_h": PHASES[:3]}, ("missed_log_h", NOT_PHASES)),
        ({"missed_log_h": [*PHASES[:3], {"gap_h": 8000}]}, ("missed_log_h", "later must be from 24 to 1008")),
        ({"missed_log_h": [[], {}, 1, None]}, ("missed_log_h", NOT_PHASES)),
        ({"fallback_min": {"bladder": 20}}, ("fallback_min", "bladder must stay 10")),
        ({"fallback_min": {"fever": 20}}, ("fallback_min", NOT_MINUTES)),
        ({"quiet_hours": ["21:00", "21:00"]}, ("quiet_hours", "must differ, and be at most 16 hours apart")),
        ({"quiet_hours": ["12:00", "08:00"]}, ("quiet_hours", "must differ, and be at most 16 hours apart")),
        ({"quiet_hours": ["9", "8"]}, ("quiet_hours", "must be two clock times like 21:00")),
        ({"note_time_local": "24:00"}, ("note_time_local", "must be a clock time like 09:00")),
        ({"log_reminder_local": []}, ("log_reminder_local", "must hold 1 to 3 clock times")),
        ({"ice_slots_local": ["10:00", "10:30"]}, ("ice_slots_local", NOT_IN_ORDER)),
        ({"emergency_number": "112"}, ("emergency_number", "is the same for every clinic")),
        ({"phrases_911": ["chest pain"]}, ("phrases_911", "is the same for every clinic")),
        ([], ("", "must be an object")),
    ],
)  # fmt: skip
def test_what_may_not_be_set_is_refused_by_name(config: Any, problem: tuple[str, str]) -> None:
    assert validate_config(config) == [problem]


def test_the_defaults_themselves_are_a_valid_config_and_change_nothing() -> None:
    defaults = {key: setting.default for key, setting in settings().items()}
    defaults |= {key: value for key, (value, *_) in fixed().items()}
    assert validate_config(json.loads(json.dumps(defaults))) == []
    for patient, hours, log, history, _ in many_configured(seed=24, count=300):
        assert judge(patient, hours, log, history, config=defaults) == judge(patient, hours, log, history)


def test_every_number_of_the_rule_book_is_a_setting_with_its_default_explained() -> None:
    spans = {name for key in ("temp_plausible_f", "temp_plausible_c") for name in (f"{key}_low", f"{key}_high")}
    assert set(load_rulebook().content["numbers"]) - spans <= set(settings())
    for setting in settings().values():
        assert setting.source or default_row(setting.default_id)
        assert value_of(setting, numbers_in(setting, setting.default)) == setting.default


def test_numbers_between_the_bounds_hold_their_default() -> None:
    for setting in settings().values():
        if setting.parts:
            numbers = numbers_in(setting, setting.default)
            assert all(low <= numbers[part] <= high for part, (low, high) in setting.parts.items()), setting.key


@pytest.mark.parametrize(
    ("key", "old", "new", "signed"),
    [
        ("fever_threshold_f", None, 100.0, False),
        ("fever_threshold_f", None, 100.8, True),
        ("fever_threshold_f", 99.5, 100.0, True),
        ("fever_threshold_f", 100.8, 100.6, True),
        ("fever_threshold_f", 100.8, 100.4, False),
        ("site_swelling_grace_hours", None, 24, True),
        ("ack_ttl_h", None, 24, False),
        ("ack_ttl_h", None, 72, True),
        ("latch_h", None, 72, True),
        ("latch_h", None, 336, False),
        ("pain_mcid", None, 1, True),
        ("missed_log_h", None, PHASES, False),
        ("missed_log_h", PHASES, settings()["missed_log_h"].default, True),
        ("temp_plausible_f", None, [90, 113], True),
        ("fallback_min", None, {"default": 20}, False),
        ("fallback_min", {"default": 20}, {"weak": 10}, True),
        ("quiet_hours", None, ["22:00", "07:00"], False),
        ("quiet_hours", None, ["21:00", "08:30"], True),
        ("log_reminder_local", None, ["10:00"], True),
        ("log_reminder_local", None, ["09:00", "19:00"], False),
        ("note_time_local", None, "10:00", False),
    ],
)  # fmt: skip
def test_less_strict_than_now_or_than_the_default_is_the_medical_leads_to_sign(
    key: str, old: Any, new: Any, signed: bool
) -> None:
    assert validate_config({key: new}) == []
    assert needs_sign_off(key, old, new) is signed


def test_a_clinics_fever_line_counts_and_is_what_its_patients_read() -> None:
    line, log = {"fever_threshold_f": 100.0, "fever_threshold_c": 37.8}, {**CALM_LOG, "temp_value": 100.1}
    assert fired(log) == ["RW-11"]
    assert fired(log, config=line) == ["RDN-14"]
    unsure = judge({}, 30.0, {**CALM_LOG, "fever_feel": "unsure"}, [], config=line)
    assert unsure.messages[0].text == "Take your temp. Call now if it hits 100°F (37.8°C)."


def test_of_the_clinics_and_the_patients_fever_line_the_lower_counts() -> None:
    log = {**CALM_LOG, "temp_value": 100.2}
    for clinic, own, rule in [(100.8, 100.0, "RDN-14"), (100.0, 100.8, "RDN-14"), (100.8, 100.8, "RW-11")]:
        overrides = {"fever_threshold_f": own}
        assert fired(log, config={"fever_threshold_f": clinic}, clinic_overrides=overrides) == [rule]


def test_what_was_recorded_for_one_patient_stands_before_the_clinics() -> None:
    swelling = {**CALM_LOG, "site_gate": "some", "site_swelling": "small_not_growing"}
    grace = {"site_swelling_grace_hours": 48}
    assert fired(swelling, config=grace) == ["RW-28"]
    assert fired(swelling, config=grace, clinic_overrides={"site_swelling_grace_hours": 0}) == ["RDN-08"]
    pills = {**CALM_LOG, "pain_meds": ["acetaminophen"], "apap_total_mg": 2500}
    assert fired(pills, config={"apap_max_mg": 2000}) == ["RDN-20"]
    assert fired(pills, config={"apap_max_mg": 2000}, apap_max_mg=4000) == []


def test_the_facts_that_are_stored_hold_the_clinics_numbers() -> None:
    facts = judge({}, 30.0, calm_log(load_rulebook().content), [], config={"latch_h": 200}).facts
    assert facts["latch_h"] == 200


def test_the_minutes_until_a_patient_goes_in_are_the_clinics() -> None:
    config = {"fallback_min": {"default": 20, "weak": 5}}
    assert fallback_minutes(["rash"], config) == 20
    assert fallback_minutes(["rash", "weak"], config) == 5
    assert fallback_minutes(["bladder"], config) == 10


def test_the_command_judges_with_the_config_of_a_line_and_refuses_what_it_does_not_know() -> None:
    case = {"id": 1, "patient": {}, "recovery_hours": 24, "log": None, "config": {"missed_log_h": PHASES}}
    assert answer_line(json.dumps(case).encode())["tier"] == "watch"
    refused = answer_line(json.dumps({**case, "config": {"latch": 1}}).encode())
    assert refused == {"id": 1, "error": "config.latch: is not a setting"}
