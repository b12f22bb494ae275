"""Every page of patients and helpers in Spanish: no English sentence is left, urgent advice has its English."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import timezone

from patients.models import User
from recovery.wording.languages.sentences import sentences
from tests.patients.pages import signed_in
from tests.people import Cast, make_procedure
from tests.recovery.conftest import NUMB, Send

PO = Path(__file__).resolve().parents[2] / "locale" / "es" / "LC_MESSAGES" / "django.po"
PAGES = (
    *("/today/", "/plan/", "/history/", "/learn/", "/visit/", "/help/", "/log/"),
    *("/my/messages/", "/my/helpers/", "/my/sign-in/", "/phones/"),
)
BEFORE_SIGN_IN = ("/accounts/login/", "/sign-in/code/", "/offline/")
# A sentence: words with a blank between them, more than a name or a label of two.
MOST_WORDS_OF_A_NAME = 3


def english() -> Iterator[str]:
    """Every English sentence that has words in Spanish, as it stands on a page."""
    with PO.open("rb") as source:
        for message in read_po(source):
            for text in [message.id] if isinstance(message.id, str) else message.id:
                if "%(" not in text and "{" not in text and len(text.split()) > MOST_WORDS_OF_A_NAME:
                    yield text
    yield from (text for text in sentences().values() if len(text.split()) > MOST_WORDS_OF_A_NAME)


ENGLISH = sorted(set(english()))


def shown(page: str) -> str:
    """The words of a page without what is marked as English, as one line."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    bare = re.sub(r'<(\w+)[^>]*\blang="en"[^>]*>.*?</\1>', " ", bare, flags=re.DOTALL)
    return " ".join(html.unescape(bare).split())


def left(client: Client, address: str) -> list[str]:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    page = answer.content.decode()
    assert '<html lang="es"' in page, address
    words = shown(page)
    return [text for text in ENGLISH if text in words]


@pytest.fixture
def spanish(people: Cast) -> Cast:
    users = (people.patient.user_id, people.helper.user_id)
    User.objects.filter(pk__in=users).update(language="es")
    return people


def test_no_english_sentence_is_left_on_a_page(spanish: Cast, send: Send) -> None:
    send({"notes": "Mi nota", "pain_move": 3, "walk_level": "house", "pain_meds": ["acetaminophen"]})
    clients = (signed_in(spanish.patient), signed_in(spanish.helper))
    found = {
        page: left(client, page) for client in clients[:1] for page in PAGES if client.get(page).status_code != 404
    }
    found |= {f"helper {page}": left(clients[1], page) for page in PAGES[:6]}
    assert {page: texts for page, texts in found.items() if texts} == {}
    assert len(found) > 12


def test_the_log_is_in_the_language_of_each_who_opens_it_whoever_was_first(people: Cast) -> None:
    client, words = signed_in(people.patient), {"en": "I have chest pain", "es": "Tengo dolor en el pecho"}
    for language in ("en", "es", "en"):
        User.objects.update(language=language)
        page = client.get("/log/").content.decode()
        assert [one for one, text in words.items() if text in page] == [language]


def test_no_english_sentence_is_left_before_sign_in(db: None) -> None:
    client = Client(headers={"accept-language": "es"})
    assert {page: texts for page in BEFORE_SIGN_IN if (texts := left(client, page))} == {}


def test_urgent_advice_says_that_it_is_in_review_and_has_the_english_below(spanish: Cast, send: Send) -> None:
    sent = send(NUMB)
    page = signed_in(spanish.patient).get(f"/log/{sent.log.code}/advice/").content.decode()
    assert "Llame a su médico ahora" in page
    assert "(traducción en revisión)" in page
    assert '<span class="as-written" lang="en">Call your doctor now.' in page


def test_the_form_refuses_in_spanish_and_keeps_what_was_typed(spanish: Cast) -> None:
    make_procedure(spanish.other_patient, timezone.now())
    answer = signed_in(spanish.patient).post("/log/", {"temp_value": "abc", "about": str(spanish.patient.code)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Escriba solo un número, como 98.6." in page
    assert 'value="abc"' in page
