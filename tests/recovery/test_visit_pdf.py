"""The page for a visit as a file: all that the page says, readable by programs and people."""

import io
from datetime import timedelta
from typing import Any

from django.utils import timezone
from pypdf import PdfReader

from patients.models import Procedure
from recovery.phone.visit_pdf import readable
from tests.patients.pages import signed_in
from tests.people import Cast
from tests.recovery.conftest import CALM, Send, send  # noqa: F401 - the fixture


def opened(people: Cast) -> PdfReader:
    answer = signed_in(people.patient).get("/visit/visit.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "no-store, private"
    return PdfReader(io.BytesIO(answer.content))


def words(file: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in file.pages).split())


def test_it_says_what_the_page_says(people: Cast, send: Send) -> None:  # noqa: F811
    Procedure.objects.update(
        next_visit_at=timezone.now() + timedelta(days=5),
        next_visit_with="Dr. Ñandú",
        medicine_instructions="Łukasz: one pill\nγ-test <b>",
    )
    send({**CALM, "question_for_team": "May I swim? 😀"})
    send({**CALM, "pain_move": 6})
    file = opened(people)
    text = words(file)
    for part in (people.patient.name, "Dr. Ñandú", "Łukasz: one pill", "γ-test <b>", "The last logs", "6"):
        assert part in text, part
    assert people.clinic.name in text
    assert "Back pain, 0 to 10" in text


def test_it_has_a_title_a_language_and_bookmarks(people: Cast) -> None:
    file = opened(people)
    assert people.patient.name in str(file.metadata and file.metadata.title)
    root: Any = file.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert [one["/Title"] for one in file.outline if not isinstance(one, list)]


def test_letters_that_the_font_lacks_are_boxes_and_no_error(people: Cast) -> None:
    assert readable("Ünal Żak Ελένη Иван ¿qué? – “ok” 😀 中") == "Ünal Żak Ελένη Иван ¿qué? – “ok” □ □"
    Procedure.objects.update(home_instructions="😀 中 " + "long " * 400)
    assert "□ □ long" in words(opened(people))


def test_without_a_watched_recovery_the_page_says_so(people: Cast) -> None:
    Procedure.objects.update(closed_at=timezone.now())
    answer = signed_in(people.patient).get("/visit/visit.pdf")
    assert answer["Content-Type"].startswith("text/html")
