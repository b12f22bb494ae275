"""Enrolment takes real people: one name, a shared phone, a new area code, a nurse who is a patient."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from patients.forms.person import NOT_BORN
from patients.models import Clinic, Patient, StoppedNumber, User
from patients.selectors.addresses import Address, card_address
from tests.patients.letterbox import PATH, code_by_text, texts
from tests.patients.pages import signed_in, text
from tests.patients.test_enroll import minute
from tests.people import Cast, make_mobile

ENROLL = "/desk/enroll/"
PHONE = "+13125550142"


def person(**changes: str) -> dict[str, Any]:
    typed = {"first_name": "Ida", "last_name": "Moss", "birth_date": "1948-02-03", "phone": "(312) 555-0142"}
    return minute(**{**typed, **changes})


def send(people: Cast, **changes: str) -> str:
    return text(signed_in(people.nurse).post(ENROLL, person(**changes), follow=True))


def test_one_name_is_enough(people: Cast) -> None:
    assert "Ida is enrolled." in send(people, last_name="")
    patient = Patient.all_clinics.get(phone=PHONE)
    assert (patient.name, patient.short_name) == ("Ida", "Ida")


@pytest.mark.slow
def test_a_couple_shares_a_phone_and_each_signs_in_as_oneself(people: Cast, settings: object) -> None:
    settings.SMS_BACKEND = PATH  # type: ignore[attr-defined]
    texts.clear()
    send(people)
    page = send(people, first_name="Otis")
    assert "Ida Moss is enrolled here already with this phone. If they share it, say so below." in page
    assert 'name="shared"' in page
    assert 'value="Otis"' in page
    page = send(people, first_name="Otis", shared="on")
    assert "Otis Moss is enrolled." in page
    assert "sign in with this card" in page
    otis = Patient.all_clinics.get(first_name="Otis")
    assert (str(otis.phone), otis.user and otis.user.phone) == (PHONE, None)
    phone = Client()
    phone.post(f"/hello/{otis.card_token}/")
    answer = phone.post("/sign-in/code/enter/", {"code": code_by_text()}, follow=True)
    assert answer.context["user"] == otis.user


def test_a_shared_phone_that_takes_no_texts_gets_no_code_of_a_card(people: Cast, settings: object) -> None:
    settings.SMS_BACKEND = PATH  # type: ignore[attr-defined]
    send(people, email="moss@example.com")
    send(people, first_name="Otis", email="moss@example.com", shared="on")
    otis = Patient.all_clinics.get(first_name="Otis")
    assert card_address(otis) == Address(phone=PHONE)
    StoppedNumber.objects.create(number=PHONE, stopped_at=timezone.now())
    assert card_address(otis) == Address(email="moss@example.com")


def test_a_shared_phone_stays_as_it_is_when_the_record_is_saved(people: Cast) -> None:
    send(people)
    send(people, first_name="Otis", shared="on")
    otis = Patient.all_clinics.get(first_name="Otis")
    client = signed_in(people.nurse)
    page = text(
        client.post(f"/desk/patients/{otis.code}/record/", person(first_name="Otis", mrn="M-7"), follow=True)
    )
    assert "The record is saved." in page
    assert Patient.all_clinics.get(pk=otis.pk).mrn == "M-7"
    assert User.objects.filter(phone=PHONE).count() == 1


def test_a_nurse_who_is_a_patient(people: Cast) -> None:
    make_mobile(people.nurse2, PHONE)
    email = people.nurse2.user.email
    assert "already used for another sign-in" in send(people, email=email)
    assert "is enrolled." in send(people, email=email, shared="on")
    patient = Patient.all_clinics.get(email=email)
    assert patient.user
    assert (patient.user.email, str(patient.user.phone)) == ("", PHONE)
    assert patient.user != people.nurse2.user


def test_an_area_code_nobody_has_listed_yet_is_taken_with_a_word(people: Cast) -> None:
    page = send(people, phone="(937) 987-6543")
    assert "We do not know the area code" not in page
    page = send(people, first_name="Nora", phone="(290) 987-6543")
    assert "Nora Moss is enrolled." in page, page.partition('error-summary-title">')[2][:900]
    assert "We do not know the area code of (290) 987-6543" in page
    patient = Patient.all_clinics.get(first_name="Nora")
    assert (str(patient.phone), patient.user and str(patient.user.phone)) == ("+12909876543", "+12909876543")


@pytest.mark.parametrize("number", ["312 155 0142", "312 555 014", "312 555 01422"])
def test_a_number_of_the_wrong_shape_is_refused(people: Cast, number: str) -> None:
    page = send(people, phone=number)
    assert "Enter a phone number, such as (312) 555-0142." in page
    assert f'value="{number}"' in page


@pytest.mark.parametrize("number", ["(312) 555-0142 ext. 12", "312-555-0142 x12", "312-555-0142 #12"])
def test_an_extension_is_refused_in_words(people: Cast, number: str) -> None:
    assert "Leave out the extension (12)" in send(people, phone=number)


def test_the_clinics_own_number_loses_no_extension(people: Cast) -> None:
    options = {
        "name": "Elm",
        "timezone": "America/Chicago",
        "manager_email": "m@elm.example",
        "manager_name": "Mia Elm",
    }
    with pytest.raises(CommandError, match=r"--phone: Leave out the extension \(5\)"):
        call_command("create_clinic", phone="+1 312 555 0100 ext 5", **options)
    assert not Clinic.objects.filter(name="Elm").exists()


def test_a_birth_date_of_today_or_after_the_procedure_is_asked_back(people: Cast) -> None:
    today = timezone.now().date().isoformat()
    assert "This is today’s date." in send(people, birth_date=today)
    born = (timezone.now() - timedelta(days=1)).date().isoformat()
    ended = (timezone.now() - timedelta(days=3)).strftime("%Y-%m-%dT10:00")
    assert NOT_BORN in send(people, birth_date=born, ended_at=ended)
    assert not Patient.all_clinics.filter(phone=PHONE).exists()
