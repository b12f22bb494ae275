"""A question of one answer that came with several is asked again; whatever of it is urgent counts at once."""

import uuid
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from recovery.forms.log import MOST_READINGS, ONE_ANSWER, LogForm
from recovery.forms.log_json import NOT_JSON
from recovery.forms.show_when import Asked
from recovery.models import DailyLog
from tests.patients.pages import signed_in, text
from tests.people import Cast, cast
from tests.recovery.conftest import CALM

LOG = "/log/"
# A question, its urgent answer among others, and the tier that one has.
TWICE = [
    ("em_chest_pain", ["yes", "no"], "call_911"),
    ("em_chest_pain", ["no", "yes"], "call_911"),
    ("em_breath", ["none", "severe", "some"], "call_911"),
    ("em_leg_move", ["both_cannot", "both_move"], "call_911"),
    ("temp_value", ["103", "98"], "call_doctor_now"),
    ("notes", ["crushing chest pain", "fine"], "call_911"),
]


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def phone(people: Cast) -> Client:
    return signed_in(people.patient)


def sent(code: str, values: list[str]) -> dict[str, Any]:
    return {**CALM, code: values, "client_id": str(uuid.uuid4())}


@pytest.mark.parametrize(("code", "values", "tier"), TWICE)
def test_an_urgent_answer_beside_a_calm_one_is_judged_and_the_question_comes_back(
    phone: Client, code: str, values: list[str], tier: str
) -> None:
    answer = phone.post(LOG, sent(code, values))
    assert answer.status_code == 422
    assert ONE_ANSWER in text(answer)
    kept = DailyLog.objects.get()
    assert kept.assessment.tier == tier
    assert kept.partial


def test_on_the_phone_with_a_nurse_too(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    made = sent("em_chest_pain", ["yes", "no"])
    answer = signed_in(people.nurse).post(f"/desk/patients/{people.patient.code}/log/", made)
    assert answer.status_code == 422
    assert DailyLog.objects.get().assessment.tier == "call_911"


def test_two_calm_answers_are_asked_back_and_nothing_is_stored(phone: Client) -> None:
    answer = phone.post(LOG, sent("sleep", ["good", "ok"]))
    assert (answer.status_code, ONE_ANSWER in text(answer)) == (422, True)
    assert not DailyLog.objects.exists()


def test_the_same_answer_twice_is_one_and_several_places_are_several(phone: Client) -> None:
    made = {**sent("sleep", ["good", "good"]), "numb": "yes", "numb_where": ["legs", "belly"]}
    assert phone.post(LOG, made).status_code == 302
    assert DailyLog.objects.get().answers["numb_where"] == ["legs", "belly"]


def test_answers_without_end_are_a_few_readings() -> None:
    data = QueryDict(mutable=True)
    data.setlist("walk_minutes", [str(number) for number in range(200)])
    form = LogForm(data, asked=Asked())
    form.is_valid()
    assert len(form.readings()) == 1 + MOST_READINGS


def test_json_with_a_key_twice_is_not_read(phone: Client) -> None:
    """No script of ours can write it; which of the two was meant nobody knows, and the phone keeps its log."""
    body = f'{{"client_id": "{uuid.uuid4()}", "answers": {{"em_chest_pain": "yes", "em_chest_pain": "no"}}}}'
    answer = phone.post("/api/logs/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["title"]) == (400, NOT_JSON)
