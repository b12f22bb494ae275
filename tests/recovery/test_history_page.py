"""History: words, picture and table of pain, walking and temperature; each log with its advice; the visit."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from patients.models import Procedure, User
from recovery.phone.history import in_unit, temperature_of
from recovery.phone.history_words import walking
from recovery.phone.line_picture import HEIGHT, LEFT, WIDTH, line_picture
from recovery.phone.what_was_said import what_was_said
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM, NUMB, Send

MARKS = (0, 5, 10)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
VALUES = st.lists(st.integers(-5, 15), max_size=12)


def page(client: Client, path: str = "/history/") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text(answer)


@pytest.fixture
def days(people: Cast, send: Send) -> Cast:
    """Three logs: pain went down, the walk got longer, a temperature in Celsius and one in Fahrenheit."""
    now = timezone.now()
    told = (
        {"pain_move": 7, "pain_rest": 4, "walk_level": "room", "temp_value": 37, "temp_unit": "C"},
        {"pain_move": 5, "pain_rest": 3, "walk_level": "house", "temp_value": 99.5, "temp_unit": "F"},
        {"pain_move": 3, "pain_rest": 2, "walk_level": "outside", "question_for_team": "May I <swim>?"},
    )
    for count, answers in zip((1.9, 0.85, 0.1), told, strict=True):
        at = now - timedelta(days=count)
        send(answers, answered_at=at, now=at)
    return people


def test_words_picture_and_table_stand_in_this_order_for_pain_walking_and_temperature(days: Cast) -> None:
    history = page(signed_in(days.patient))
    order = [
        *(
            "3 logs since the procedure on",
            "Your back pain went down, from 7 to 3.",
            'id="pain-svg"',
            "pain-table",
        ),
        *("You walk farther than at first.", "Out of the house", "In my room", "The last one told was 99.5 °F"),
        *('id="temp-svg"', "<td>98.6</td>", "Each log, newest first", "You wanted to ask:", "/visit/visit.pdf"),
    ]
    places = [history.index(words) for words in order]
    assert places == sorted(places)
    assert "May I &lt;swim&gt;?" in history


def test_a_picture_is_drawn_alike_where_numbers_are_written_with_a_comma(days: Cast) -> None:
    User.objects.update(language="es")
    for path in ("/history/", "/today/", "/visit/"):
        found = page(signed_in(days.patient), path)
        places = re.findall(r'\b(?:c?[xy][12]?|r|width|height|viewBox)="([^"]*)"', found)
        assert places, path
        assert [place for place in places if "," in place] == [], path
    assert "99.5 °F" in page(signed_in(days.patient))


def test_each_log_has_its_advice_folded_under_it_and_says_who_told_it(days: Cast) -> None:
    signed_in(days.helper).post("/log/", {**CALM, **NUMB, "about": str(days.patient.code)})
    logs = page(signed_in(days.patient)).partition('id="logs-title"')[2]
    newest = logs[: logs.index("</li>")]
    assert newest.index("<summary>") < newest.index("Call doctor now") < newest.index("By a helper")
    assert (
        newest.index("</summary>") < newest.index("Call your doctor now.") < newest.index("See all of this advice")
    )
    assert logs.count("By you") == 3
    assert "By Rosa" in page(signed_in(days.helper))


def test_only_so_many_logs_stand_open(people: Cast, send: Send) -> None:
    now = timezone.now()
    for hours in range(9):
        at = now - timedelta(hours=hours)
        send(answered_at=at, now=at)
    history = page(signed_in(people.patient))
    assert "2 older logs" in history
    assert history.index("2 older logs") < history.index("For the next visit")
    assert history.count("See all of this advice") == 9


def test_without_numbers_there_is_no_picture_and_no_empty_heading(people: Cast, send: Send) -> None:
    send({"pain_move": None, "pain_rest": None, "walk_level": None})
    history = page(signed_in(people.patient))
    for words in ("pain-title", "walk-title", "temp-title", "<svg class"):
        assert words not in history.partition("<main")[2].partition("logs-title")[0]
    send({"pain_move": 4, "temp_value": 98.6, "temp_unit": "F"})
    history = page(signed_in(people.patient))
    assert "Your back pain is 4 of 10." in history
    assert "The last one told was 98.6 °F" in history
    assert 'id="temp-svg"' not in history


def test_the_visit_is_named_with_its_day(people: Cast, send: Send) -> None:
    send()
    Procedure.objects.update(next_visit_at=timezone.now() + timedelta(days=5))
    assert "For the visit on" in page(signed_in(people.patient))


def test_a_helper_reads_how_the_patient_walks() -> None:
    assert walking(1, 3, "Rosa") == "Rosa walks farther than at first."
    assert walking(3, 1, "") == "You walk less far than at first."
    assert walking(2, 2, "") == "You walk as far as at first."


@pytest.mark.parametrize(
    ("answers", "unit", "value"),
    [
        ({"temp_value": 98.6}, "C", 37.0),
        ({"temp_value": 38, "temp_unit": "C"}, "F", 100.4),
        ({"temp_value": 101.25, "temp_unit": "F"}, "F", 101.2),
        ({"temp_value": "hot"}, "F", None),
        ({"temp_value": True}, "F", None),
        ({}, "F", None),
    ],
)
def test_a_temperature_is_shown_in_the_patients_unit(answers: dict[str, object], unit: str, value: float) -> None:
    assert in_unit(answers, unit) == value


def test_no_temperature_makes_no_part_of_the_page() -> None:
    assert temperature_of([], "F") is None


@given(VALUES, VALUES)
def test_every_value_is_drawn_inside_the_picture(first: list[int], second: list[int]) -> None:
    lines = [[(NOON + timedelta(hours=6 * n), value) for n, value in enumerate(line)] for line in (first, second)]
    picture = line_picture(lines, MARKS)
    assert (picture is None) == (max(len(first), len(second)) < 2)
    for spot in (spot for line in picture.lines for spot in line) if picture else ():
        assert LEFT <= spot.x <= WIDTH
        assert picture is not None
        assert picture.grid[-1][1] <= spot.y <= picture.grid[0][1] < HEIGHT


def test_two_values_of_one_moment_make_no_error() -> None:
    assert line_picture([[(NOON, 1), (NOON, 2)]], MARKS)


def test_the_advice_says_what_to_do_then_who_knows_then_why_then_what_is_next(people: Cast, send: Send) -> None:
    calm = page(signed_in(people.patient), f"/log/{send().log.code}/advice/")
    places = [calm.index(words) for words in ("Your clinic has this log.", "Go to Today", "What you told us")]
    assert places == sorted(places)
    log = send({**NUMB, "pain_move": 6, "notes": "It began at <night>"}).log
    advice = page(signed_in(people.patient), f"/log/{log.code}/advice/")
    order = (
        *("Call your doctor now", "Who has been told", "Why we say this", "I feel numb or tingly."),
        *(
            "It began at &lt;night&gt;",
            "6 of 10",
            "What happens next",
            "When to call",
            "Where this advice comes from",
        ),
    )
    places = [advice.index(words) for words in order]
    assert places == sorted(places)


def test_what_a_log_says_is_told_of_the_patient_to_a_helper() -> None:
    answers = {**NUMB, "back_change": "worse", "pain_move": 6, "walk_level": "room"}
    assert what_was_said(answers, "Rosa") == [
        *("Rosa feels numb or tingly.", "How is Rosa’s back pain since the last log? Worse."),
        *("Back pain when moving: 6 of 10.", "Walking: In the room."),
    ]
    assert what_was_said({"numb": ["x"], "unknown": "yes"}, "") == []
    assert len(what_was_said({"notes": "long " * 900}, "")[0]) < 250
