"""Text as it comes in: what nobody can see goes, what anybody can read stays, at every door."""

import unicodedata
import uuid

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from config.middleware import cleaned
from patients.values.typed_text import clean
from recovery.models import DailyLog
from tests.patients import pages
from tests.people import Cast
from tests.recovery.conftest import CALM
from tests.recovery.phone import user_of

everything = st.text(alphabet=st.characters() | st.sampled_from("\0\x07\r\n\x85\u2028\u202e\u200b\ud800\udfff"))


@given(everything)
def test_nothing_unseen_is_left_and_nothing_seen_is_lost(text: str) -> None:
    found = clean(text)
    kinds = {unicodedata.category(letter) for letter in found if letter not in "\t\n"}
    assert not kinds & {"Cc", "Cf", "Cs"}
    assert clean(found) == found
    assert [c for c in found if not c.isspace()] == [
        c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    ]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("chest\0pain", "chest pain"),
        ("\u202eabc\u202c", "abc"),
        ("\ud83d", ""),
    ],
)
def test_a_control_letter_is_a_space_and_a_line_end_a_line_end(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_every_form_gets_its_text_cleaned(people: Cast, client: Client) -> None:
    client.force_login(user_of(people.patient))
    answer = client.post("/log/", {**CALM, "notes": "slept\0well\u202e", "client_id": str(uuid.uuid4())})
    assert answer.status_code == 302
    assert DailyLog.objects.get().answers["notes"] == "slept well"


def test_a_search_with_an_odd_letter_finds_whom_it_names(people: Cast, client: Client) -> None:
    client.force_login(people.nurse.user)
    page = client.post("/desk/patients/", {"q": f"\0{people.patient.last_name}\u200b"}, follow=True)
    assert people.patient.last_name in pages.text(page)


def test_a_password_is_taken_letter_by_letter() -> None:
    typed = QueryDict("", mutable=True)
    typed.update({"login": "nora\u200b", "password": "teapot\u200b\tviolin\r\n"})
    found = cleaned(typed)
    assert (found["login"], found["password"]) == ("nora", "teapot\u200b\tviolin\r\n")
