"""The log as a form: the questions as they are written, and nothing a person typed read as something else."""

from typing import Any

import pytest
from django.http import QueryDict

from recovery.forms.log import LogForm, blank
from recovery.forms.show_when import Asked, fields, show_when
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


def test_every_question_has_a_known_time_to_be_shown() -> None:
    assert [field["code"] for field in fields() if show_when(field) is None] == []


def test_every_question_stands_on_the_page_in_its_own_words() -> None:
    everything = Asked(brace=True, thinner_held=True, meds_on_hold=True, opioid=True, has_helper=True)
    html = blank(everything).replace("&#x27;", "'")
    missing = [f["code"] for f in fields() if f["question"] not in html and f["code"] != "notes_confirm"]
    assert missing == []


def test_nothing_is_chosen_beforehand_but_the_unit() -> None:
    assert blank(Asked()).count("checked") == 1
    assert 'value="C" id="id_temp_unit_1" class="typed" checked' not in blank(Asked())


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


@pytest.mark.parametrize("typed", ["warm", "1e3", "inf", "nan", "98.6.1", "٣٧", "1_0", "9" * 30, "0x10"])
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


def test_a_long_note_is_refused_and_line_ends_count_once() -> None:
    assert list(problems({"notes": "x" * 1001})) == ["notes"]
    assert len(answers({"notes": "x" * 998 + "\r\ny"})["notes"]) == 1000


def test_a_partial_log_needs_nothing_more() -> None:
    form = LogForm(QueryDict("partial=1&em_chest_pain=yes"), asked=Asked())
    assert form.is_valid(), form.errors
    assert form.answers() == {"em_gate": "some", "em_chest_pain": "yes"}


def test_a_helper_is_named_in_every_log() -> None:
    assert answers({}, Asked(by_helper=True))["logged_by"] == "caregiver"
