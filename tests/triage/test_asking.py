"""When a question is asked: the condition that runs, and the answers a style sheet can look for, say the same."""

from itertools import product
from typing import Any

import pytest

from recovery.forms.show_when import Asked, by_code, fields, from_the_start, is_asked, show_when
from recovery.language.expression import ExpressionError
from recovery.triage.asking import ASKED, Given, asking
from recovery.triage.rulebook import load_rulebook
from recovery.triage.rulebook.files import read_content
from recovery.triage.vocabulary import raw_facts

FACTS = raw_facts(read_content())


def answers_to(code: str) -> list[Any]:
    """What may have been answered, nothing included."""
    field = by_code()[code]
    if field["type"] == "set":
        return [(), *((value["code"],) for value in field["values"])]
    if "values" in field:
        return [field.get("default"), *(value["code"] for value in field["values"])]
    low, high = field["range"]
    return [None, low, low + 1, high]


def is_given(given: Given, answer: Any) -> bool:
    """As the style sheet sees it: checked, or typed into."""
    if not given.values:
        return answer is not None
    return bool({str(one) for one in (answer if isinstance(answer, tuple) else (answer,))} & set(given.values))


@pytest.mark.parametrize("code", [field["code"] for field in fields() if "shown_when" in field])
def test_the_style_sheet_and_the_condition_show_a_question_after_the_same_answers(code: str) -> None:
    shown = show_when(by_code()[code])
    assert shown.shown
    asked = sorted({given.code for given in (*shown.any_of, *shown.all_of)})
    for said in product(*map(answers_to, asked)):
        log = dict(zip(asked, said, strict=True))
        held = [is_given(given, log[given.code]) for given in (*shown.any_of, *shown.all_of)]
        assert shown.shown(log) == (all(held) if shown.all_of else any(held)), log


def test_the_names_a_question_may_ask_of_a_person_are_those_we_know_of_one() -> None:
    """At the desk the same is asked, only said otherwise; so is a temperature of either unit."""
    assert set(ASKED) == set(vars(Asked())) - {"temp_unit", "at_desk", "helped"}


def test_who_is_asked_what() -> None:
    def asked(code: str, **known: bool) -> bool:
        return is_asked(by_code()[code], Asked(**known))

    assert (asked("brace_worn"), asked("brace_worn", brace=True)) == (False, True)
    assert (asked("dressing"), asked("dressing", dressing_removed=True)) == (True, False)
    assert (asked("rash"), asked("rash", early=False)) == (True, False)
    assert (asked("logged_by", has_helper=True), asked("logged_by", has_helper=True, by_helper=True)) == (
        True,
        False,
    )
    assert not asked("other_meds_restarted", meds_on_hold=True, early=False)
    assert from_the_start(by_code()["opioid_hours_since"], Asked(opioid=True))
    assert not from_the_start(by_code()["opioid_hours_since"], Asked())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"shown_when": "numbness == 'yes'"}, "there is no fact 'numbness'"),
        ({"shown_when": "hours < 72"}, "there is no fact 'hours'"),
        ({"shown_when": "numb == 'maybe'"}, "'maybe' is not one of: no, yes"),
        ({"shown_when": "numb == 1"}, "text is never equal to number"),
        ({"shown_when": "pain_site"}, "needs yes or no"),
        ({"shown_when": "not (numb == 'yes')"}, "any of some answers, or after all of them"),
        ({"shown_when": "numb == 'yes' and (weak == 'yes' or bowel == 'leak')"}, "any of some answers"),
        ({"shown_when": "numb =="}, "expected a value"),
        ({"asked_when": "sunny"}, "there is no fact 'sunny'"),
        ({"at_once_when": "opioid == 'yes'"}, "bool is never equal to text"),
        ({"in_list": "the_other_list"}, "there is no list 'the_other_list'"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(row: dict[str, str], reason: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        asking({"code": "x", **row}, by_code(), FACTS)
    assert reason in str(caught.value)


def test_every_condition_of_a_question_is_checked_when_the_rule_book_loads() -> None:
    assert load_rulebook()
    # A question that is always asked and always shown has none.
    assert show_when(by_code()["em_gate"]).always
