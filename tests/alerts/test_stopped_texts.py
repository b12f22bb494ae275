"""Who sent STOP gets no more texts: the clinic sees it, and what was to be texted goes by e-mail."""

from datetime import datetime

import pytest
from django.core import mail

from alerts.messaging import outbox
from alerts.models import Delivery
from alerts.monitoring.sweep import sweep
from patients.models import Caregiver, Patient, StoppedNumber, User
from patients.selectors.addresses import Address
from patients.sign_in.adapters import AccountAdapter
from recovery.desk.worklist import on_duty
from recovery.logs.texts import take_text
from tests.alerts.steps import minutes
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_mobile
from tests.simulator import Simulator
from tests.waiting import until

ROSA, HILDA, NORA = "+13125550177", "+13125550178", "+13125550111"
ON_RECORD = "Texts to this phone are stopped"


@pytest.fixture
def rosa(people: Cast) -> Patient:
    """The patient has a phone beside the e-mail; so has the helper."""
    User.objects.filter(pk=people.patient.user_id).update(phone=ROSA)
    Patient.all_clinics.filter(pk=people.patient.pk).update(phone=ROSA)
    User.objects.filter(pk=people.helper.user_id).update(phone=HILDA)
    Caregiver.objects.filter(pk=people.helper.pk).update(may_be_alerted=True)
    return Patient.all_clinics.get(pk=people.patient.pk)


def texts(number: str, words: str, now: datetime) -> str:
    return take_text(provider_id=f"{number}{words}{now}", number=number, text=words, now=now)


def note(recipient: str, now: datetime, key: str = "note:1:x") -> Delivery:
    return outbox.enqueue(
        key=key,
        channel="sms",
        recipient=recipient,
        message="patient_reminder",
        now=now,
        send_by=now + minutes(60),
    )


def states() -> dict[str, tuple[str, str]]:
    return {row.key: (row.channel, row.state) for row in Delivery.objects.all()}


@pytest.mark.parametrize("who", ["patient", "caregiver"])
def test_after_stop_a_note_goes_by_email_once(
    people: Cast, rosa: Patient, now: datetime, simulator: Simulator, who: str
) -> None:
    helper = people.helper
    by_who = {"patient": (ROSA, rosa.pk, rosa.email), "caregiver": (HILDA, helper.pk, helper.user.email)}
    number, pk, email = by_who[who]
    assert texts(number, "STOP", now) == ""
    row = note(f"{who}:{pk}", now)
    sweep(now)
    sweep(now + minutes(1))
    assert states() == {row.key: ("sms", "cancelled"), f"{row.key}:email": ("email", "sent")}
    assert [message.to for message in mail.outbox] == [[email]]
    assert simulator.lines() == []


def test_a_provider_that_says_so_first_is_believed(
    people: Cast, rosa: Patient, now: datetime, simulator: Simulator
) -> None:
    simulator.behave(refused_numbers={ROSA: 21610})
    row = note(f"patient:{rosa.pk}", now)
    sweep(now)
    assert StoppedNumber.objects.get().number == ROSA
    assert states() == {row.key: ("sms", "dead"), f"{row.key}:email": ("email", "sent")}


def test_without_an_email_nothing_is_sent_and_the_record_says_why(
    people: Cast, rosa: Patient, now: datetime, simulator: Simulator
) -> None:
    Patient.all_clinics.filter(pk=rosa.pk).update(email="")
    texts(ROSA, "STOP", now)
    note(f"patient:{rosa.pk}", now)
    sweep(now)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"cancelled"}
    page = text(signed_in(people.nurse).get(f"/desk/patients/{rosa.code}/record/"))
    assert ON_RECORD in page


def test_start_undoes_it(people: Cast, rosa: Patient, now: datetime, simulator: Simulator) -> None:
    texts(ROSA, "STOP", now)
    answer = texts(ROSA, "START", now + minutes(1))
    assert answer.startswith("You get messages by text again. Your clinic can read what you write here")
    assert "In an emergency call 911." in answer
    assert ON_RECORD not in text(signed_in(people.nurse).get(f"/desk/patients/{rosa.code}/record/"))
    row = note(f"patient:{rosa.pk}", now + minutes(1))
    sweep(now + minutes(1))
    assert states() == {row.key: ("sms", "sent")}


def test_another_phone_begins_without_it_and_a_strangers_stop_is_not_kept(
    people: Cast, rosa: Patient, now: datetime, simulator: Simulator
) -> None:
    texts(ROSA, "STOP", now)
    texts("+19995550000", "STOP", now)
    assert [row.number for row in StoppedNumber.objects.all()] == [ROSA]
    Patient.all_clinics.filter(pk=rosa.pk).update(phone=HILDA)
    row = note(f"patient:{rosa.pk}", now)
    sweep(now)
    assert states() == {row.key: ("sms", "sent")}


def test_a_sign_in_code_for_a_stopped_phone_comes_by_email(
    people: Cast, rosa: Patient, now: datetime, simulator: Simulator
) -> None:
    texts(ROSA, "STOP", now)
    AccountAdapter().send_code(Address(phone=ROSA), "482913")
    until(lambda: mail.outbox)  # it is handed over beside the request
    assert [message.to for message in mail.outbox] == [[people.patient.user and people.patient.user.email]]
    assert simulator.lines() == []


def test_the_worklist_names_the_staff_whom_no_texts_reach(people: Cast, now: datetime) -> None:
    make_mobile(people.nurse, NORA)
    texts(NORA, "STOP", now)
    on_duty._kept.clear()
    words = "No texts reach Nora Staff: STOP was sent from that phone."
    assert words in text(signed_in(people.manager).get("/desk/"))
    texts(NORA, "START", now + minutes(1))
    on_duty._kept.clear()
    assert words not in text(signed_in(people.manager).get("/desk/"))
