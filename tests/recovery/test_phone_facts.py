"""What a phone may know of its person: enough to judge as the server does, and nothing that no rule asks for."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recovery.management.phone_engine import phone_engine
from recovery.models import ClinicSetting, DailyLog
from recovery.state.record import HISTORY_LOGS
from recovery.triage.evaluate import judge
from recovery.triage.rulebook import load_rulebook
from tests.database import FOR_WHOM
from tests.people import Cast, make_helper, make_procedure, make_user
from tests.recovery.conftest import CALM, NUMB, Send
from tests.recovery.phone import user_of

MOST_BYTES = 24 * 1024


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def facts(phone: Client) -> Any:
    answer = phone.get("/api/facts/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    return answer.json()


def test_they_are_about_the_signed_in_person_and_name_the_rule_book(phone: Client, people: Cast) -> None:
    found = facts(phone)
    assert (found["about"], found["rulebook"]) == (str(people.patient.code), load_rulebook().hash)
    assert (found["config"], found["history"], found["patient"]["alerts"]) == ({}, [], [])


def test_no_name_no_note_and_no_number_of_anybody_is_in_them(phone: Client, people: Cast, send: Send) -> None:
    people.procedure.meds_on_hold = [{"name": "warfarin", "restart_on": None}]
    people.procedure.save()
    send({**NUMB, "notes": "my own words", "question_for_team": "a question"})
    text = json.dumps(facts(phone))
    for secret in ("Rosa", "Recovers", str(people.patient.mrn), "my own words", "a question", "1950", "warfarin"):
        assert secret not in text, secret
    assert set(facts(phone)["history"][0]["log"]) == {"pain_move", "pain_rest", "pain_site"}


def test_the_version_changes_with_what_happened_and_with_nothing_else(phone: Client, send: Send) -> None:
    first = facts(phone)
    assert facts(phone)["version"] == first["version"]
    send(NUMB)
    assert facts(phone)["version"] != first["version"]


@pytest.mark.parametrize(
    "answers", [CALM, {**CALM, **NUMB}, {**CALM, "pain_move": 8}, {**CALM, "temp_value": 100.2, "temp_unit": "F"}]
)
def test_a_phone_that_knows_only_these_judges_as_the_server_does(
    phone: Client, people: Cast, send: Send, answers: dict[str, Any]
) -> None:
    people.procedure.baseline_pain = 6
    people.procedure.save()
    send({**NUMB, "mood": "low"}, now=timezone.now() - timedelta(hours=20))
    send({"mood": "low"}, now=timezone.now() - timedelta(hours=10))
    found = facts(phone)
    with phone_engine() as engine:
        [here] = engine.judge([(found["patient"], 48.0, answers, found["history"])])
    log = send(answers).assessment
    assert log
    assert ([rule["id"] for rule in here["fired"]], here["tier"]) == ([f["id"] for f in log.fired], log.tier)


@pytest.mark.usefixtures("nothing_runs_out")
@pytest.mark.slow
def test_they_stay_small_after_many_logs_and_cost_at_most_8(phone: Client, send: Send) -> None:
    now = timezone.now()
    for hours in range(HISTORY_LOGS + 5):
        send({"notes": "x" * 900}, now=now - timedelta(minutes=hours))
    facts(phone)
    with CaptureQueriesContext(connection) as context:
        found = facts(phone)
    assert len(context) <= 8 + FOR_WHOM
    assert len(found["history"]) == HISTORY_LOGS
    assert len(json.dumps(found)) < MOST_BYTES


def test_what_the_clinic_changed_for_everybody_travels_with_them(phone: Client, people: Cast) -> None:
    before = facts(phone)["version"]
    ClinicSetting.objects.create(
        clinic=people.clinic,
        key="rise_floor",
        value=3,
        state=ClinicSetting.State.ACTIVE,
        loosens=False,
        reason="Our patients are older.",
        effective_from=timezone.now() - timedelta(hours=1),
        proposed_by=people.manager,
        proposed_at=timezone.now() - timedelta(hours=1),
    )
    assert facts(phone)["config"] == {"rise_floor": 3}
    assert facts(phone)["version"] != before


def test_strangers_and_those_who_may_not_log_get_none(client: Client, people: Cast) -> None:
    assert client.get("/api/facts/").status_code == 401
    client.force_login(make_user())
    assert client.get("/api/facts/").status_code == 404
    client.force_login(make_helper(people.patient, may_log=False).user)
    assert client.get("/api/facts/").status_code == 403


def test_a_closed_recovery_has_none_and_a_write_is_refused(phone: Client, people: Cast) -> None:
    assert phone.post("/api/facts/").status_code == 405
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert phone.get("/api/facts/").status_code == 409


def test_a_log_about_another_person_than_the_page_is_not_stored(client: Client, people: Cast) -> None:
    client.force_login(user_of(people.patient))
    make_procedure(people.other_patient)
    body = {"client_id": str(uuid.uuid4()), "about": str(people.other_patient.code), "answers": CALM}
    answer = client.post("/api/logs/", json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["title"][:32]) == (409, "This log is about another person")


@pytest.mark.parametrize("fired", ["RDN-01", [1], ["x" * 25], ["a\0"], ["a"] * 101, {}])
def test_a_list_of_rules_that_is_none_counts_as_not_sent(phone: Client, fired: Any) -> None:
    body = {"client_id": str(uuid.uuid4()), "answers": CALM, "phone_fired": fired}
    answer = phone.post("/api/logs/", json.dumps(body), content_type="application/json")
    assert (answer.status_code, DailyLog.objects.get().phone_fired) == (201, None)


def test_the_server_judges_a_log_of_an_older_rule_book_itself(phone: Client) -> None:
    body = {
        "client_id": str(uuid.uuid4()),
        "answers": {**CALM, **NUMB},
        "phone_tier": "on_track",
        "phone_rulebook": "0" * 64,
    }
    answer = phone.post("/api/logs/", json.dumps({**body, "phone_fired": []}), content_type="application/json")
    assert answer.json()["tier"] == judge({}, 48.0, {**CALM, **NUMB}, []).tier == "call_doctor_now"
