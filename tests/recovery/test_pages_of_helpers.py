"""Every page of the phone as a helper reads it: it speaks of the patient by name, in English and in Spanish."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from patients.models import Patient, Procedure, User
from recovery.journey import actions
from recovery.triage.rulebook import load_rulebook
from recovery.wording.languages.check import TO_THE_PATIENT
from tests.patients.pages import signed_in
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, CALM, NUMB, Send

PAGES = (
    *("/today/", "/plan/", "/history/", "/learn/", "/visit/", "/help/", "/card/", "/log/", "/log/shell/"),
    *("/my/reminders/", "/offline/"),
)
# What means the helper who reads, as it stands on a page.
TO_THE_READER = {
    "en": (
        *(
            "Visits and plan in your phone’s calendar",
            "Another helper gets your notes",
            "My calendar",
            "My phones",
        ),
        *("How I sign in", "Send me a test", "Send my notes by", "If you reach nobody", "If you hear nothing by"),
        *("I called", "first wants you to sign in", "changes or worries you", "If you tapped anything"),
        *("You are offline", "You can still log", "In your language"),
        # A helper's own cards.
        *(
            "what you can do",
            "how to live on your own",
            "You can take a load off them",
            "in your phone.",
            "on your own list",
        ),
        *("make you tense", "when you are not sure", "You can do the work", "if you see too much"),
    ),
    "es": (
        *(
            "el calendario de su teléfono",
            "sus notas",
            "Mi calendario",
            "Mis teléfonos",
            "Cómo entro yo",
            "mis notas",
        ),
        *(
            "su navegador",
            "pide entrar",
            "le preocupa",
            "Ver su consejo",
            "Aún puede hacer su reporte",
            "Ya llamé",
        ),
        *("Su memoria está llena", "Su clínica:", "En su idioma", "Mándeme", "Envíeme"),
        # A helper's own cards.
        *(
            "La clínica lo tiene en su lista",
            "en su propia lista",
            "Anote sus preguntas",
            "en su teléfono el número",
        ),
    ),
}


def told(page: str) -> Iterator[str]:
    """The sentences of a page, each with its line's words, without what a script or another language holds."""
    main = re.sub(r"<(script|style|svg|noscript)\b.*?</\1>", " ", page, flags=re.DOTALL)
    main = re.sub(r'<(?!html)(\w+)[^>]*\blang="en"[^>]*>.*?</\1>', " ", main, flags=re.DOTALL)
    main = main[main.index("<body>") :]
    main = re.sub(r"</(p|li|h\d|dt|dd|td|th|summary|button|a|legend|label|div|option)>", "\n", main)
    for line in html.unescape(re.sub(r"<[^>]+>", "", main)).splitlines():
        yield from (part.strip() for part in re.split(r"(?<=[.?!])\s+", " ".join(line.split())) if part.strip())


def speaking_to_the_patient(client: Client, path: str, language: str) -> list[str]:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200, path
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    wrong = [words for words in told(page) if TO_THE_PATIENT[language].search(words)]
    return [words for words in wrong if not any(known in words for known in TO_THE_READER[language])]


@pytest.fixture
def seen(people: Cast, send: Send) -> Cast:
    """A patient with everything on the pages: logs of every tier, a note, a question, own words, a visit."""
    now = timezone.now()
    Procedure.objects.update(
        next_visit_at=now + timedelta(days=5), medicine_instructions="Aspirin: on hold", blood_thinner_held=True
    )
    for days, answers in ((1.5, {"pain_move": 7}), (1.2, {"pain_move": 5, "temp_value": 98.6, "temp_unit": "F"})):
        send(answers, answered_at=now - timedelta(days=days), now=now - timedelta(days=days))
    send({"question_for_team": "May we swim?", "notes": "A quiet night", "pain_meds": ["opioid"]})
    return people


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "last", [{}, NUMB, BREATHLESS, {"notes": "chest pain"}], ids=["calm", "doctor", "911", "note"]
)
def test_every_page_speaks_of_the_patient_to_a_helper(
    seen: Cast, send: Send, language: str, last: dict[str, object]
) -> None:
    log = send(last).log
    User.objects.update(language=language)
    helper = signed_in(seen.helper)
    paths = (*PAGES, f"/log/{log.code}/advice/")
    assert {path: found for path in paths if (found := speaking_to_the_patient(helper, path, language))} == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_whatever_staff_did_is_told_of_the_patient(seen: Cast, send: Send, language: str) -> None:
    log = send(NUMB).log
    User.objects.update(language=language)
    helper, code, now = signed_in(seen.helper), Alert.objects.get().code, timezone.now()
    advice = f"/log/{log.code}/advice/"
    actions.acknowledge(staff=seen.nurse, code=code, now=now)
    assert speaking_to_the_patient(helper, advice, language) == []
    Alert.objects.update(call_back_by=now - timedelta(minutes=5))
    assert speaking_to_the_patient(helper, "/today/", language) == []
    Procedure.objects.update(ended_at=now + timedelta(days=3))
    assert speaking_to_the_patient(helper, "/today/", language) == []
    Procedure.objects.update(ended_at=now - timedelta(days=2), closed_at=now)
    assert speaking_to_the_patient(helper, "/plan/", language) == []


def test_a_log_that_comes_back_asks_about_the_patient(people: Cast) -> None:
    answer = signed_in(people.helper).post(
        "/log/", {**CALM, "temp_value": "hot", "about": str(people.patient.code)}
    )
    assert answer.status_code == 422
    words = "\n".join(told(answer.content.decode()))
    assert "How bad is Rosa’s back pain when moving?" in words
    assert "Do you" not in words
    assert "I have chest pain" not in words


def test_the_empty_log_asks_about_each_patient_by_name(people: Cast) -> None:
    """It is drawn once for everybody: no name of one patient may stand in the log of another."""
    rows = Patient.all_clinics.filter(pk=people.patient.pk)
    rows.update(first_name="<Ana>")
    first = signed_in(people.helper).get("/log/").content.decode()
    rows.update(first_name="Bo")
    second = signed_in(people.helper).get("/log/").content.decode()
    assert "&lt;Ana&gt; has chest pain" in first
    assert "Bo has chest pain" in second
    assert "Ana" not in second
    assert "{name}" not in first + second


def test_the_scripts_of_a_helper_get_the_same_words_and_those_of_a_patient_none(people: Cast) -> None:
    page = signed_in(people.helper).get("/log/").content.decode()
    words = page[page.index('id="helper-words"') :].partition("</script>")[0]
    for rule in (*load_rulebook().urgent, *load_rulebook().watch):
        if TO_THE_PATIENT["en"].search(rule.message) and "100.4" not in rule.message:
            assert html.unescape(rule.message) in words.replace("\\u0027", "'"), rule.id
    assert "Call Rosa\\u2019s doctor now" in words
    assert 'id="helper-words"' not in signed_in(people.patient).get("/log/").content.decode()
