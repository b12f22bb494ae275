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
from tests.database import undone
from tests.depth import examples
from tests.patients import pages
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
        ({"about": 5}, "about"),
        ({"answers": []}, "answers"),
    ],
)
def test_a_wrong_shape_is_named_and_not_stored(phone: Client, change: dict[str, Any], field: str) -> None:
    answer = send(phone, {**envelope(), **change})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not DailyLog.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"answered_at": "yesterday"}, "answered_at"),
        ({"answered_at": "2026-01-01T10:00:00"}, "answered_at"),
        ({"answered_at": "9999-12-31T23:59:59Z"}, "answered_at"),
        ({"partial": "yes"}, None),
        ({"supersedes": 5}, None),
        ({"phone_tier": 7}, None),
        ({"phone_fired": "RDN-01"}, None),
        ({"surprise": 1}, "surprise"),
        ({"pain_move": 11}, "answers.pain_move"),
        ({"pain_move": True}, "answers.pain_move"),
        ({"pain_rest": "very"}, "answers.pain_rest"),
        ({"temp_value": "warm"}, "answers.temp_value"),
        ({"back_change": "fantastic"}, "answers.back_change"),
        ({"headache": "yes"}, "answers.headache"),
        ({"activities": ["rest", "rest"]}, "answers.activities"),
        ({"walk_minutes": 601}, "answers.walk_minutes"),
    ],
)
def test_nothing_optional_refuses_an_urgent_log(phone: Client, change: dict[str, Any], field: str | None) -> None:
    known = {"answered_at", "partial", "supersedes", "phone_tier", "phone_fired", "surprise"}
    body = envelope({**CALM, **NUMB})
    (body if change.keys() <= known else body["answers"]).update(change)
    answer = send(phone, body)
    assert answer.status_code == 201
    assert [entry["field"] for entry in answer.json()["unread"]] == ([field] if field else [])
    log = DailyLog.objects.get()
    assert (log.partial, log.answers["numb"], log.assessment.tier) == (False, "yes", "call_doctor_now")


def test_what_was_not_understood_is_kept_as_it_came_and_said_on_the_advice(phone: Client) -> None:
    answer = send(phone, envelope({**CALM, **NUMB, "temp_value": "very\0 hot", "headache": {"a": 1}}))
    log = DailyLog.objects.get()
    assert log.left_over == {"unread": {"temp_value": "very  hot", "headache": '{"a": 1}'}}
    page = pages.text(phone.get(answer.json()["advice"]))
    assert "If you took it, what is your temperature?" in page
    assert "very hot" in page


@pytest.mark.parametrize("letter", ["\0", "\ud83d", "\u202e", "\u200b", "\x07", "\x85"])
def test_an_odd_letter_in_a_note_is_cleaned_and_no_reason_to_refuse(phone: Client, letter: str) -> None:
    answer = send(phone, envelope({**CALM, **NUMB, "notes": f"I feel {letter}bad"}))
    assert (answer.status_code, answer.json()["tier"]) == (201, "call_doctor_now")
    assert DailyLog.objects.get().answers["notes"].split() == ["I", "feel", "bad"]


@pytest.mark.parametrize(("field", "longest"), [("notes", 1000), ("question_for_team", 500)])
def test_a_long_text_is_judged_whole_and_kept_up_to_its_bound(phone: Client, field: str, longest: int) -> None:
    text = "we had tea. " * 200 + "I have chest pain"
    answer = send(phone, envelope({**CALM, field: text}))
    assert answer.status_code == 201
    assert field != "notes" or answer.json()["tier"] == "call_911"
    log = DailyLog.objects.get()
    assert (len(log.answers[field]), log.words[field]) == (longest, text)
    assert send(phone, {**envelope({**CALM, field: text}), "client_id": str(log.client_id)}).status_code == 200


def test_a_temperature_with_its_unit_is_read_here_too(phone: Client) -> None:
    send(phone, envelope({**CALM, "temp_value": "38,5 °C", "temp_unit": "F"}))
    log = DailyLog.objects.get()
    assert (log.answers["temp_value"], log.answers["temp_unit"], log.assessment.tier) == (
        38.5,
        "C",
        "call_doctor_now",
    )


def test_words_that_were_not_understood_are_heard(phone: Client) -> None:
    answer = send(phone, envelope({**CALM, "temp_value": "low, but chest pain"}))
    assert answer.json()["tier"] == "call_911"


def test_a_log_that_can_not_be_taken_is_kept_when_it_is_urgent(phone: Client) -> None:
    answer = send(phone, {**envelope({**NUMB, "headache": "yes"}), "client_id": "x"})
    assert answer.status_code == 422
    log = DailyLog.objects.get()
    assert (log.partial, log.told, log.assessment.tier) == (True, NUMB, "call_doctor_now")


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


def test_the_urgent_part_of_a_helpers_log_that_cannot_be_taken_names_the_helper(
    client: Client, people: Cast
) -> None:
    client.force_login(people.helper.user)
    assert send(client, {"client_id": "none", "answers": BREATHLESS}).status_code == 422
    log = DailyLog.objects.get()
    assert (log.partial, log.answers["door"], log.answers["logged_by"]) == (True, "app", "caregiver")


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
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
names = st.sampled_from([*CALM, "notes", "temp_value", "em_gate", "numb_where", "weak", "x"])


@settings(
    max_examples=examples(120),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    answers=st.dictionaries(names, values, max_size=6),
    more=st.dictionaries(st.text(max_size=8), values, max_size=2),
)
@pytest.mark.slow
def test_any_json_is_answered(phone: Client, answers: dict[str, Any], more: dict[str, Any]) -> None:
    with undone():
        answer = send(phone, {**envelope(answers), **more})
    assert answer.status_code in (200, 201, 400, 422)
