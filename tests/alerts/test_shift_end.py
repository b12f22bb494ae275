"""The end of a shift: a note for the next person, and all alerts in one action."""

from datetime import datetime

import pytest
from django.utils import timezone

from alerts import services
from alerts.models import Delivery, HandOverNote
from tests.alerts.steps import CHEST, NUMB, fresh, raise_for, shift, told
from tests.alerts.test_policy_page import browser
from tests.people import Cast, make_patient

PAGE = "/desk/oncall/hand-over/"


def test_everything_one_holds_goes_over_in_one_action(people: Cast) -> None:
    now = timezone.now()
    patients = (people.patient, make_patient(people.clinic, "Rolf"))
    alerts = [raise_for(patient, CHEST, now=now) for patient in patients]
    for alert in alerts:
        services.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    other = raise_for(make_patient(people.clinic, "Ruth"), NUMB, now=now)
    services.acknowledge(alert_code=other.code, staff=people.nurse2, now=now)
    client = browser(people.nurse)
    page = client.get(PAGE).content.decode()
    assert ("Rosa" in page, "Rolf" in page, "Ruth" in page) == (True, True, False)
    data = {"to": people.nurse2.pk, "text": "Rolf calls <back>", "with_alerts": "on"}
    assert client.post(PAGE, data).status_code == 302
    assert {fresh(alert).acked_by_id for alert in alerts} == {people.nurse2.pk}
    assert told(alerts[0], message="staff_handover") == [f"staff:{people.nurse2.pk}"]
    mail = Delivery.objects.get(message="staff_oncall")
    assert (mail.recipient, mail.context) == (f"staff:{people.nurse2.pk}", {})
    reader = browser(people.nurse2)
    assert "A colleague left you a hand-over note." in reader.get("/desk/").content.decode()
    week = reader.get("/desk/oncall/").content.decode()
    assert "Rolf calls &lt;back&gt;" in week
    assert "with 2 alerts" in week
    assert "Rolf calls" not in browser(people.physician).get("/desk/oncall/").content.decode()
    note = HandOverNote.objects.get()
    assert client.post(f"{PAGE}{note.pk}/read/").status_code == 302
    assert HandOverNote.objects.get().read_at is None
    reader.post(f"{PAGE}{note.pk}/read/")
    assert "Rolf calls" not in reader.get("/desk/oncall/").content.decode()


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
    page = browser(people.nurse).post(PAGE, data).content.decode()
    assert sentence in page
    assert text.strip() in page
    assert not HandOverNote.objects.exists()
