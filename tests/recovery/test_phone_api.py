"""The JSON door: the same log in, a problem document for everything else, and never a 500."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.models import Alert
from recovery.models import DailyLog
from tests.people import Cast, make_procedure, make_user
from tests.recovery.conftest import BREATHLESS, CALM, NUMB
from tests.recovery.phone import user_of

JSON = "application/json"


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def envelope(answers: Any = None, **more: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), "answers": CALM if answers is None else answers, **more}


def send(phone: Client, body: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return phone.post("/api/logs/", text, content_type=JSON)


def test_it_stores_a_log_with_the_phones_own_time_and_verdict(phone: Client) -> None:
    at = timezone.now() - timedelta(hours=3)
    body = envelope(answered_at=at.isoformat(), phone_tier="watch", phone_rulebook="abc")
    answer = send(phone, body)
    log = DailyLog.objects.get()
    assert (answer.status_code, answer.json()["code"]) == (201, str(log.code))
    assert (log.answered_at, log.phone_tier, log.assessment.tier) == (at, "watch", "watch")


def test_the_same_id_again_is_the_same_answer(phone: Client) -> None:
    body = envelope()
    first, again = send(phone, body), send(phone, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert DailyLog.objects.count() == 1


def test_other_words_under_a_known_id_are_confirmed_by_the_id_the_phone_waits_for(phone: Client) -> None:
    first = envelope()
    send(phone, first)
    other = {**first, "answers": {**CALM, "notes": "And one thing more."}}
    for _ in range(2):
        assert send(phone, other).json()["client_id"] == first["client_id"]
    assert DailyLog.objects.count() == 2


def test_a_partial_emergency_is_told_at_once_and_superseded_by_the_whole_log(phone: Client) -> None:
    part = envelope(BREATHLESS, partial=True)
    answer = send(phone, part)
    assert (answer.json()["tier"], Alert.objects.get().tier) == ("call_911", "call_911")
    assert answer.json()["messages"][0].startswith("Call 911 now.")
    send(phone, envelope({**CALM, **BREATHLESS}, supersedes=part["client_id"]))
    assert DailyLog.objects.get(supersedes__client_id=part["client_id"]).partial is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"client_id": "x"}, "client_id"),
        ({"client_id": None}, "client_id"),
        ({"answered_at": "yesterday"}, "answered_at"),
        ({"answered_at": "2026-01-01T10:00:00"}, "answered_at"),
        ({"answered_at": "9999-12-31T23:59:59Z"}, "answered_at"),
        ({"partial": "yes"}, "partial"),
        ({"supersedes": 5}, "supersedes"),
        ({"phone_tier": 7}, "phone_tier"),
        ({"surprise": 1}, "surprise"),
        ({"answers": []}, "answers"),
        ({"answers": {"pain_move": 11}}, "answers.pain_move"),
        ({"answers": {"pain_move": True}}, "answers.pain_move"),
        ({"answers": {"pain_move": "8"}}, "answers.pain_move"),
        ({"answers": {"temp_value": "98.6"}}, "answers.temp_value"),
        ({"answers": {"back_change": "fantastic"}}, "answers.back_change"),
        ({"answers": {"headache": "yes"}}, "answers.headache"),
        ({"answers": {"notes": "x" * 1001}}, "answers.notes"),
        ({"answers": {"notes": "a\0b"}}, "answers.notes"),
        ({"answers": {"notes": "\ud83d"}}, "answers.notes"),
        ({"answers": {"activities": ["rest", "rest"]}}, "answers.activities"),
    ],
)
def test_a_wrong_shape_is_named_and_not_stored(phone: Client, change: dict[str, Any], field: str) -> None:
    answer = send(phone, {**envelope(), **change})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not DailyLog.objects.exists()


def test_an_urgent_answer_beside_an_unreadable_one_is_kept(phone: Client) -> None:
    answer = send(phone, envelope({**NUMB, "headache": "yes"}))
    assert answer.status_code == 422
    log = DailyLog.objects.get()
    assert (log.partial, log.answers, log.assessment.tier) == (True, NUMB, "call_doctor_now")


@pytest.mark.parametrize(
    "body",
    [b" ", b"{", b"[]", b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b"\xff"]
    + [b"[" * 20_000, b'{"answers":{"temp_value":1e999}}'.replace(b"1e999", b"Infinity"), b"1" * 6000],
)
def test_what_is_not_one_json_object_is_a_400(phone: Client, body: bytes) -> None:
    answer = send(phone, body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_an_oversized_body_is_a_413(phone: Client) -> None:
    assert send(phone, b"x" * 65_537).status_code == 413


def test_another_type_is_a_415_and_another_method_a_405(phone: Client) -> None:
    assert phone.post("/api/logs/", {"a": 1}).status_code == 415
    answer = phone.get("/api/logs/")
    assert (answer.status_code, answer["Allow"], answer["Content-Type"]) == (
        405,
        "POST",
        "application/problem+json",
    )


def test_a_closed_recovery_is_a_409(phone: Client, people: Cast) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert send(phone, envelope()).status_code == 409


def test_strangers_are_told_to_sign_in_or_find_nobody(client: Client, people: Cast) -> None:
    assert send(client, envelope()).status_code == 401
    client.force_login(make_user())
    assert send(client, envelope()).status_code == 404


def test_a_helper_is_named_and_one_who_may_not_log_is_refused(client: Client, people: Cast) -> None:
    client.force_login(people.helper.user)
    send(client, envelope({**CALM, "logged_by": "self"}))
    assert DailyLog.objects.get().answers["logged_by"] == "caregiver"
    people.helper.may_log = False
    people.helper.save()
    assert send(client, envelope()).status_code == 403


def test_a_log_of_tomorrow_or_before_the_procedure_is_taken(phone: Client) -> None:
    now = timezone.now()
    for at in (now + timedelta(days=1), now - timedelta(days=5), now - timedelta(days=400)):
        assert send(phone, envelope(answered_at=at.isoformat())).status_code == 201
    assert DailyLog.objects.filter(clock_suspect=True).count() == 2


def test_an_id_of_another_patient_makes_a_log_of_its_own(phone: Client, people: Cast) -> None:
    make_procedure(people.other_patient)
    other = Client()
    other.force_login(user_of(people.other_patient))
    body = envelope()
    assert [send(c, body).status_code for c in (phone, other)] == [201, 201]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner)
)
names = st.sampled_from([*CALM, "notes", "temp_value", "em_gate", "numb_where", "weak", "x"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.dictionaries(names, values, max_size=6),
    more=st.dictionaries(st.text(max_size=8), values, max_size=2),
)
def test_any_json_is_answered(phone: Client, answers: dict[str, Any], more: dict[str, Any]) -> None:
    answer = send(phone, {**envelope(answers), **more})
    assert answer.status_code in (200, 201, 400, 422)
