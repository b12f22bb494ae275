"""Whom a log is about stands on it, with a way out of a mix-up (H11)."""

import json
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from alerts.models import Alert
from patients import scoping
from patients.access import ACTING_FOR
from patients.models import Caregiver, Patient
from recovery.models import DailyLog
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, CALM


def top(client: Client) -> str:
    """The log page before its form, or what came back with an error."""
    page = text(client.get("/log/"))
    return page[page.index("<main") : page.index('id="log-form"')]


def helps_two(people: Cast) -> Caregiver:
    second = make_patient(people.clinic, first_name="Walter", last_name="Twin")
    make_procedure(second)
    Caregiver.objects.create(patient=second, user=people.helper.user, relationship="daughter")
    return people.helper


def test_a_patient_reads_their_own_name_and_may_say_that_they_are_someone_else(people: Cast) -> None:
    page = top(signed_in(people.patient))
    assert "About</span> <strong>Rosa R.</strong>" in page
    assert 'href="/accounts/logout/">Not you?' in page


def test_a_helper_of_two_reads_whom_it_is_about_and_may_choose_the_other(people: Cast) -> None:
    client = signed_in(helps_two(people))
    client.post(f"/act-for/{people.patient.code}/")
    assert "About</span> <strong>Rosa R.</strong>" in top(client)
    assert 'href="/people/">Someone else?' in top(client)
    today = text(client.get("/today/"))
    assert "For <strong>Rosa" in today
    assert 'href="/people/">Change' in today
    assert "Walter Twin" in text(client.get("/people/"))


def test_a_patient_who_helps_somebody_too_reads_that_it_is_their_own(people: Cast) -> None:
    second = make_patient(people.clinic, first_name="Walter", last_name="")
    make_procedure(second)
    Caregiver.objects.create(patient=people.patient, user=second.user, relationship="husband")
    page = top(signed_in(second))
    assert "About</span> <strong>Walter</strong> (you)" in page
    assert "Someone else?" in page


def test_the_name_stays_when_the_page_comes_back(people: Cast) -> None:
    answer = signed_in(people.patient).post("/log/", {**CALM, "temp_value": "hot"})
    assert answer.status_code == 422
    assert "About</span> <strong>Rosa R.</strong>" in text(answer)


def test_a_name_is_shown_as_it_is_and_never_run(people: Cast) -> None:
    people.patient.first_name, people.patient.last_name = "<b>Rosa", "<i>"
    people.patient.save()
    assert "&lt;b&gt;Rosa &lt;." in top(signed_in(people.patient))


# --- Two tabs: the page was about one, the session is about the other by now ---


@pytest.fixture
def two_tabs(people: Cast) -> Client:
    """A page about Rosa is open; then Walter was chosen in another tab."""
    client = signed_in(helps_two(people))
    client.post(f"/act-for/{people.patient.code}/")
    client.post(f"/act-for/{walter().code}/")
    return client


def walter() -> Patient:
    return Patient.all_clinics.get(first_name="Walter")


def send(client: Client, about: Patient, answers: dict[str, Any], **more: Any) -> Any:
    body = {"client_id": str(uuid.uuid4()), "about": str(about.code), "answers": answers, **more}
    return client.post("/api/logs/", json.dumps(body), content_type="application/json")


def test_an_emergency_of_the_page_reaches_the_chart_of_whom_the_page_was_about(
    people: Cast, two_tabs: Client
) -> None:
    answer = send(two_tabs, people.patient, {**CALM, **BREATHLESS})
    assert (answer.status_code, answer.json()["tier"]) == (201, "call_911")
    assert Alert.objects.get().patient == people.patient
    log = DailyLog.objects.get()
    assert (log.patient, log.entered_by, log.answers["logged_by"]) == (
        people.patient,
        people.helper.user,
        "caregiver",
    )
    assert two_tabs.session[ACTING_FOR] == str(walter().code), "what is sent by itself moves nobody"


def test_its_advice_is_found_and_from_there_on_the_pages_are_about_that_person(
    people: Cast, two_tabs: Client
) -> None:
    page = send(two_tabs, people.patient, {**CALM, **BREATHLESS}).json()["advice"]
    assert two_tabs.get(page, {"part": "told"}).status_code == 200
    assert two_tabs.session[ACTING_FOR] == str(walter().code), "the page that only asks again moves nobody"
    shown = two_tabs.get(page)
    assert shown.status_code == 200
    assert "For <strong>Rosa Recovers" in text(shown)
    assert "Rosa" in text(two_tabs.get("/today/"))


def test_what_could_be_read_of_an_emergency_reaches_nobody_elses_chart(people: Cast, two_tabs: Client) -> None:
    answer = send(two_tabs, people.patient, {**CALM, **BREATHLESS, "temp_value": "hot"})
    assert answer.status_code == 201
    assert Alert.objects.get().patient == people.patient
    assert not DailyLog.objects.filter(patient=walter()).exists()


def test_without_the_right_to_log_for_that_person_nothing_is_kept(people: Cast, two_tabs: Client) -> None:
    Caregiver.objects.filter(patient=people.patient).update(may_log=False)
    assert send(two_tabs, people.patient, {**CALM, **BREATHLESS}).status_code == 403
    for answers in (BREATHLESS, {**BREATHLESS, "temp_value": "hot"}):
        assert send(two_tabs, people.other_patient, {**CALM, **answers}).status_code == 409
    assert not DailyLog.objects.exists()
    assert not Alert.objects.exists()


def test_a_right_that_ends_in_the_middle_of_a_request_makes_nobody_the_patient(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(people.helper)
    assert client.get("/my/helpers/").status_code == 404
    gone = SimpleNamespace(**{**vars(scoping), "helping": lambda user, now: Caregiver.objects.none()})
    monkeypatch.setattr("patients.access.scoping", gone)
    assert client.get("/my/helpers/").status_code == 404
    assert client.post("/my/messages/", {"action": "withdraw", "purpose": "helpers"}).status_code == 404
