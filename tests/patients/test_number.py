"""Is this still your number? Asked of the patient every month, and told to whoever calls back (H12)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import AccessEvent, Patient
from patients.sign_in.adapters import AccountAdapter
from patients.sign_in.own_number import deny_number
from tests.patients.pages import signed_in, text
from tests.patients.test_record import change
from tests.people import Cast

QUESTION = "Is this still your number?"
NUMBER = "+13125550177"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def patient(people: Cast) -> Patient:
    """With a number that was confirmed 31 days ago."""
    confirmed(people.patient, 31)
    return people.patient


def confirmed(patient: Patient, days_ago: float | None) -> None:
    at = None if days_ago is None else timezone.now() - days_ago * DAY
    Patient.all_clinics.filter(pk=patient.pk).update(phone=NUMBER, phone_confirmed_at=at)


def row(patient: Patient) -> Patient:
    return Patient.all_clinics.get(pk=patient.pk)


def confirmed_at(patient: Patient) -> datetime:
    found = row(patient).phone_confirmed_at
    assert found
    return found


def today(client: Client) -> str:
    return text(client.get("/today/"))


def chart(people: Cast) -> str:
    return text(signed_in(people.nurse).get(f"/desk/patients/{people.patient.code}/"))


@pytest.mark.parametrize(("days", "asks"), [(29.9, False), (30.1, True), (None, True)])
def test_it_is_asked_when_a_month_has_passed(
    people: Cast, patient: Patient, days: float | None, asks: bool
) -> None:
    confirmed(patient, days)
    assert (QUESTION in today(signed_in(patient))) == asks
    assert ("number-note" in chart(people)) == asks


def test_a_patient_without_a_number_is_not_asked(people: Cast) -> None:
    assert QUESTION not in today(signed_in(people.patient))


def test_yes_is_kept_for_a_month_and_written_down(people: Cast, patient: Patient) -> None:
    client = signed_in(patient)
    answer = client.post("/my/number/", {"said": "yes"}, follow=True)
    assert "We call you at this number." in text(answer)
    assert QUESTION not in today(client)
    assert "number-note" not in chart(people)
    assert AccessEvent.objects.filter(patient=patient, action="confirmed the phone number").count() == 1


@pytest.mark.slow
def test_no_tells_the_patient_whom_to_call_and_the_nurse_what_is_wrong(people: Cast, patient: Patient) -> None:
    client = signed_in(patient)
    assert "(312) 555-0100" in text(client.post("/my/number/", {"said": "no"}, follow=True))
    assert "Your clinic needs your number" in today(client)
    assert QUESTION not in today(client)
    assert "this is not my number" in chart(people)
    assert str(row(patient).phone) == NUMBER
    client.post("/my/number/", {"said": "yes"})
    assert "this is not my number" not in chart(people)


def test_only_the_patient_answers(people: Cast, patient: Patient) -> None:
    helper = signed_in(people.helper)
    assert QUESTION not in today(helper)
    assert helper.post("/my/number/", {"said": "yes"}).status_code == 404
    assert signed_in(people.nurse).post("/my/number/", {"said": "yes"}).status_code == 404
    for said in ("", "maybe"):
        assert signed_in(patient).post("/my/number/", {"said": said}).status_code == 404
    assert signed_in(patient).get("/my/number/").status_code == 405
    assert confirmed_at(patient) < timezone.now() - 30 * DAY


def test_another_patient_answers_for_nobody_else(people: Cast, patient: Patient) -> None:
    confirmed(people.other_patient, 99)
    signed_in(people.other_patient).post("/my/number/", {"said": "no"})
    assert row(patient).phone_wrong_at is None
    assert row(people.other_patient).phone_wrong_at


def test_a_number_written_anew_by_the_clinic_counts_as_confirmed(people: Cast, patient: Patient) -> None:
    client = signed_in(patient)
    client.post("/my/number/", {"said": "no"})
    assert change(people, phone="+13125550178").status_code == 302
    assert row(patient).phone_wrong_at is None
    assert confirmed_at(patient) >= timezone.now() - DAY


def test_a_code_sent_there_and_typed_in_proves_the_number(people: Cast, patient: Patient) -> None:
    confirmed(people.other_patient, None)
    assert patient.user
    AccountAdapter().set_phone_verified(patient.user, "+13125559999")
    assert confirmed_at(patient) < timezone.now() - 30 * DAY, "another number proves nothing"
    AccountAdapter().set_phone_verified(patient.user, NUMBER)
    assert confirmed_at(patient) >= timezone.now() - DAY
    assert row(people.other_patient).phone_confirmed_at is None


@pytest.mark.parametrize("said", ["yes", "no"])
@pytest.mark.slow
def test_an_answer_is_about_the_number_that_was_seen(people: Cast, patient: Patient, said: str) -> None:
    client = signed_in(patient)
    assert f'name="number" value="{NUMBER}"' in today(client)
    assert change(people, phone="+13125550178").status_code == 302
    newly = confirmed_at(patient)
    answer = client.post("/my/number/", {"said": said, "number": NUMBER}, follow=True)
    assert "has changed your number just now" in text(answer)
    assert row(patient).phone_wrong_at is None
    assert confirmed_at(patient) == newly
    client.post("/my/number/", {"said": said, "number": "+13125550178"})
    assert bool(row(patient).phone_wrong_at) == (said == "no")


def test_a_number_that_changes_during_the_press_is_not_answered_for(people: Cast, patient: Patient) -> None:
    seen = row(patient)
    Patient.all_clinics.filter(pk=patient.pk).update(phone="+13125550178")
    assert seen.user
    assert not deny_number(patient=seen, actor=seen.user, now=timezone.now())
    assert row(patient).phone_wrong_at is None
    assert not AccessEvent.objects.filter(action="said the phone number is wrong").exists()
