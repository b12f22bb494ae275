"""A patient is enrolled in under a minute, whole or not at all, and nobody twice."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from patients.models import AccessEvent, Consent, Patient, Procedure, User
from patients.services.enrolment import enroll
from tests.patients.letterbox import code_by_email
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast, make_patient

ENROLL = "/desk/enroll/"
CHICAGO = ZoneInfo("America/Chicago")


def local(ago: timedelta = timedelta(hours=3)) -> str:
    """A time on the clinic's clocks, as its browser sends it."""
    return f"{(timezone.now() - ago).astimezone(CHICAGO):%Y-%m-%dT%H:%M}"


def minute(**changes: Any) -> dict[str, Any]:
    """What a nurse types in the first minute."""
    typed = {
        "first_name": "Ines",
        "last_name": "Nunez",
        "birth_date": "1948-05-06",
        "phone": "(312) 555-0166",
        "email": "",
        "mrn": "",
        "ended_at": local(),
        "levels": ["T12", "L1"],
        "timezone": "America/Chicago",
        "temp_unit": "F",
        "job_type": "none",
        "fracture_cause": "",
        "baseline_walk_level": "",
        "messages_agreed": "on",
    }
    return {**typed, **changes}


def only_new() -> Patient:
    return Patient.all_clinics.get(first_name="Ines")


def test_the_first_minute_is_enough(people: Cast) -> None:
    answer = signed_in(people.nurse).post(ENROLL, minute())
    patient = only_new()
    assert answer.url == f"/desk/patients/{patient.code}/card/"
    assert patient.clinic == people.clinic
    assert patient.procedures.get().levels == ["T12", "L1"]
    assert patient.user
    assert str(patient.user.phone) == "+13125550166"
    assert not patient.user.has_usable_password()


def test_the_agreement_is_kept_with_its_wording(people: Cast) -> None:
    signed_in(people.nurse).post(ENROLL, minute())
    consent = Consent.objects.get(patient=only_new())
    assert (consent.purpose, bool(consent.wording_version)) == ("messages", True)


def test_without_agreement_there_is_none(people: Cast) -> None:
    signed_in(people.nurse).post(ENROLL, minute(messages_agreed=""))
    assert not Consent.objects.filter(patient=only_new()).exists()


def test_it_is_written_down_who_enrolled(people: Cast) -> None:
    signed_in(people.nurse).post(ENROLL, minute())
    assert AccessEvent.objects.filter(patient=only_new(), actor=people.nurse.user, action="enrolled").exists()


def test_the_end_is_read_on_the_clinic_s_clocks_and_kept_in_utc(people: Cast) -> None:
    typed = f"{timezone.now().astimezone(CHICAGO) - timedelta(days=2):%Y-%m-%d}T09:30"
    signed_in(people.nurse).post(ENROLL, minute(ended_at=typed))
    expected = datetime.fromisoformat(typed).replace(tzinfo=CHICAGO).astimezone(UTC)
    assert only_new().procedures.get().ended_at == expected


@pytest.mark.parametrize(
    ("ended_at", "words"),
    [
        (local(timedelta(hours=-2)), "in the future"),
        (local(timedelta(days=400)), "more than a year ago"),
        ("", "required"),
    ],
)
def test_the_end_can_not_be_ahead_or_more_than_a_year_back(people: Cast, ended_at: str, words: str) -> None:
    answer = signed_in(people.nurse).post(ENROLL, minute(ended_at=ended_at))
    assert answer.status_code == 422
    assert words in text(answer)
    assert not Patient.all_clinics.filter(first_name="Ines").exists()


def test_errors_keep_what_was_typed(people: Cast) -> None:
    page = text(signed_in(people.nurse).post(ENROLL, minute(birth_date="3000-01-01", baseline_pain="7")))
    assert 'value="Ines"' in page
    assert "(312) 555-0166" in page
    assert 'value="7"' in page
    assert "Check the year" in page


def test_the_index_says_in_which_part_something_is_wrong(people: Cast) -> None:
    page = text(signed_in(people.nurse).post(ENROLL, minute(apap_max_mg="9000", first_name="")))
    assert page.count("1 to fix") == 2
    medicine = page.split('href="#part-medicine"')[1].split("</a>")[0]
    assert "1 to fix" in medicine
    assert 'id="part-medicine"' in page


def test_phone_or_email_is_needed_and_one_is_enough(people: Cast) -> None:
    client = signed_in(people.nurse)
    assert "needs one of them to sign in" in text(client.post(ENROLL, minute(phone="")))
    client.post(ENROLL, minute(phone="", email="Ines@Example.org"))
    assert only_new().email == "ines@example.org"


def test_a_phone_of_this_clinic_s_patient_names_and_links_them(people: Cast) -> None:
    client = signed_in(people.nurse)
    client.post(ENROLL, minute())
    first = only_new()
    page = text(client.post(ENROLL, minute(first_name="Other")))
    assert "Ines Nunez is enrolled here already with this phone" in page
    assert f"/desk/patients/{first.code}/" in page


def test_of_another_clinic_s_people_nothing_is_learned_and_their_address_keeps_nobody_out(people: Cast) -> None:
    user, client = people.other_patient.user, signed_in(people.nurse)
    assert user
    known = client.post(ENROLL, minute(phone="", email=user.email))
    ours = only_new()
    unknown = client.post(ENROLL, minute(first_name="Ida", phone="", email="nobody.knows@example.org"))
    assert known.status_code == unknown.status_code == 302
    assert ours.user
    assert (ours.email, ours.user.email) == (user.email, "")
    card = text(client.get(f"/desk/patients/{ours.code}/card/"))
    assert "unless somebody else signs in with the same" in card
    assert "You share this" not in card


def test_their_card_leads_to_this_patient_though_the_address_is_another_s_sign_in(
    people: Cast, mailoutbox: list[Any]
) -> None:
    user = people.other_patient.user
    assert user
    signed_in(people.nurse).post(ENROLL, minute(phone="", email=user.email))
    ours, phone = only_new(), Client()
    phone.post(f"/hello/{ours.card_token}/")
    phone.post("/sign-in/code/enter/", {"code": code_by_email()})
    assert phone.session["_auth_user_id"] == str(ours.user_id)


def test_a_record_number_is_given_once(people: Cast) -> None:
    page = text(signed_in(people.nurse).post(ENROLL, minute(mrn=people.patient.mrn)))
    assert "Rosa Recovers has this record number already" in page


def test_another_clinic_s_record_number_is_free(people: Cast) -> None:
    signed_in(people.nurse).post(ENROLL, minute(mrn=people.other_patient.mrn))
    assert only_new().mrn == people.other_patient.mrn


def test_a_namesake_with_the_same_birth_date_asks_first(people: Cast) -> None:
    make_patient(people.clinic, "INES", last_name="Nunez", birth_date="1948-05-06")
    client = signed_in(people.nurse)
    page = text(client.post(ENROLL, minute()))
    assert "Tick the box below if this is another person" in page
    assert 'name="another_person"' in page
    client.post(ENROLL, minute(another_person="on"))
    assert Patient.all_clinics.filter(first_name="Ines").exists()


def test_the_whole_record_can_be_filled_in_at_once(people: Cast) -> None:
    restart, visit = (f"{timezone.now() + timedelta(days=days):%Y-%m-%d}" for days in (30, 35))
    more = {
        "cement_leakage": "on",
        "hu_low": "true",
        "baseline_pain": "8",
        "baseline_symptoms": ["numb_legs", "bladder"],
        "meds_on_hold": f"Fish oil, {restart}\nVitamin E",
        "next_visit_at": f"{visit}T10:00",
        "apap_max_mg": "3000",
    }
    signed_in(people.nurse).post(ENROLL, minute(**more))
    procedure = only_new().procedures.get()
    assert procedure.cement_leakage
    assert procedure.hu_low is True
    assert procedure.bmd_low is None
    assert procedure.baseline_symptoms == ["numb_legs", "bladder"]
    assert procedure.meds_on_hold == [
        {"name": "Fish oil", "restart_on": restart},
        {"name": "Vitamin E", "restart_on": None},
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"levels": ["C1"]},
        {"first_name": "x" * 81},
        {"baseline_pain": "11"},
        {"hu_value": "nan"},
        {"bmd_t_score": "99"},
        {"timezone": "Mars/Base"},
        {"meds_on_hold": "Aspirin, tomorrow"},
        {"wound_instructions": "x" * 2001},
        {"phone": "12"},
        {"phone": "312 CALL NOW"},
    ],
)
def test_every_field_is_bounded(people: Cast, changes: dict[str, Any]) -> None:
    assert signed_in(people.nurse).post(ENROLL, minute(**changes)).status_code == 422
    assert not Patient.all_clinics.filter(birth_date="1948-05-06").exists()


@pytest.mark.django_db(transaction=True)
def test_a_failure_leaves_nothing_behind(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    before = User.objects.count()
    person = {"first_name": "Ines", "last_name": "", "phone": "", "email": "i@example.org", "mrn": None}
    person |= {"birth_date": datetime(1948, 5, 6, tzinfo=UTC).date(), "timezone": "", "temp_unit": "F"}
    with pytest.raises(IntegrityError):
        enroll(
            staff=people.nurse,
            person=person,
            procedure={"ended_at": timezone.now(), "levels": ["C9"]},
            messages=True,
            another_person=False,
            now=timezone.now(),
        )
    assert User.objects.count() == before
    assert not Procedure.objects.filter(levels=["C9"]).exists()


def test_strangers_find_no_such_page(people: Cast) -> None:
    assert Client().get(ENROLL).status_code == 302
    patients_and_helpers = strangers(people)[1:]
    assert [client.get(ENROLL).status_code for client in patients_and_helpers] == [404, 404, 404]


def test_what_is_missing_is_named_where_all_errors_stand(people: Cast) -> None:
    page = text(signed_in(people.nurse).post(ENROLL, minute(ended_at="", first_name="")))
    summary = page.split('id="error-summary"')[1].split("</div>")[0]
    assert "First name: This field is required." in summary
    assert "When the procedure ended: This field is required." in summary
