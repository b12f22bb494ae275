"""Whom a log is about stands on it, with a way out of a mix-up (H11)."""

from django.test import Client

from patients.models import Caregiver
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import CALM


def top(client: Client) -> str:
    """The log page before its form, or what came back with an error."""
    page = " ".join(text(client.get("/log/")).split())
    return page[page.index("<main") : page.index('id="log-form"')]


def helps_two(people: Cast) -> Caregiver:
    second = make_patient(people.clinic, first_name="Walter", last_name="Twin")
    make_procedure(second)
    Caregiver.objects.create(patient=second, user=people.helper.user, relationship="daughter")
    return people.helper


def test_a_patient_reads_their_own_name_and_may_say_that_they_are_someone_else(people: Cast) -> None:
    page = top(signed_in(people.patient))
    assert "This log is about <strong>Rosa R.</strong>" in page
    assert 'href="/accounts/logout/">I am someone else' in page


def test_a_helper_of_two_reads_whom_it_is_about_and_may_choose_the_other(people: Cast) -> None:
    client = signed_in(helps_two(people))
    client.post(f"/act-for/{people.patient.code}/")
    assert "This log is about <strong>Rosa R.</strong>" in top(client)
    assert 'href="/today/#others-title">It is about someone else' in top(client)
    today = text(client.get("/today/"))
    assert 'id="others-title"' in today
    assert "Walter Twin" in today


def test_a_patient_who_helps_somebody_too_reads_that_it_is_their_own(people: Cast) -> None:
    second = make_patient(people.clinic, first_name="Walter", last_name="")
    make_procedure(second)
    Caregiver.objects.create(patient=people.patient, user=second.user, relationship="husband")
    page = top(signed_in(second))
    assert "This log is about <strong>Walter</strong> (you)" in page
    assert "It is about someone else" in page


def test_the_name_stays_when_the_page_comes_back(people: Cast) -> None:
    answer = signed_in(people.patient).post("/log/", {**CALM, "temp_value": "hot"})
    assert answer.status_code == 422
    assert "This log is about <strong>Rosa R.</strong>" in text(answer)


def test_a_name_is_shown_as_it_is_and_never_run(people: Cast) -> None:
    people.patient.first_name, people.patient.last_name = "<b>Rosa", "<i>"
    people.patient.save()
    assert "&lt;b&gt;Rosa &lt;." in top(signed_in(people.patient))
