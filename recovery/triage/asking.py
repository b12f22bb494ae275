"""When a question of the log is asked: of whom, in which list, and after which answers.

`show_if` in questions.json is the wording for clinicians. These conditions run:
asked_when: which patients get the question (names of ASKED); shown_when: after which answers of the same log;
at_once_when: which patients see it from the start anyway; in_list: the list it is an item of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery.language.expression import Binary, Call, ExpressionError, Literal, Name, Node, SetLiteral, parse
from recovery.language.kinds import BOOL, Kind, require_bool
from recovery.language.python import Condition, compile_node

LISTS = ("em_gate", "nerve_gate", "site_gate", "anything_else", "add_more")
# ice_time: before 72 hours; early: before 336; by_helper: a helper answers; has_helper: one is linked.
ASKED = (
    *("ice_time", "early", "brace", "thinner_held", "meds_on_hold", "opioid", "dressing_removed"),
    *("breath_usual", "leg_on_file", "by_helper", "has_helper"),
)
_OF_WHOM: Mapping[str, Kind] = dict.fromkeys(ASKED, BOOL)
Question = Mapping[str, Any]


@dataclass(frozen=True)
class Given:
    """A question has one of these answers; without values: any typed answer."""

    code: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asking:
    """any_of: shown when one holds; all_of: shown when all hold; item_of: the list it is an item of."""

    who: Condition
    at_once: Condition
    shown: Condition | None
    any_of: tuple[Given, ...]
    all_of: tuple[Given, ...]
    item_of: str

    @property
    def always(self) -> bool:
        """Return whether everyone who is asked sees the question, whatever they answered before."""
        return not (self.any_of or self.all_of or self.item_of)


def asking(question: Question, by_code: Mapping[str, Question], facts: Mapping[str, Kind]) -> Asking:
    """Return when this question is asked; ExpressionError for a name, value or shape that makes no sense.

    by_code: all questions; facts: their kinds (vocabulary.raw_facts).
    """
    if question.get("in_list", LISTS[0]) not in LISTS:
        raise ExpressionError(f"there is no list {question['in_list']!r}")
    shown = _tree(question, "shown_when", {code: kind for code, kind in facts.items() if code in by_code})
    any_of, all_of = _answers(shown, by_code) if shown else ((), ())
    return Asking(
        who=_condition(question, "asked_when", otherwise="true"),
        at_once=_condition(question, "at_once_when", otherwise="false"),
        shown=compile_node(shown) if shown else None,
        any_of=any_of,
        all_of=all_of,
        item_of=question.get("in_list", ""),
    )


def _condition(question: Question, key: str, *, otherwise: str) -> Condition:
    return compile_node(_tree(question, key, _OF_WHOM) or parse(otherwise))


def _tree(question: Question, key: str, facts: Mapping[str, Kind]) -> Node | None:
    text = question.get(key)
    if text is None:
        return None
    try:
        tree = parse(text)
        require_bool(tree, facts)
    except ExpressionError as error:
        raise ExpressionError(f"{key}: {error} in: {text}") from error
    return tree


def _answers(tree: Node, by_code: Mapping[str, Question]) -> tuple[tuple[Given, ...], tuple[Given, ...]]:
    """Return the condition as (any_of, all_of) answers, the two forms that a style sheet can test."""
    terms = _joined(tree, "and")
    if len(terms) > 1:
        return (), tuple(_given(term, by_code) for term in terms)
    return tuple(_given(term, by_code) for term in _joined(tree, "or")), ()


def _joined(tree: Node, op: str) -> list[Node]:
    if isinstance(tree, Binary) and tree.op == op:
        return [*_joined(tree.left, op), *_joined(tree.right, op)]
    return [tree]


def _given(term: Node, by_code: Mapping[str, Question]) -> Given:
    match term:
        case Binary("==", Name(code), Literal(str(value))) | Binary("in", Literal(str(value)), Name(code)):
            return Given(code, (value,))
        case Binary("in", Name(code), SetLiteral(values)) | Call("any_of", (Name(code), SetLiteral(values))):
            return Given(code, tuple(map(str, values)))
        case Binary("!=", Name(code), Literal(None)):
            return Given(code)
        case Binary("!=", Name(code), Literal(str(value))) if by_code[code].get("default") == value:
            return Given(code, tuple(each["code"] for each in by_code[code]["values"] if each["code"] != value))
        case Binary(">=", Name(code), Literal(int(least))) if by_code[code].get("range") == [0, 10]:
            return Given(code, tuple(str(number) for number in range(least, 11)))
    raise ExpressionError("shown_when: a page can show a question after any of some answers, or after all of them")
