"""Whoever writes in Spanish is answered in Spanish; every answer of ours has its words."""

import pytest

from alerts.lifecycle import sms_replies
from alerts.messaging.reply_words import read
from alerts.messaging.spanish import ANSWERS, is_spanish, said
from patients.values.provider_codes import Whose, push_fault, sms_fault, smtp_fault
from recovery.logs import texts


@pytest.mark.parametrize(
    "text",
    [
        "PARAR",
        "ayuda",
        "Ayuda por favor",
        "no quiero más mensajes",
        "me duele mucho la espalda",
        "¿Cuándo?",
        "Peor",
    ],
)
def test_it_is_spanish(text: str) -> None:
    assert is_spanish(text)
    assert read(text).spanish


@pytest.mark.parametrize(
    "text", ["STOP", "help", "no", "me too", "My leg hurts more than yesterday", "482913", "para", "", "ok", "👍"]
)
def test_it_is_not(text: str) -> None:
    assert is_spanish(text) is (text == "para")


def test_every_answer_has_spanish_words_with_the_same_places_to_fill() -> None:
    ours = [sms_replies.NO_SUCH_CODE, sms_replies.LAST_TRY, sms_replies.UNCLEAR, sms_replies.NOT_READ]
    ours += [sms_replies.AGAIN, sms_replies.NUMBERS]
    ours += [sms_replies.NO_MORE, sms_replies.ONLY_CODES, sms_replies.HEARD, sms_replies.REACH, sms_replies.AT]
    ours += [texts.CALL_NOW, texts.CALL_CLINIC, texts.KEPT, texts.SHARED]
    assert set(ours) == ANSWERS.keys()
    for words in ours:
        spanish = said(words, spanish=True)
        assert spanish != words
        for place in ("{link}", "{phone}", "911", "START", "482913"):
            assert (place in words) == (place in spanish)
        assert len(spanish.format(link="https://recovery.example.org/desk/", phone="(312) 555-0100")) <= 200


@pytest.mark.parametrize("text", ["empezar", "Comenzar"])
def test_messages_come_again_in_spanish_too(text: str) -> None:
    assert read(text).start


@pytest.mark.parametrize(
    ("answer", "whose"),
    [
        ("550 5.1.1 <a@b.c>: no such user", Whose.THEIRS),
        ("556 5.1.10 null MX", Whose.THEIRS),
        ("554 rejected, your host 195.1.7.9 is listed", Whose.OURS),
        ("554 mail from 5.2.2.9 refused for policy", Whose.OURS),
        ("550 5.7.27 sender has a null MX", Whose.OURS),
        ("552 5.2.2 mailbox full", Whose.THEIRS),
        ("552 5.3.4 message too big", Whose.OURS),
    ],
)
def test_a_mail_servers_answer_is_read_by_its_code_and_not_by_an_address_in_it(answer: str, whose: Whose) -> None:
    assert smtp_fault(int(answer[:3]), answer[4:], at_the_address=False).whose == whose


def test_a_push_service_that_says_406_means_later_and_a_landline_takes_no_texts() -> None:
    assert push_fault(406).whose == Whose.NOBODYS
    assert sms_fault(21635).whose == Whose.THEIRS
    assert sms_fault(30036).whose == sms_fault(21730).whose == Whose.NOBODYS
    assert sms_fault(30010).whose == Whose.OURS
