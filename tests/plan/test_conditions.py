"""The tests of milestones and cards: conditions in the language of the rules, checked when the books are read."""

import copy
import json
from importlib.resources import files
from typing import Any

import pytest

from recovery.language.expression import ExpressionError
from recovery.plan.book import default_book, read_book
from recovery.plan.card_facts import moment_of
from recovery.plan.cards_book import CardsError, default_cards, read_cards
from recovery.plan.gates import VALUES, Values
from recovery.plan.situation import read_situation
from recovery.plan.vocabulary import OF_A_CARD, OF_A_MILESTONE, SITUATION, card_facts, milestone_facts
from tests.plan.cast import after, patient

BOOK = default_book()
PLAN: dict[str, Any] = json.loads(files("recovery.plan").joinpath("milestones.json").read_text("utf-8"))
CARDS = files("recovery.plan").joinpath("cards.toml").read_text("utf-8")


def test_every_name_a_gate_may_use_has_a_value_and_no_name_means_two_things() -> None:
    assert set(VALUES) == {*SITUATION, *OF_A_MILESTONE}
    assert not set(VALUES) & {*BOOK.numbers, *BOOK.groups}
    assert not BOOK.numbers.keys() & BOOK.groups.keys()
    values = Values(read_situation(patient(), {"tier": "watch"}, after(), BOOK), BOOK, BOOK.entries[0])
    assert {name for name in milestone_facts(PLAN) if values[name] is not None} >= {"tier", *BOOK.numbers}


def test_every_name_a_card_may_use_has_a_value() -> None:
    situation = read_situation(patient(), {"tier": "watch"}, after(), BOOK)
    statuses = dict.fromkeys(BOOK.ids, "not_yet")
    moment = moment_of(situation, {}, {}, statuses, frozenset(), BOOK)
    assert moment.facts.keys() == card_facts(BOOK.sign_groups, statuses).keys()
    assert not {*SITUATION} & {*OF_A_CARD}


def test_every_test_is_used_and_has_words() -> None:
    cards = default_cards()
    whens = [entry.when for entry in (*cards.cards, *cards.questions)]
    used = {name for when in whens for name in (*when.needs, *when.unless)}
    assert used | {name for card in cards.cards for name in card.today_if} == set(cards.tests)
    assert all(test.plain for test in (*cards.tests.values(), *BOOK.tests.values()))


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("tier == 'call_91'", "'call_91' is not one of"),
        ("teir == 'watch'", "there is no fact 'teir'"),
        ("any_of(open_signs, leg_group)", "there is no fact 'leg_group'"),
        ("hours", "needs yes or no"),
        ("hours >= today", "needs two numbers or two dates"),
        ("blood_thinner_held", "may be null"),
        ("acknowledged('numb') == 'seen'", "for the rules of a log alone"),
        ("hours >", "expected a value"),
    ],
)
def test_a_gate_that_makes_no_sense_is_refused_with_its_name(when: str, reason: str) -> None:
    plan = copy.deepcopy(PLAN)
    plan["tests"][0]["when"] = when
    with pytest.raises(ExpressionError) as caught:
        read_book(plan)
    assert "tier_911: " in str(caught.value)
    assert reason in str(caught.value)


def test_a_gate_whose_test_is_missing_stands_twice_or_is_no_row_is_refused() -> None:
    for tests, reason in (
        (PLAN["tests"][1:], "there is no test 'tier_911'"),
        ([*PLAN["tests"], PLAN["tests"][0]], "tier_911: this name stands twice"),
        ([{"name": "x"}], "a test has name, plain and when"),
        ([], "there are no tests"),
    ):
        with pytest.raises(ExpressionError, match=reason):
            read_book({**PLAN, "tests": tests})


def test_a_card_that_names_a_wrong_test_is_refused() -> None:
    for wrong, reason in (
        (CARDS.replace("\"energy in {'tired', 'very_tired'}\"", '"energi == null"'), "no fact 'energi'"),
        (CARDS.replace("m_ice_72h == 'active'", "m_ice_72h == 'on'"), "'on' is not one of"),
        (CARDS.replace('today_if = ["tired"]', 'today_if = ["tyred"]'), "CARD-REST: there is no test 'tyred'"),
    ):
        assert wrong != CARDS
        with pytest.raises(CardsError, match=reason):
            read_cards(wrong)
