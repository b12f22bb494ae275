"""Send: the words are stored, or the page comes back with everything on it."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from alerts.models import Alert
from recovery.models import DailyLog
from tests.patients.pages import text
from tests.people import Cast, make_helper, make_patient, make_procedure, make_user
from tests.recovery.conftest import BREATHLESS, CALM, NUMB
from tests.recovery.phone import user_of


@pytest.fixture
def phone(people: Cast, client: Client) -> Client:
    client.force_login(user_of(people.patient))
    return client


def test_it_stores_a_log_and_goes_on_to_the_advice(phone: Client, people: Cast) -> None:
    answer = phone.post("/log/", CALM)
    log = DailyLog.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/log/{log.code}/advice/")
    assert (log.told, log.patient, log.entered_by, log.partial) == (
        CALM,
        people.patient,
        people.patient.user,
        False,
    )


@pytest.mark.slow
def test_it_stores_the_same_log_once(phone: Client) -> None:
    data = {**CALM, "client_id": str(uuid.uuid4())}
    first, again = phone.post("/log/", data), phone.post("/log/", data)
    assert first["Location"] == again["Location"]
    assert DailyLog.objects.count() == 1


def test_other_answers_under_the_same_id_are_kept_beside_the_first(phone: Client) -> None:
    client_id = str(uuid.uuid4())
    phone.post("/log/", {**CALM, "client_id": client_id})
    phone.post("/log/", {**CALM, **NUMB, "client_id": client_id})
    first, second = DailyLog.objects.order_by("id")
    assert second.supersedes == first


@pytest.mark.parametrize("client_id", ["", "abc", "0" * 200])
def test_a_log_without_a_good_id_is_stored_all_the_same(phone: Client, client_id: str) -> None:
    assert phone.post("/log/", {**CALM, "client_id": client_id}).status_code in (302, 422)
    assert phone.post("/log/", CALM).status_code == 302


def test_what_is_missing_comes_back_named_and_everything_typed_is_kept(phone: Client) -> None:
    answer = phone.post("/log/", {**CALM, "back_change": "", "notes": "my <b>note</b>"})
    page = text(answer)
    assert answer.status_code == 422
    assert "<title>Error: How are you today?" in page
    assert '<a href="#div_id_back_change">Please answer: How is your back pain since your last log?</a>' in page
    assert "my &lt;b&gt;note&lt;/b&gt;" in page
    assert re.search(r'name="pain_move" value="2"[^>]* checked', page)
    assert not DailyLog.objects.exists()


def test_a_very_long_text_never_costs_the_urgent_answer_beside_it(phone: Client) -> None:
    phone.post("/log/", {**CALM, **BREATHLESS, "notes": "we had soup " * 25_000})
    assert Alert.objects.get().tier == "call_911"


def test_an_urgent_log_that_has_to_come_back_is_kept_and_then_superseded(phone: Client) -> None:
    answer = phone.post("/log/", {**NUMB, "client_id": str(uuid.uuid4())})
    kept = DailyLog.objects.get()
    assert (answer.status_code, kept.partial, kept.told) == (422, True, NUMB)
    assert Alert.objects.get().tier == "call_doctor_now"
    assert f'name="supersedes" value="{kept.client_id}"' in text(answer)
    phone.post("/log/", {**CALM, **NUMB, "supersedes": str(kept.client_id)})
    assert DailyLog.objects.get(partial=False).supersedes == kept


def test_a_calm_log_that_has_to_come_back_is_not_stored(phone: Client) -> None:
    phone.post("/log/", {"em_gate": "none", "temp_value": "warm"})
    assert not DailyLog.objects.exists()


def test_an_emergency_is_sent_as_it_stands(phone: Client) -> None:
    answer = phone.post("/log/", {"em_chest_pain": "yes", "partial": "1"})
    log = DailyLog.objects.get()
    assert (answer.status_code, log.partial, log.told) == (
        302,
        True,
        {"em_gate": "some", "em_chest_pain": "yes"},
    )
    assert Alert.objects.get().tier == "call_911"


def test_somebody_elses_log_is_never_superseded(phone: Client, people: Cast) -> None:
    theirs = make_procedure(people.other_patient)
    other = Client()
    other.force_login(user_of(people.other_patient))
    other.post("/log/", {**CALM, "client_id": str(uuid.uuid4())})
    foreign = DailyLog.objects.get(procedure=theirs)
    phone.post("/log/", {**CALM, "supersedes": str(foreign.client_id)})
    assert DailyLog.objects.exclude(pk=foreign.pk).get().supersedes is None


def test_a_helper_logs_in_their_own_name(client: Client, people: Cast) -> None:
    client.force_login(people.helper.user)
    assert b"For <strong>Rosa Recovers" in client.get("/log/").content
    client.post("/log/", {**CALM, **BREATHLESS})
    log = DailyLog.objects.get()
    assert (log.entered_by, log.answers["logged_by"]) == (people.helper.user, "caregiver")


def test_a_helper_who_may_not_log_reads_why(client: Client, people: Cast) -> None:
    people.helper.may_log = False
    people.helper.save()
    client.force_login(people.helper.user)
    assert client.post("/log/", CALM).status_code == 403
    assert not DailyLog.objects.exists()


def test_a_log_begun_for_another_person_comes_back_first(client: Client, people: Cast) -> None:
    second = make_patient(people.clinic, first_name="Walter")
    make_procedure(second)
    people.helper.pk, helper = None, people.helper
    helper.patient = second
    helper.save()
    client.force_login(helper.user)
    client.post(f"/act-for/{second.code}/")
    answer = client.post("/log/", {**CALM, "about": str(people.patient.code)})
    assert answer.status_code == 422
    assert b"begun for another person" in answer.content
    assert not DailyLog.objects.exists()


def test_a_helper_chooses_whom_the_pages_are_about(client: Client, people: Cast) -> None:
    second = make_patient(people.clinic, first_name="Walter")
    make_procedure(second)
    client.force_login(people.helper.user)
    assert client.post(f"/act-for/{second.code}/").status_code == 404
    assert client.get(f"/act-for/{people.patient.code}/").status_code == 405
    assert client.post(f"/act-for/{people.patient.code}/").status_code == 302
    assert make_helper(second).user != people.helper.user


def test_a_closed_recovery_takes_no_log_and_says_whom_to_call(phone: Client, people: Cast) -> None:
    people.procedure.closed_at = people.procedure.ended_at.replace(year=people.procedure.ended_at.year + 1)
    people.procedure.save()
    for path in ("/log/", "/today/", "/plan/", "/history/"):
        assert b"call your clinic" in phone.get(path).content
    assert b"No recovery is being watched" in phone.post("/log/", CALM).content
    assert not DailyLog.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"em_gate": ["none", "some"], "pain_meds": ["none", "none", "opioid", "x"]},
        {"pain_move": "\x00", "notes": "a\x00b", "client_id": "\x00"},
        {"notes": "\U0001f9e8" * 600, "temp_value": "9" * 24, "temp_seen": "x" * 30},
        {"temp_value": "-0", "apap_total_mg": "99999999999999999999", "ice_sessions": "1e1"},
        {"partial": "maybe", "supersedes": "x", "about": "y"},
    ],
)
def test_odd_input_is_answered_never_crashed_on(phone: Client, data: dict[str, Any]) -> None:
    assert phone.post("/log/", data).status_code in (302, 422)


def test_strangers_find_no_log(client: Client, people: Cast) -> None:
    assert client.get("/log/")["Location"].startswith("/accounts/login/")
    client.force_login(make_user())
    assert client.get("/log/").status_code == 404
    assert client.post("/log/", CALM).status_code == 404
