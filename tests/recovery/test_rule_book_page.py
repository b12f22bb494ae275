"""The rule book page: everything a clinician has to agree with, on one page, for any staff, at no cost."""

import re
from collections import Counter
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recovery.desk.rule_book import rule_book_page
from recovery.desk.rule_book.gate_words import THEN_WORDS, gate_words
from recovery.plan.book import default_book
from recovery.plan.card_words import card_when
from recovery.plan.cards_book import default_cards
from recovery.statement_places import all_citations
from recovery.triage.rulebook import load_rulebook
from recovery.triage.traceability import embodiments
from tests.database import FOR_WHOM
from tests.patients import pages
from tests.patients.pages import signed_in
from tests.people import Cast

PAGE = "/desk/rules/"
BOOK = load_rulebook()
RULES = (*BOOK.urgent, *BOOK.latch, *BOOK.watch)


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


@pytest.fixture
def book(nurse: Client) -> str:
    return pages.text(nurse.get(PAGE))


def words(markup: str) -> str:
    """What a reader sees of some markup."""
    return unescape(re.sub(r"<[^>]+>", " ", markup))


def part(book: str, identifier: str) -> str:
    """The text of one rule, milestone or statement: from its anchor to its own end."""
    begin = re.search(rf'<(article|section|div)[^>]*id="{identifier}"', book)
    assert begin, identifier
    depth, rest = 0, book[begin.start() :]
    for tag in re.finditer(rf"<(/?){begin[1]}\b", rest):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return words(rest[: tag.start()])
    raise AssertionError(f"{identifier} does not end")


def test_each_rule_stands_with_its_condition_its_message_and_its_reason(book: str) -> None:
    for rule in RULES:
        shown = part(book, rule.id)
        for said in (rule.plain, rule.message, rule.reason):
            assert said in shown, rule.id


def test_a_rule_shows_its_sources_in_our_words_and_the_defaults_it_rests_on(book: str) -> None:
    shown = part(book, "R911-08")
    assert "Loss of movement in one leg or in both is a reason to phone 911." in shown
    assert "Kyphoplasty: Long-Term Care, What can help (bullets) (RF-911-03)" in shown
    assert "Leg will not hold: weak_stand cannot -> 911" in shown


def test_a_rule_of_open_alerts_says_which_tiers_it_gives(book: str) -> None:
    assert re.search(r"Call doctor now,\s+then or else\s+Watch", part(book, "RL-01"))


def test_a_nurses_hint_stands_beside_the_reason(book: str) -> None:
    assert "No brace or no bone medicine on file: consider brace and bone medicine." in part(book, "RW-02")


def test_every_sentence_a_rule_may_say_stands_on_the_page(book: str) -> None:
    assert "Go to the ER now. Do not wait for a call back." in part(book, "RDN-06")
    assert "If no call back in 10 minutes, go to the ER." in part(book, "RDN-06")
    assert "You told us about an emergency sign." in part(book, "RL-04")


def test_each_milestone_stands_with_its_texts_its_gates_and_its_sources(book: str) -> None:
    for entry in default_book().entries:
        assert all(text in part(book, entry.id) for text in entry.texts.values()), entry.id
    driving = part(book, "M-DRIVE-48H")
    assert "from 48 h" in driving
    assert "Held back when a strong pain pill was taken in the last 24 h" in driving
    assert "Driving is usually possible two days after." in driving


def test_every_gate_has_words() -> None:
    assert all(gate_words(gate, default_book()) for entry in default_book().entries for gate in entry.gates)
    assert {gate.then for entry in default_book().entries for gate in entry.gates} <= set(THEN_WORDS)


def test_each_conflict_and_its_resolution_each_default_and_each_open_question_is_there(book: str) -> None:
    sources = BOOK.content["sources"]
    for row in sources["conflicts"]:
        assert row["documents"] in part(book, row["id"])
        assert row["resolution"] in part(book, row["id"])
    for row in sources["defaults"]:
        assert row["default"] in part(book, row["id"])
    for question in sources["open_questions"]:
        assert question in words(book)


@pytest.mark.slow
def test_each_statement_says_where_it_lives(book: str) -> None:
    closed_up = re.sub(r">\s+<", "><", book)
    for row in BOOK.content["sources"]["rows"]:
        assert f'<div id="{row["id"]}"><dt>{row["id"]}</dt>' in closed_up
        assert row["paraphrase"] in words(book)
    for entry in embodiments().values():
        assert entry.by in words(book)
    assert "Nothing embodies" not in book


def test_the_other_way_around_each_rule_milestone_and_card_names_its_rows(book: str) -> None:
    other_way = book[book.index('id="rests"') : book.index('id="defaults"')]
    for identifier in all_citations():
        assert f'<a href="#{identifier}">{identifier}</a>' in other_way
    pace = other_way[other_way.index('#CARD-PACE"') :].split("</div>")[0]
    assert '<a href="#RS-05">RS-05</a>' in pace


def test_each_card_and_question_stands_with_its_words_when_it_is_shown_and_its_sources(book: str) -> None:
    for card in default_cards().cards:
        shown = part(book, card.id)
        assert all(
            said in shown for said in (card.title, card.text, *card.items, *card_when(card, default_cards()))
        ), card.id
    for question in default_cards().questions:
        assert question.text in part(book, question.id)
    pace = part(book, "CARD-PACE")
    assert "On Today when back pain in the last log, at most 36 h old, is 2 or less." in pace
    assert "Only when the clinic has not cleared lifting, bending and twisting." in pace
    assert "Not on a doctor-now day, not at 911." in pace


def test_the_page_carries_the_hash_of_the_rule_book(book: str) -> None:
    assert BOOK.hash in book


def test_every_jump_lands_on_exactly_one_place(book: str) -> None:
    places = Counter(re.findall(r'\bid="([^"]+)"', book))
    assert [place for place, times in places.items() if times > 1] == []
    assert set(re.findall(r'href="#([^"]+)"', book)) - set(places) == set()


def test_the_desks_navigation_leads_here(nurse: Client, people: Cast) -> None:
    assert 'href="/desk/rules/"' in pages.text(nurse.get("/desk/"))
    assert re.search(r'href="/desk/rules/" aria-current="page"', pages.text(nurse.get(PAGE)))


@pytest.mark.parametrize("role", ["nurse", "physician", "manager", "other_nurse"])
def test_any_staff_may_read_it(people: Cast, role: str) -> None:
    assert signed_in(getattr(people, role)).get(PAGE).status_code == 200


def test_a_patient_may_not(people: Cast) -> None:
    assert signed_in(people.patient).get(PAGE).status_code == 404


@pytest.mark.usefixtures("nothing_runs_out")
@pytest.mark.slow
def test_it_is_made_once_for_a_rule_book_and_costs_at_most_6_statements(nurse: Client) -> None:
    rule_book_page.body.cache_clear()
    nurse.get(PAGE)
    with CaptureQueriesContext(connection) as context:
        nurse.get(PAGE)
    assert len(context) <= 6 + FOR_WHOM
    assert rule_book_page.body.cache_info().misses == 1
