"""Every log says by which way it came in, as we know it, and how long its steps were looked at, within bounds."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from recovery.models import DailyLog
from tests.patients.pages import signed_in
from tests.people import Cast
from tests.recovery.conftest import CALM
from tests.recovery.phone import user_of
from tests.recovery.test_sealed_logs import Phone

NUMB = {"nerve_gate": "some", "numb": "yes", "numb_where": ["legs"], "numb_change": "new"}


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def post(phone: Client, **answers: Any) -> Any:
    body = {"client_id": str(uuid.uuid4()), "answers": {**CALM, **answers}}
    return phone.post("/api/logs/", json.dumps(body), content_type="application/json")


def door() -> str:
    return DailyLog.objects.latest("pk").answers["door"]


@pytest.mark.parametrize("claimed", [None, "sms", "nurse", "call", "pigeon"])
def test_the_phones_script_is_the_app_whatever_it_says(phone: Client, claimed: str | None) -> None:
    post(phone, **({"door": claimed} if claimed else {}))
    assert door() == "app"


def test_a_page_is_the_web_and_so_is_its_urgent_part(phone: Client) -> None:
    phone.post("/log/", {**CALM, "door": "sms"})
    assert door() == "web"
    phone.post("/log/", {**CALM, **NUMB, "temp_value": "warm"})
    assert (DailyLog.objects.latest("pk").partial, door()) == (True, "web")


def test_an_answer_about_a_note_came_by_its_own_way(phone: Client) -> None:
    post(phone, notes="my foot is numb", step_seconds={"part_1": 3})
    code = DailyLog.objects.get().code
    phone.post(f"/log/{code}/advice/", {"notes_confirm": "yes_now"})
    log = DailyLog.objects.latest("pk")
    assert (log.answers["door"], "step_seconds" in log.answers) == ("web", False)


def test_an_envelope_is_the_app_and_a_log_by_phone_the_nurse(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    Phone(user_of(people.patient)).send(people.patient.code)
    assert door() == "app"
    signed_in(people.nurse).post(f"/desk/patients/{people.patient.code}/log/", CALM)
    assert door() == "nurse"


def test_the_same_words_by_another_way_are_the_same_log(phone: Client, people: Cast) -> None:
    sealed, answers = Phone(user_of(people.patient)), {**CALM, **NUMB}
    body = sealed.posted(people.patient.code, {**answers, "step_seconds": {"part_1": 2}})
    sealed.post(body)
    again = {"client_id": body["id"], "answers": answers}
    phone.post("/api/logs/", json.dumps(again), content_type="application/json")
    assert DailyLog.objects.count() == 1


def test_seconds_of_the_steps_are_kept(phone: Client) -> None:
    steps = {"part_1": 12, "part_2": 3600}
    post(phone, step_seconds=steps)
    assert DailyLog.objects.get().answers["step_seconds"] == steps


@pytest.mark.parametrize(
    "steps",
    [
        {"part_1": 3601},
        {"part_1": -1},
        {"a b": 1},
        {"x": "10"},
        [1],
        "x" * 4000,
        {f"s{n}": 1 for n in range(61)},
        {},
    ],
)
def test_seconds_that_make_no_sense_are_no_words_of_the_patient(phone: Client, steps: Any) -> None:
    answer = post(phone, step_seconds=steps)
    log = DailyLog.objects.get()
    assert ("step_seconds" in log.answers, log.left_over, answer.json()["unread"]) == (False, {}, [])
