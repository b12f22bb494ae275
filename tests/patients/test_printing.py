"""Sheets to hand over are PDF files where the machine can make them, and pages to print everywhere."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from patients import printing
from patients.models import Patient, Procedure, User
from tests.patients.pages import signed_in, text
from tests.people import Cast

needs_pango = pytest.mark.skipif(not printing.can_print(), reason="this machine has no Pango")


def words_of(answer: Any) -> str:
    """What stands in the file, every stretch of white space as one space."""
    assert answer["Content-Type"] == "application/pdf", text(answer)
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def ours(people: Cast, name: str, **asked: str) -> Any:
    return signed_in(people.nurse).get(reverse(name, args=[people.patient.code]), asked)


@needs_pango
def test_the_card_is_a_file_in_large_type_with_its_square(people: Cast) -> None:
    answer = ours(people, "patients:card_file")
    words = words_of(answer)
    for said in (
        people.patient.name,
        "Call 911",
        "For emergency staff",
        "Point your phone’s camera at the square.",
    ):
        assert said in words
    assert people.patient.access_events.filter(action="opened the card", subject="PDF").exists()


@needs_pango
def test_the_sheet_for_home_says_whom_to_call_when_and_what_the_clinic_wrote(people: Cast) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(timezone="America/Chicago")
    Procedure.objects.filter(pk=people.procedure.pk).update(
        medicine_instructions="One white pill at night",
        next_visit_at=timezone.now() + timedelta(days=9),
        next_visit_with="Dr. Cole",
        levels=["L1"],
    )
    User.objects.filter(pk=people.patient.user_id).update(language="es")
    words = words_of(ours(people, "recovery:discharge_file"))
    for said in (
        "Cifoplastia en L1",
        "Llame al 911",
        "One white pill at night",
        "Dr. Cole",
        "For emergency staff",
    ):
        assert said in words
    page = text(ours(people, "recovery:discharge", language="en"))
    for said in ("Kyphoplasty at L1", "When to call", "Your plan", "One white pill at night"):
        assert said in page


def test_where_pango_is_missing_the_page_says_what_to_install(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "PANGO", "libnone.so.0")
    printing.can_print.cache_clear()
    try:
        answer = ours(people, "patients:card_file")
        assert answer.status_code == 501
        assert "apt-get install libpango-1.0-0" in text(answer)
        assert "print from the browser" in text(ours(people, "recovery:discharge"))
        assert ours(people, "patients:card").status_code == 200
    finally:
        printing.can_print.cache_clear()


@needs_pango
def test_nothing_is_fetched_for_a_file(tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not tell")
    body = f'<p>Hello</p><object data="file://{secret}"></object><img src="http://127.0.0.1:9/x.png">'
    file = PdfReader(io.BytesIO(printing.pdf_of(body, "en")))
    assert file.pages[0].extract_text().split() == ["Hello", "1", "/", "1"]
    assert not file.attachments


def test_somebody_without_an_open_recovery_has_no_sheet(people: Cast) -> None:
    Procedure.objects.filter(pk=people.procedure.pk).update(closed_at=timezone.now() + timedelta(minutes=1))
    assert ours(people, "recovery:discharge").status_code == 404
