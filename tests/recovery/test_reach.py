"""How a patient or helper is reached is decided in one place, and each sender asks it."""

import pytest
from django.utils import timezone

from alerts.models import Delivery
from patients.models import Caregiver, Patient, StoppedNumber, User
from patients.selectors.reach import of_helpers, of_patient, reach
from recovery.care_plan import sending
from recovery.models import Reminder
from recovery.state import current_state, silence
from recovery.state.record import with_overrides
from tests.people import Cast, make_helper
from tests.recovery.conftest import NUMB, Send

HILDA = "+13125550178"


@pytest.fixture
def sms(settings: object) -> None:
    settings.SMS_BACKEND = "alerts.messaging.channels.twilio.Twilio"  # type: ignore[attr-defined]


@pytest.fixture
def daughter(people: Cast) -> Caregiver:
    """A helper with a phone and an e-mail, who may be told."""
    helper = make_helper(people.patient, may_be_alerted=True)
    User.objects.filter(pk=helper.user_id).update(phone=HILDA)
    return Caregiver.objects.select_related("user", "patient").get(pk=helper.pk)


def no_texts(why: str) -> None:
    if why != "no provider":
        StoppedNumber.objects.create(number=HILDA, stopped_at=timezone.now(), why=why)


WHY_NOT = pytest.mark.parametrize("why", ["stop", "landline"])


@pytest.mark.usefixtures("db")
def test_texts_come_first_where_they_work_and_what_is_on_file_is_tried_when_nothing_does(sms: None) -> None:
    assert (reach(HILDA, "h@example.org").best, reach(HILDA, "").every) == ("sms", ("sms",))
    assert reach("", "h@example.org").best == "email"
    no_texts("landline")
    assert (reach(HILDA, "h@example.org").every, reach(HILDA, "").best) == (("email",), "sms")
    assert not reach(HILDA, "").works


def test_without_a_provider_email_is_the_way(people: Cast, daughter: Caregiver) -> None:
    assert [way.best for _, way in of_helpers([daughter])] == ["email"]


@WHY_NOT
def test_an_urgent_alert_goes_to_a_helper_by_email(
    sms: None, people: Cast, daughter: Caregiver, send: Send, why: str
) -> None:
    no_texts(why)
    send(NUMB)
    rows = Delivery.objects.filter(recipient=f"caregiver:{daughter.pk}")
    assert set(rows.values_list("channel", flat=True)) == {"email"}


@pytest.mark.parametrize("why", ["stop", "landline", "no provider"])
def test_silence_is_told_to_a_helper_by_email(
    people: Cast, daughter: Caregiver, why: str, request: pytest.FixtureRequest
) -> None:
    if why != "no provider":
        request.getfixturevalue("sms")
    no_texts(why)
    make = timezone.now() - timezone.timedelta(hours=60)  # type: ignore[attr-defined]
    type(people.procedure).objects.filter(pk=people.procedure.pk).update(ended_at=make)
    procedure = with_overrides(type(people.procedure).objects.filter(pk=people.procedure.pk)).get()
    assert silence.note(current_state.load(procedure, timezone.now()))
    assert Delivery.objects.get(recipient=f"caregiver:{daughter.pk}").channel == "email"


@WHY_NOT
def test_a_note_about_a_visit_goes_to_a_helper_by_email(
    sms: None, people: Cast, daughter: Caregiver, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_texts(why)
    monkeypatch.setattr(sending, "_why_not", lambda note, at: "")
    monkeypatch.setattr(sending, "_after_quiet_hours", lambda at: at.now)
    now = timezone.now()
    Reminder.objects.create(procedure=people.procedure, key="M-FOLLOWUP", milestone="M-FOLLOWUP", due_at=now)
    sending.send_due(now)
    assert Delivery.objects.get(recipient=f"caregiver:{daughter.pk}").channel == "email"


def test_a_patient_with_a_landline_gets_their_notes_by_email(sms: None, people: Cast) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=HILDA)
    patient = Patient.all_clinics.get(pk=people.patient.pk)
    assert of_patient(patient).best == "sms"
    no_texts("landline")
    assert of_patient(patient).best == "email"
