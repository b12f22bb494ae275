"""What the patient agreed to: seen, stopped, agreed to again, and what stops with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import AccessEvent, Caregiver, Consent
from patients.scoping import for_user
from patients.selectors.people import agreed, contactable
from patients.services.enrolment import WORDING
from tests.patients.pages import signed_in, text
from tests.people import Cast

PAGE = "/my/messages/"


def send(people: Cast, action: str, purpose: str) -> Any:
    return signed_in(people.patient).post(PAGE, {"action": action, "purpose": purpose})


def test_the_page_shows_each_agreement_with_its_day_and_what_stops(people: Cast) -> None:
    page = text(signed_in(people.patient).get(PAGE))
    assert page.count("You agreed on") == 2
    assert "we send no reminder to log" in page
    assert "all your helpers are removed at once" in page


def test_withdrawing_messages_stops_them_and_agreeing_again_makes_a_new_row(people: Cast) -> None:
    me = f"patient:{people.patient.pk}"
    assert contactable(me, "email").address
    assert send(people, "withdraw", "messages").status_code == 302
    assert contactable(me, "email").why_not == "consent withdrawn"
    page = text(signed_in(people.patient).get(PAGE))
    assert "You stopped this on" in page
    send(people, "agree", "messages")
    assert contactable(me, "email").address
    rows = Consent.objects.filter(patient=people.patient, purpose="messages").order_by("pk")
    assert [bool(row.withdrawn_at) for row in rows] == [True, False]
    assert rows[1].wording_version == WORDING


def test_withdrawing_helpers_removes_all_of_them_at_once_and_agreeing_brings_nobody_back(people: Cast) -> None:
    helper = people.helper.user
    send(people, "withdraw", "helpers")
    assert people.patient not in for_user(helper, timezone.now())
    assert signed_in(helper).get("/today/").status_code == 404
    send(people, "agree", "helpers")
    assert agreed(people.patient.pk, "helpers")
    assert not Caregiver.objects.filter(removed_at=None).exists()


@pytest.mark.parametrize("purpose", ["messages", "helpers"])
def test_pressing_twice_changes_nothing_more(people: Cast, purpose: str) -> None:
    send(people, "agree", purpose)
    assert Consent.objects.filter(patient=people.patient, purpose=purpose).count() == 1
    send(people, "withdraw", purpose)
    ended = Consent.objects.get(patient=people.patient, purpose=purpose).withdrawn_at
    send(people, "withdraw", purpose)
    row = Consent.objects.get(patient=people.patient, purpose=purpose)
    assert row.withdrawn_at == ended
    assert AccessEvent.objects.filter(action="withdrew", subject=purpose).count() == 1


def test_somebody_who_never_agreed_reads_so(people: Cast) -> None:
    page = text(signed_in(people.other_patient).get(PAGE))
    assert "You have not agreed to this." in page
    assert "I agree to helpers" in page


def test_the_days_are_those_of_the_patients_clock(people: Cast) -> None:
    type(people.patient).all_clinics.update(timezone="Pacific/Kiritimati")
    row = Consent.objects.get(patient=people.patient, purpose="messages")
    local = row.granted_at + timedelta(hours=14)
    assert f"You agreed on {local:%B} {local.day}, {local.year}." in text(signed_in(people.patient).get(PAGE))


@pytest.mark.parametrize(
    ("action", "purpose"), [("agree", "everything"), ("erase", "messages"), ("", ""), ("withdraw", "\x00")]
)
def test_anything_else_is_not_found(people: Cast, action: str, purpose: str) -> None:
    assert send(people, action, purpose).status_code == 404
    assert Consent.objects.filter(withdrawn_at__isnull=False).count() == 0


def test_only_the_patient_decides(people: Cast) -> None:
    typed = {"action": "withdraw", "purpose": "messages"}
    for who in (people.helper, people.nurse, people.other_nurse):
        assert signed_in(who).get(PAGE).status_code == 404
        assert signed_in(who).post(PAGE, typed).status_code == 404
    assert Client().post(PAGE, typed).status_code == 302
    signed_in(people.other_patient).post(PAGE, typed)
    assert agreed(people.patient.pk, "messages")
