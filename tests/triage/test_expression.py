"""The condition language: what it means, and what it refuses."""

from typing import Any

import pytest

from recovery.language.expression import ExpressionError, parse
from recovery.language.kinds import BOOL, DATE, NUMBER, SIGNATURES, Kind, kind_of, require_bool
from recovery.language.python import HELPERS, compile_node

FACTS: dict[str, Kind] = {
    "pain": NUMBER,
    "last": NUMBER,
    "gate": Kind("text", frozenset({"none", "some"}), nullable=True),
    "numb": Kind("text", frozenset({"no", "yes"})),
    "where": Kind("set", frozenset({"legs", "belly"})),
    "ok": Kind("bool", nullable=True),
    "held": BOOL,
    "day": DATE,
    "open_signs": Kind("set", frozenset({"numb", "weak"})),
    "on_file": Kind("set", frozenset({"numb_legs", "numb_belly"})),
}
NOTHING: dict[str, Any] = {
    "pain": None,
    "last": None,
    "gate": None,
    "numb": "no",
    "where": (),
    "ok": None,
    "held": False,
    "day": None,
    "open_signs": (),
    "on_file": (),
    "alert_by_sign": {},
}


def run(text: str, **facts: Any) -> Any:
    tree = parse(text)
    kind_of(tree, FACTS)
    return compile_node(tree)({**NOTHING, **facts})


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("pain > 3 or pain > 1 and held", {"pain": 2}, False),
        ("(pain > 3 or pain > 1) and held", {"pain": 2, "held": True}, True),
        ("not held and pain == 2", {"pain": 2}, True),
        ("not not held", {"held": True}, True),
        ("pain - last >= 2", {"pain": 5, "last": 3}, True),
        ("1 + 2 * 3 == 7", {}, True),
        ("(pain - 32) / 1.8 == 30", {"pain": 86}, True),
        ("gate in {'some', null}", {}, True),
        ("gate not in {'some'}", {}, True),
        ("'legs' in where", {"where": ("legs",)}, True),
        ("day < day", {"day": "2026-03-07"}, False),
        ("max(pain, last) == 4", {"pain": 4}, True),
        ("max(pain, last) == null", {}, True),
        ("choose(held, pain, last) == 1", {"last": 1}, True),
        ("empty(where)", {}, True),
        ("count(where) == 2", {"where": ("legs", "belly")}, True),
        ("count_of(where, {'legs'}) == 1", {"where": ("legs", "belly")}, True),
        ("any_of(where, {'legs'})", {"where": ("belly",)}, False),
        ("all_recorded('numb_', where, on_file)", {}, False),
        ("rose_by(pain, last, 2)", {"pain": 3}, True),
        ("rose_by(pain, last, 2)", {}, False),
        ("new_region(where, snapshot('numb', 'regions'))", {"where": ("legs",)}, True),
        ("acknowledged('numb') == null", {}, True),
        ("snapshot('numb', 'pain') == null", {}, True),
    ],
)
def test_it_means_what_it_says(text: str, facts: dict, expected: bool) -> None:
    assert run(text, **facts) is expected


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
def test_an_order_with_a_missing_value_is_false_both_ways(op: str) -> None:
    assert run(f"pain {op} 3") is False
    assert run(f"3 {op} pain") is False
    assert run(f"not (pain {op} 3)") is True


@pytest.mark.parametrize("op", ["+", "-", "*"])
def test_a_sum_with_a_missing_value_is_missing(op: str) -> None:
    assert run(f"pain {op} 3") is None


def test_equality_asks_for_a_missing_value_by_name() -> None:
    assert run("pain == null") is True
    assert run("pain != null", pain=0) is True
    assert run("ok == false") is False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "column 1: expected a value"),
        ("pain >", "column 7: expected a value"),
        ("pain > 3 3", "column 10: expected the end"),
        ("(pain > 3", "expected ')'"),
        ("pain = 3", "column 6: '=' is not understood"),
        ('numb == "yes"', "is not understood"),
        ("__import__('os')", "there is no helper '__import__'"),
        ("pain.real > 1", "'.' is not understood"),
        ("where in {}", "expected a value"),
        ("held not numb", "expected 'in' after 'not'"),
        ("pain > -1", "expected a value"),
        ("(" * 60 + "held" + ")" * 60, "nested too deeply"),
    ],
)
def test_it_refuses_what_is_not_the_language_and_says_where(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=_literally(reason)):
        kind_of(parse(text), FACTS)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("paim > 3", "there is no fact 'paim'"),
        ("numb == 'maybe'", "'maybe' is not one of: no, yes"),
        ("gate in {'some', 'lots'}", "'lots' is not one of"),
        ("'arm' in where", "'arm' is not one of: belly, legs"),
        ("any_of(where, {'arm'})", "'arm' is not one of"),
        ("numb > 3", "needs two numbers or two dates"),
        ("day > 3", "needs two numbers or two dates"),
        ("numb == 3", "text is never equal to number"),
        ("numb == null", "this is never null"),
        ("numb in {'yes', null}", "never null"),
        ("where == 'legs'", "a set is compared with"),
        ("pain", "needs yes or no, not a number"),
        ("ok", "may be null"),
        ("not pain", "needs yes or no"),
        ("pain in {'some'}", "needs a text on its left"),
        ("gate in pain", "needs a set on its right"),
        ("numb + 1 == 2", "needs two numbers"),
        ("pain / last == 2", "only division by a written number"),
        ("pain / 0 == 2", "only division by a written number"),
        ("empty(pain)", "empty needs a set"),
        ("empty(where, where)", "takes 1 values, not 2"),
        ("snapshot('numb', 'color') == null", "snapshot keeps only"),
        ("snapshot('itch', 'pain') == null", "'itch' is not one of"),
        ("gate in {1, 2}", "holds texts and null only"),
    ],
)
def test_it_refuses_a_condition_that_could_never_mean_anything(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=_literally(reason)):
        require_bool(parse(text), FACTS)


def test_every_helper_that_is_promised_can_be_run() -> None:
    assert set(SIGNATURES) == {*HELPERS, "snapshot", "acknowledged"}


def _literally(text: str) -> str:
    return text.translate({ord(sign): f"\\{sign}" for sign in "().'{}+*?"})
