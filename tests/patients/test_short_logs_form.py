"""Staff opt a patient in to short logs on the record's page, and set the hours."""

from typing import Any

import pytest

from patients.models import AccessEvent, Patient
from tests.patients.pages import signed_in, text
from tests.patients.test_record import filled
from tests.people import Cast

ROSA = "+13125550177"


@pytest.fixture
def rosa(people: Cast, settings: Any) -> Patient:
    """A patient whom the clinic asks by text."""
    settings.SMS_BACKEND = "alerts.messaging.channels.twilio.Twilio"
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=ROSA, short_logs="sms")
    return Patient.all_clinics.get(pk=people.patient.pk)


def save(people: Cast, **typed: Any) -> Any:
    return signed_in(people.nurse).post(
        f"/desk/patients/{people.patient.code}/record/", {**filled(people), **typed}
    )


def test_staff_opt_a_patient_in_and_it_is_written_down(people: Cast, rosa: Patient) -> None:
    Patient.all_clinics.filter(pk=rosa.pk).update(short_logs="")
    assert save(people, short_logs="sms", ask_at="9", ask_again_at="0").status_code == 302
    rosa.refresh_from_db()
    assert (rosa.short_logs, rosa.log_hours) == ("sms", [9])
    assert AccessEvent.objects.get(action="changed the record").subject == "log_hours, short_logs"
    assert save(people, short_logs="", ask_at="", ask_again_at="").status_code == 302
    rosa.refresh_from_db()
    assert (rosa.short_logs, rosa.log_hours) == ("", [])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"phone": ""}, "Write a phone number above first"),
        ({"short_logs": "call"}, "Automatic calls are not set up here."),
        ({"ask_at": "18", "ask_again_at": "9"}, "Choose a later hour than the first"),
        ({"ask_at": "18"}, "Choose a later hour than the first"),
        ({"ask_at": "7"}, "Select a valid choice"),
        ({"short_logs": "fax"}, "Select a valid choice"),
    ],
)
def test_a_choice_that_cannot_work_is_refused_with_a_sentence_and_kept(
    people: Cast, rosa: Patient, typed: dict[str, str], words: str
) -> None:
    answer = save(people, **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    rosa.refresh_from_db()
    assert (rosa.short_logs, rosa.log_hours, str(rosa.phone)) == ("sms", [], ROSA)
