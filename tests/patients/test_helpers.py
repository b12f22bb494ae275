"""Helpers: their own sign-in, rights the patient gives, changes and ends, and nothing shown of who they are."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import AccessEvent, Caregiver, Consent, StoppedNumber, User
from patients.scoping import for_user
from patients.selectors.people import live_helpers
from patients.services.helpers import HELPERS_MOST
from tests.patients.pages import signed_in, strangers, text
from tests.people import Cast, make_helper, make_patient, make_user

MINE = "/my/helpers/"


def desk(people: Cast) -> str:
    return f"/desk/patients/{people.patient.code}/helpers/"


def add(client: Client, page: str, **typed: str) -> Any:
    data = {"name": "Sam Sun", "relationship": "son", "address": "sam@example.org", "may_log": "on", **typed}
    return client.post(page, data)


def newest() -> Caregiver:
    return Caregiver.objects.select_related("user").latest("pk")


def today(people: Cast) -> Any:
    return timezone.now().astimezone(ZoneInfo(people.patient.timezone)).date()


@pytest.mark.parametrize(
    ("address", "phone", "email"),
    [("Sam@Example.org", None, "sam@example.org"), ("(312) 555-0142", "+13125550142", "")],
)
def test_a_patient_adds_a_helper_who_gets_a_sign_in_without_a_password(
    people: Cast, address: str, phone: str | None, email: str
) -> None:
    answer = add(signed_in(people.patient), MINE, address=address)
    assert answer.status_code == 302
    user = newest().user
    assert (user.phone and str(user.phone), user.email, user.first_name) == (phone, email, "Sam")
    assert not user.has_usable_password()
    assert people.patient in for_user(user, timezone.now())
    assert newest().relationship == "Sam Sun, son"
    assert (newest().may_log, newest().may_be_alerted, newest().expires_at) == (True, False, None)


def test_the_page_says_how_the_helper_signs_in(people: Cast) -> None:
    client = signed_in(people.patient)
    add(client, MINE)
    assert "Tell Sam Sun to open testserver and to sign in with sam@example.org." in text(client.get(MINE))


def test_adding_a_helper_is_the_patients_agreement(people: Cast) -> None:
    Consent.objects.filter(purpose="helpers").update(withdrawn_at=timezone.now())
    add(signed_in(people.patient), MINE)
    assert Consent.objects.filter(patient=people.patient, purpose="helpers", withdrawn_at=None).count() == 1
    add(signed_in(people.patient), MINE, address="other@example.org")
    assert Consent.objects.filter(patient=people.patient, purpose="helpers", withdrawn_at=None).count() == 1


def test_staff_add_a_helper_only_when_the_patient_agreed(people: Cast) -> None:
    answer = add(signed_in(people.nurse), desk(people))
    assert answer.status_code == 422
    assert "Ask the patient first" in text(answer)
    assert "sam@example.org" in text(answer)
    assert add(signed_in(people.nurse), desk(people), agreed="on").status_code == 302
    row = AccessEvent.objects.get(action="added a helper")
    assert (row.actor, row.subject) == (people.nurse.user, "son")


def test_a_known_sign_in_is_linked_and_nothing_of_its_owner_is_shown(people: Cast) -> None:
    make_user("neighbour@example.org", first_name="Secret", last_name="Identity", phone="+13125550177")
    users = User.objects.count()
    client = signed_in(people.patient)
    assert add(client, MINE, address="Neighbour@example.org").status_code == 302
    pages = text(client.get(MINE)) + text(signed_in(people.nurse).get(desk(people)))
    assert User.objects.count() == users
    assert newest().user.first_name == "Secret"
    assert "Sam Sun, son" in pages
    for secret in ("Secret", "Identity", "0177"):
        assert secret not in pages


def test_known_and_unknown_addresses_get_the_same_page(people: Cast) -> None:
    def shown(address: str) -> str:
        Caregiver.objects.all().update(removed_at=timezone.now())
        client = signed_in(people.patient)
        add(client, MINE, address=address)
        page = re.sub(
            r"(helpers?[-_/]|name=\"helper\" value=\")\d+", r"\1N", text(client.get(MINE)).replace(address, "")
        )
        return "<".join(part for part in page.split("<") if "csrf" not in part)

    assert shown(people.other_patient.email) == shown("never.seen@example.org")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Enter the helper’s name."),
        ({"name": "x" * 37}, "at most 36"),
        ({"relationship": "x" * 23}, "at most 22"),
        ({"address": ""}, "phone number or e-mail."),
        ({"address": "12"}, "Enter a phone number, such as"),
        ({"address": "a@b"}, "Enter a phone number, such as"),
        ({"address": "x" * 250 + "@example.org"}, "at most 254"),
        ({"until": "2020-01-01"}, "from today on"),
        ({"until": "2099-01-01"}, "three years"),
        ({"until": "2999-01-01"}, "year"),
        ({"until": "2026-02-30"}, "a date that exists"),
    ],
)
def test_what_can_not_be_is_named_and_kept(people: Cast, typed: dict[str, str], words: str) -> None:
    answer = add(signed_in(people.patient), MINE, **typed)
    assert answer.status_code == 422
    assert words in text(answer)
    assert ("Sam Sun" if "name" not in typed else "sam@example.org") in text(answer)
    assert Caregiver.objects.count() == 1


def test_nobody_helps_themself(people: Cast) -> None:
    answer = add(signed_in(people.patient), MINE, address=people.patient.email)
    assert answer.status_code == 422
    assert "own address" in text(answer)


def test_the_last_day_ends_with_the_patients_midnight(people: Cast) -> None:
    last = today(people) + timedelta(days=2)
    add(signed_in(people.patient), MINE, until=str(last))
    ends = newest().expires_at
    assert ends
    local = ends.astimezone(ZoneInfo(people.patient.timezone))
    assert (local.date() - last, local.hour) == (timedelta(days=1), 0)
    assert people.patient not in for_user(newest().user, ends)
    assert f'value="{last}"' in text(signed_in(people.patient).get(MINE))


@pytest.mark.parametrize("by_staff", [False, True])
def test_rights_are_changed_and_taken_away(people: Cast, by_staff: bool) -> None:
    client, page = (signed_in(people.nurse), desk(people)) if by_staff else (signed_in(people.patient), MINE)
    helper = people.helper
    assert client.post(page, {"helper": helper.pk, "may_be_alerted": "on"}).status_code == 302
    helper.refresh_from_db()
    assert (helper.may_log, helper.may_be_alerted) == (False, True)
    assert "May look, not log. Gets notes." in text(client.get(page))
    assert client.post(page, {"helper": helper.pk, "remove": "1"}).status_code == 302
    assert people.patient not in for_user(helper.user, timezone.now())
    assert "Nobody helps yet" in text(client.get(page))


def test_a_wrong_last_day_of_a_known_helper_is_named_at_that_helper(people: Cast) -> None:
    answer = signed_in(people.patient).post(MINE, {"helper": people.helper.pk, "until": "2020-01-01"})
    assert answer.status_code == 422
    assert f'href="#div_helper_{people.helper.pk}_until"' in text(answer)
    people.helper.refresh_from_db()
    assert people.helper.may_log


def test_adding_the_same_person_again_replaces_their_rights(people: Cast) -> None:
    client = signed_in(people.patient)
    add(client, MINE)
    add(client, MINE, may_be_alerted="on")
    rows = Caregiver.objects.filter(user__email="sam@example.org", removed_at=None)
    assert [row.may_be_alerted for row in rows] == [True]


def test_there_are_never_more_than_ten(people: Cast) -> None:
    for _ in range(HELPERS_MOST - 1):
        make_helper(people.patient)
    answer = add(signed_in(people.patient), MINE)
    assert answer.status_code == 422
    assert "Remove one first" in text(answer)


@pytest.mark.parametrize("about", ["other", "²", "9" * 40, "x"])
def test_a_helper_of_somebody_else_can_not_be_touched(people: Cast, about: str) -> None:
    foreign = make_helper(make_patient(people.clinic, "Ann"))
    about = str(foreign.pk) if about == "other" else about
    client = signed_in(people.patient)
    assert client.post(MINE, {"helper": about, "remove": "1"}).status_code == 302
    assert "gone already" in text(client.get(MINE))
    foreign.refresh_from_db()
    assert foreign.removed_at is None


def test_a_helper_and_strangers_change_nobodys_helpers(people: Cast) -> None:
    typed = {"helper": people.helper.pk, "remove": "1"}
    for client in strangers(people):
        assert client.get(desk(people)).status_code == 404
        assert client.post(desk(people), typed).status_code == 404
    for who in (people.helper, people.nurse):
        assert signed_in(who).get(MINE).status_code == 404
        assert signed_in(who).post(MINE, typed).status_code == 404
    assert Client().get(MINE).status_code == 302
    people.helper.refresh_from_db()
    assert people.helper.removed_at is None


STOPPED = "No text reaches this helper, not even a code to sign in."
PHONE = "+13125550142"


@pytest.mark.parametrize("alerted", ["on", ""])
def test_a_helper_whose_phone_said_stop_is_shown_to_the_patient_and_the_clinic(
    people: Cast, alerted: str, settings: Any
) -> None:
    settings.SMS_BACKEND = "alerts.messaging.channels.twilio.Twilio"
    mine, theirs = signed_in(people.patient), signed_in(people.nurse)
    add(mine, MINE, address=PHONE, may_be_alerted=alerted)
    for client, page in ((mine, MINE), (theirs, desk(people))):
        assert STOPPED not in text(client.get(page))
    StoppedNumber.objects.create(number=PHONE, stopped_at=timezone.now())
    for client, page in ((mine, MINE), (theirs, desk(people))):
        shown = text(client.get(page))
        assert shown.count(STOPPED) == 1, "the other helper is reached"
        assert shown.index("Sam Sun, son") < shown.index(STOPPED)
        assert ("May get notes, but none arrive." in shown) == bool(alerted)
        assert "Gets notes." not in shown
    StoppedNumber.objects.all().delete()
    assert STOPPED not in text(mine.get(MINE))


def test_who_has_an_email_too_is_reached_and_that_is_nobody_elses_business(people: Cast) -> None:
    make_user("neighbour@example.org", first_name="Secret", phone="+13125550177")
    StoppedNumber.objects.create(number="+13125550177", stopped_at=timezone.now())
    client = signed_in(people.patient)
    for address in ("neighbour@example.org", "+13125550177"):
        add(client, MINE, address=address, may_be_alerted="on")
        assert "STOP" not in text(client.get(MINE))


@pytest.mark.parametrize(("days", "is_live"), [(None, True), (1, True), (-1, False)])
def test_a_helper_whose_time_is_over_is_told_nothing_any_more(
    people: Cast, days: int | None, is_live: bool
) -> None:
    now = timezone.now()
    ends = None if days is None else now + timedelta(days=days)
    Caregiver.objects.filter(pk=people.helper.pk).update(expires_at=ends)
    assert (people.helper in live_helpers(people.patient.pk, now)) is is_live
