"""The end of a shift: a note for the next person, and all alerts in one action."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from alerts import lifecycle
from alerts.models import Alert, AlertEvent, Delivery, HandOverNote
from patients.models import AccessEvent, Patient, Staff
from tests.alerts.steps import CHEST, NUMB, TIRED, SignInput, fresh, raise_for, shift, told
from tests.alerts.test_policy_page import browser
from tests.alerts.test_staffing import break_contacts
from tests.patients import pages
from tests.people import Cast, make_mobile, make_patient

PAGE = "/desk/oncall/hand-over/"


def taken(patient: Patient, sign: SignInput, nurse: Staff) -> Alert:
    alert = raise_for(patient, sign, now=timezone.now())
    lifecycle.acknowledge(alert_code=alert.code, staff=nurse, now=timezone.now())
    return alert


@pytest.mark.slow
def test_everything_one_holds_goes_over_in_one_action(people: Cast) -> None:
    now = timezone.now()
    patients = (people.patient, make_patient(people.clinic, "Rolf"))
    alerts = [raise_for(patient, CHEST, now=now) for patient in patients]
    for alert in alerts:
        lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    other = raise_for(make_patient(people.clinic, "Ruth"), NUMB, now=now)
    lifecycle.acknowledge(alert_code=other.code, staff=people.nurse2, now=now)
    client = browser(people.nurse)
    page = pages.text(client.get(PAGE))
    assert ("Rosa" in page, "Rolf" in page, "Ruth" in page) == (True, True, False)
    data = {"to": people.nurse2.pk, "text": "Rolf calls <back>", "with_alerts": "on"}
    assert client.post(PAGE, data).status_code == 302
    assert {fresh(alert).acked_by_id for alert in alerts} == {people.nurse2.pk}
    assert told(alerts[0], message="staff_handover") == [f"staff:{people.nurse2.pk}"]
    mail = Delivery.objects.get(message="staff_oncall")
    assert (mail.recipient, mail.context) == (f"staff:{people.nurse2.pk}", {})
    reader = browser(people.nurse2)
    assert "A colleague left you a hand-over note." in pages.text(reader.get("/desk/"))
    week = pages.text(reader.get("/desk/oncall/"))
    assert "Rolf calls &lt;back&gt;" in week
    assert "with 2 alerts" in week
    assert "Rolf calls" not in pages.text(browser(people.physician).get("/desk/oncall/"))
    note = HandOverNote.objects.get()
    assert client.post(f"{PAGE}{note.pk}/read/").status_code == 302
    assert HandOverNote.objects.get().read_at is None
    reader.post(f"{PAGE}{note.pk}/read/")
    assert "Rolf calls" not in pages.text(reader.get("/desk/oncall/"))


def test_whoever_is_next_is_suggested(people: Cast) -> None:
    shift(people.nurse2, timezone.now(), 30)
    assert browser(people.nurse).get(PAGE).context["form"].initial["to"] == people.nurse2.pk


@pytest.mark.parametrize(
    ("to", "text", "sentence"),
    [
        ("nurse2", " ", "Write a note, or hand over the alerts you hold."),
        ("nurse2", "x" * 2001, "at most 2000"),
        ("other_nurse", "kept words", "not one of the available choices"),
        ("nurse", "kept words", "not one of the available choices"),
        ("", "kept words", "Choose a colleague."),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    people: Cast, now: datetime, to: str, text: str, sentence: str
) -> None:
    data = {"to": getattr(people, to).pk if to else "", "text": text, "with_alerts": "on"}
    page = pages.text(browser(people.nurse).post(PAGE, data))
    assert sentence in page
    assert text.strip() in page
    assert not HandOverNote.objects.exists()


def test_the_colleague_is_told_once_for_all_of_them(people: Cast) -> None:
    make_mobile(people.nurse2, "+13125550111")
    patients = [make_patient(people.clinic, name) for name in ("Rolf", "Ruth", "Rita")]
    signs = (TIRED, CHEST, NUMB)
    alerts = [taken(patient, sign, people.nurse) for patient, sign in zip(patients, signs, strict=True)]
    browser(people.nurse).post(PAGE, {"to": people.nurse2.pk, "text": "", "with_alerts": "on"})
    assert {fresh(alert).acked_by_id for alert in alerts} == {people.nurse2.pk}
    rows = Delivery.objects.filter(message="staff_handover").values_list("channel", "alert_id", "urgency")
    assert sorted(rows) == [(way, alerts[1].pk, 0) for way in ("board", "email", "sms")]
    handed = AccessEvent.objects.filter(action="handed the alert over")
    assert set(handed.values_list("patient_id", flat=True)) == {patient.pk for patient in patients}


def test_what_is_told_of_one_patient_is_in_nobody_elses_record(people: Cast) -> None:
    alert = taken(people.patient, NUMB, people.nurse)
    browser(people.nurse).post(PAGE, {"to": people.nurse2.pk, "text": "Rolf fell again", "with_alerts": "on"})
    assert AlertEvent.objects.get(alert=alert, what="handed_over").note == ""
    assert HandOverNote.objects.get().text == "Rolf fell again"


def test_the_page_says_since_when_an_alert_is_taken_not_whose_it_was(people: Cast) -> None:
    alert = taken(people.patient, NUMB, people.nurse)
    lifecycle.hand_over(alert=alert, to_staff=people.nurse2, staff=people.nurse, note="", now=timezone.now())
    page = pages.text(browser(people.nurse2).get(PAGE))
    assert "yours since" not in page
    assert "taken " in page


@pytest.mark.parametrize("reached", [True, False])
def test_who_hands_over_to_somebody_whom_no_message_reaches_reads_so(people: Cast, reached: bool) -> None:
    if not reached:
        break_contacts(people.nurse2)
    taken(people.patient, NUMB, people.nurse)
    client, data = browser(people.nurse), {"to": people.nurse2.pk, "text": "Bye.", "with_alerts": "on"}
    page = pages.text(client.post(PAGE, data, follow=True))
    assert ("Only the screen tells them" in page) is not reached


def test_the_page_says_what_was_promised_and_by_when(people: Cast) -> None:
    alert = taken(people.patient, NUMB, people.nurse)
    assert "Call-back promised" not in pages.text(browser(people.nurse).get(PAGE))
    soon = timezone.now() + timedelta(hours=2)
    told = {"level": "contacted", "note": "Rest.", "call_back_by": soon, "next_check_at": soon}
    lifecycle.record_contact(alert=alert, staff=people.nurse, now=timezone.now(), **told)
    page = pages.text(browser(people.nurse).get(PAGE))
    assert "Call-back promised by" in page
    assert "Look again at" in page
