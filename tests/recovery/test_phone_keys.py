"""Who may end a phone's key, and what they read of it."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from patients.models import AccessEvent
from recovery.logs import phone_keys
from recovery.models import PhoneKey
from tests.patients.pages import just_shown, text
from tests.people import Cast
from tests.recovery.phone import user_of
from tests.recovery.test_sealed_logs import Phone


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def keys(people: Cast) -> tuple[PhoneKey, PhoneKey]:
    """The patient's own and the helper's."""
    return Phone(user_of(people.patient)).row, Phone(people.helper.user).row


def live() -> set[int]:
    return set(phone_keys.live(timezone.now()).values_list("pk", flat=True))


def test_a_nurse_ends_a_lost_phone_and_it_is_written_down(
    client: Client, people: Cast, keys: tuple[PhoneKey, PhoneKey]
) -> None:
    own, helpers = keys
    client.force_login(people.nurse.user)
    address = f"/desk/patients/{people.patient.code}/phones/"
    page = text(client.get(address))
    assert page.count("Safari on iPhone</strong>") == 2
    assert "of Hilda Helps" in page
    done = client.post(address, {"key": str(helpers.code)}, follow=True)
    assert "Ended: that phone sends nothing any more" in text(done)
    helpers.refresh_from_db()
    assert (live(), helpers.ended_by) == ({own.pk}, people.nurse.user)
    assert AccessEvent.objects.filter(action="ended a phone", subject="Safari on iPhone").count() == 1
    assert [client.post(address, {"key": key}).status_code for key in (str(helpers.code), "x", "")] == [404] * 3


def test_each_person_ends_their_own_phones_alone(
    client: Client, people: Cast, keys: tuple[PhoneKey, PhoneKey]
) -> None:
    own, helpers = keys
    client.force_login(people.helper.user)
    asked = client.post("/my/phones/", {"key": str(helpers.code)})
    assert asked.url == "/my/show-again/?next=%2Fmy%2Fphones%2F"
    assert len(live()) == 2
    just_shown(client)
    assert client.post("/my/phones/", {"key": str(own.code)}).status_code == 404
    assert text(client.get("/my/phones/")).count("Safari on iPhone</strong>") == 1
    client.post("/my/phones/", {"key": str(helpers.code)})
    assert live() == {own.pk}
    assert "No phone may send now." in text(client.get("/my/phones/"))


def test_a_phone_that_signs_out_ends_its_own_key_without_a_code(
    client: Client, people: Cast, keys: tuple[PhoneKey, PhoneKey]
) -> None:
    """However long ago the code was shown: the phone may be in other hands a minute later."""
    own, helpers = keys
    client.force_login(user_of(people.patient))
    client.post("/my/phones/", {"key": str(own.code), "leaving": "1"})
    assert client.post("/my/phones/", {"key": str(helpers.code), "leaving": "1"}).status_code == 404
    assert live() == {helpers.pk}


def test_a_nurse_of_another_clinic_ends_nothing(
    client: Client, people: Cast, keys: tuple[PhoneKey, PhoneKey]
) -> None:
    client.force_login(people.other_nurse.user)
    address = f"/desk/patients/{people.patient.code}/phones/"
    assert client.post(address, {"key": str(keys[0].code)}).status_code == 404
    assert len(live()) == 2
