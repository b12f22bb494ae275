"""Calm logs without end are not taken; what is urgent always is, and nobody loses what they wrote."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from alerts.clock import db_now
from recovery.logs import check
from recovery.logs.read import LATELY, procedure_to_log_for, read_log
from recovery.models import DailyLog
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, CALM
from tests.recovery.phone import user_of


@pytest.fixture
def phone(people: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A patient who has sent as many as are taken."""
    monkeypatch.setattr(check, "MOST", 3)
    client.force_login(user_of(people.patient))
    for _ in range(3):
        assert by_script(client).status_code == 201
    return client


def by_script(client: Client, client_id: str = "", **answers: Any) -> Any:
    body = {"client_id": client_id or str(uuid.uuid4()), "answers": {**CALM, **answers}}
    return client.post("/api/logs/", body, content_type="application/json")


def test_one_calm_log_too_many_stays_on_the_phone(phone: Client) -> None:
    answer = by_script(phone)
    assert (answer.status_code, answer.json()["title"]) == (429, check.WORDS)
    assert DailyLog.objects.count() == 3


def test_by_the_form_everything_typed_is_kept(phone: Client) -> None:
    answer = phone.post("/log/", {**CALM, "notes": "soup with Anna"})
    assert answer.status_code == 429
    assert b"soup with Anna" in answer.content
    assert b"If you feel worse, do not wait: call your clinic." in answer.content
    assert DailyLog.objects.count() == 3


@pytest.mark.parametrize("answers", [BREATHLESS, {"notes": "my chest hurts and I cant breathe"}])
@pytest.mark.slow
def test_an_urgent_log_is_always_taken(phone: Client, answers: dict[str, Any]) -> None:
    assert by_script(phone, **answers).status_code == 201
    assert phone.post("/log/", {**CALM, **answers}).status_code == 302


def test_what_the_phone_knows_to_be_urgent_is_taken(phone: Client) -> None:
    body = {"client_id": str(uuid.uuid4()), "answers": CALM, "phone_tier": "call_doctor_now"}
    assert phone.post("/api/logs/", body, content_type="application/json").status_code == 201


def test_one_that_is_known_already_is_named_again(phone: Client) -> None:
    known = DailyLog.objects.first()
    assert known
    assert by_script(phone, str(known.client_id)).status_code == 200


def test_after_an_hour_there_is_room_again(people: Cast, phone: Client) -> None:
    later = db_now() + LATELY + timedelta(seconds=1)
    procedure = procedure_to_log_for(people.patient, later)
    assert procedure
    given = {"answers": CALM, "client_id": uuid.uuid4(), "answered_at": later, "now": later}
    user = user_of(people.patient)
    log = read_log(patient=people.patient, procedure=procedure, entered_by=user, **given)
    check.refuse_one_too_many(log)
