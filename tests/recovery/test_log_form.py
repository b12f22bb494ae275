"""The log as a form: the questions as they are written, and nothing a person typed read as something else."""

from typing import Any

import pytest
from django.http import QueryDict

from recovery.forms.log import LogForm, blank
from recovery.forms.show_when import Asked, fields
from recovery.forms.steps import every_code
from recovery.wording.left_over import parted, whole
from tests.recovery.conftest import CALM


def filled(changes: dict[str, Any] | None = None, asked: Asked | None = None) -> LogForm:
    data = QueryDict(mutable=True)
    for name, value in {**CALM, **(changes or {})}.items():
        data.setlist(name, [str(v) for v in value] if isinstance(value, list) else [str(value)])
    return LogForm(data, asked=asked or Asked())


def answers(changes: dict[str, Any], asked: Asked | None = None) -> dict[str, Any]:
    form = filled(changes, asked)
    assert form.is_valid(), form.errors
    return form.answers()


def problems(changes: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in filled(changes).errors.items()}


def test_a_normal_day_is_stored_as_it_was_tapped() -> None:
    assert answers({}) == CALM


def test_every_question_stands_on_the_page_in_its_own_words() -> None:
    everything = Asked(brace=True, thinner_held=True, meds_on_hold=True, opioid=True, has_helper=True)
    html = blank(everything).replace("&#x27;", "'")
    missing = [
        f["code"] for f in fields() if f.get("sign", f["question"]) not in html and f["code"] != "notes_confirm"
    ]
    assert missing == []


def test_nothing_is_chosen_beforehand_but_the_unit() -> None:
    assert blank(Asked()).count("checked") == 1
    assert 'value="C" class="typed" checked' not in blank(Asked())


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("brace_worn", {"brace": True}),
        ("blood_thinner_taken", {"thinner_held": True}),
        ("other_meds_restarted", {"meds_on_hold": True}),
        ("logged_by", {"has_helper": True}),
        ("em_hard_to_wake", {"by_helper": True}),
    ],
)
def test_a_question_for_some_is_asked_of_those_only(code: str, asked: dict[str, Any]) -> None:
    assert f'name="{code}"' not in blank(Asked())
    assert f'name="{code}"' in blank(Asked(**asked))


@pytest.mark.parametrize(
    ("code", "asked"),
    [("ice_sessions", {"ice_time": False}), ("rash", {"early": False}), ("dressing", {"dressing_removed": True})],
)
def test_a_question_that_is_over_is_not_asked_any_more(code: str, asked: dict[str, Any]) -> None:
    assert f'name="{code}"' in blank(Asked())
    assert f'name="{code}"' not in blank(Asked(**asked))


def test_usual_breath_is_offered_only_when_on_file() -> None:
    assert 'value="usual"' not in blank(Asked())
    assert 'value="usual"' in blank(Asked(breath_usual=True))


@pytest.mark.parametrize("code", ["em_gate", "nerve_gate", "site_gate", "fever_feel", "pain_move", "back_change"])
def test_a_safety_question_left_out_is_asked_again(code: str) -> None:
    assert list(problems({code: ""})) == [code]


def test_a_tapped_item_answers_its_list() -> None:
    given = answers({"em_gate": "", "em_chest_pain": "yes"})
    assert (given["em_gate"], given["em_chest_pain"]) == ("some", "yes")


def test_an_item_beside_none_of_these_keeps_both() -> None:
    given = answers({"nerve_gate": "none", "numb": "yes"})
    assert (given["nerve_gate"], given["numb"]) == ("none", "yes")


def test_an_opened_item_without_an_answer_is_asked_again() -> None:
    assert list(problems({"open_em_breath": "1"})) == ["em_breath"]


def test_an_opened_item_answered_calmly_leaves_its_list_open() -> None:
    assert list(problems({"em_gate": "", "open_em_breath": "1", "em_breath": "none"})) == ["em_gate"]


@pytest.mark.parametrize(("typed", "stored"), [("98,6", 98.6), (" 37.5 ", 37.5), ("115", 115.0), ("20", 20.0)])
def test_a_temperature_may_have_a_comma(typed: str, stored: float) -> None:
    assert answers({"temp_value": typed, "temp_unit": "F"})["temp_value"] == stored


@pytest.mark.parametrize("typed", ["986", "19.9", "-5", "115.1"])
def test_an_odd_temperature_is_looked_at_twice_and_then_taken(typed: str) -> None:
    form = filled({"temp_value": typed})
    assert list(form.errors) == ["temp_value"]
    assert answers({"temp_value": typed, "temp_seen": form.data["temp_seen"]})["temp_value"] == float(typed)


def test_another_odd_temperature_is_looked_at_again() -> None:
    assert "temp_value" in problems({"temp_value": "987", "temp_seen": "986.0"})


@pytest.mark.parametrize(
    ("typed", "tapped", "stored", "unit"),
    [
        ("101.2°F", "C", 101.2, "F"),
        ("38.5 C", "F", 38.5, "C"),
        ("38,5", "C", 38.5, "C"),
        ("101.2 f", "F", 101.2, "F"),
        ("１０１．２", "F", 101.2, "F"),
        ("３８，５℃", "F", 38.5, "C"),
        ("٣٨٫٥", "C", 38.5, "C"),
        ("38,5 grados centígrados", "F", 38.5, "C"),
        ("101.2 deg. Fahrenheit.", "C", 101.2, "F"),
        ("101°", "F", 101.0, "F"),
        ("\u200e99\u00a0º F", "C", 99.0, "F"),
    ],
)
def test_a_temperature_is_read_as_people_write_it(typed: str, tapped: str, stored: float, unit: str) -> None:
    given = answers({"temp_value": typed, "temp_unit": tapped})
    assert (given["temp_value"], given["temp_unit"]) == (stored, unit)


@pytest.mark.parametrize(
    ("code", "typed", "stored"),
    [
        ("apap_total_mg", "1,000", 1000),
        ("apap_total_mg", "4.000 mg", 4000),
        ("apap_total_mg", "500mg", 500),
        ("walk_minutes", "20 min", 20),
        ("opioid_hours_since", "2½ hrs", 2.5),
    ],
)
def test_a_number_may_have_its_unit_and_a_thousand_is_no_one(code: str, typed: str, stored: float) -> None:
    assert answers({code: typed})[code] == stored


@pytest.mark.parametrize("typed", ["1,00", "1,0000", "2.5", "1,234.5", "20 h", "mg"])
def test_a_whole_number_is_never_guessed_at(typed: str) -> None:
    assert list(problems({"apap_total_mg": typed})) == ["apap_total_mg"]


@pytest.mark.parametrize("typed", ["warm", "1e3", "inf", "nan", "98.6.1", "98.6 K", "1_0", "9" * 41, "0x10"])
def test_what_is_no_plain_number_is_refused(typed: str) -> None:
    assert "temp_value" in problems({"temp_value": typed})


def test_a_unit_without_a_temperature_says_nothing() -> None:
    assert "temp_unit" not in answers({"temp_unit": "C"})


@pytest.mark.parametrize(
    ("code", "typed"), [("walk_minutes", "601"), ("walk_minutes", "2.5"), ("pain_move", "11")]
)
def test_a_number_out_of_range_is_refused(code: str, typed: str) -> None:
    assert list(problems({code: typed})) == [code]


def test_an_unknown_code_is_refused_by_its_question() -> None:
    assert list(problems({"back_change": "fantastic"})) == ["back_change"]


def test_tylenol_is_added_up_from_each_product() -> None:
    given = answers(
        {
            "pain_meds": ["acetaminophen", "opioid_acetaminophen"],
            "apap_mg_acetaminophen": "500",
            "apap_pills_acetaminophen": "4",
            "apap_mg_opioid_acetaminophen": "325",
            "apap_pills_opioid_acetaminophen": "2",
        }
    )
    assert given["apap_total_mg"] == 2650


def test_an_own_sum_of_tylenol_wins() -> None:
    sums = {"apap_mg_acetaminophen": "500", "apap_pills_acetaminophen": "4", "apap_total_mg": "1500"}
    assert answers(sums)["apap_total_mg"] == 1500


def test_half_a_tylenol_row_is_asked_again() -> None:
    assert list(problems({"apap_mg_acetaminophen": "500"})) == ["apap_total_mg"]


def test_a_long_note_is_kept_up_to_its_bound_and_the_rest_beside_it() -> None:
    form = filled({"notes": "x" * 998 + "\r\nyz", "question_for_team": "q" * 501})
    assert form.is_valid()
    kept, beside = parted(form.answers(), form.unread())
    assert (kept["notes"], len(kept["question_for_team"])) == ("x" * 998 + "\ny", 500)
    assert beside == {"rest": {"notes": "z", "question_for_team": "q"}}
    assert whole(kept, beside)["notes"] == "x" * 998 + "\nyz"


def test_what_can_not_be_read_is_left_over_as_it_was_typed() -> None:
    form = filled({"temp_value": "wa\0rm", "walk_minutes": "many"})
    assert not form.is_valid()
    assert form.unread() == {"temp_value": "wa rm", "walk_minutes": "many"}


def test_a_text_loses_what_nobody_can_see() -> None:
    assert answers({"notes": " numb\0leg \u202e\u200bnow\x07 "})["notes"] == "numb leg now"


def test_a_partial_log_needs_nothing_more() -> None:
    form = LogForm(QueryDict("partial=1&em_chest_pain=yes"), asked=Asked())
    assert form.is_valid(), form.errors
    assert form.answers() == {"em_gate": "some", "em_chest_pain": "yes"}


def test_a_helper_is_named_in_every_log() -> None:
    assert answers({}, Asked(by_helper=True))["logged_by"] == "caregiver"


def test_every_question_has_its_place_in_one_step() -> None:
    assert sorted(every_code()) == sorted(f["code"] for f in fields() if f["code"] != "notes_confirm")
