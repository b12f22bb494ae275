"""A log taken by phone: when it was said, and what was typed so far is never lost, nor taken for the next one."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from recovery.models import DailyLog
from tests.patients.pages import nobody_clicks, signed_in, text
from tests.people import Cast
from tests.recovery.conftest import CALM
from tests.recovery.test_kept_forms import LATER, sign_in

STILL_HERE = "What was answered before is still here."


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def page(people: Cast) -> str:
    return f"/desk/patients/{people.patient.code}/log/"


def local(people: Cast, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(people.clinic.timezone)):%Y-%m-%dT%H:%M}"


def take(nurse: Client, people: Cast, **more: Any) -> Any:
    return nurse.post(page(people), {**CALM, **more})


def test_when_it_was_said_is_on_the_clocks_of_the_clinic(people: Cast, nurse: Client) -> None:
    said = (timezone.now() - timedelta(hours=5)).replace(second=0, microsecond=0)
    take(nurse, people, when=local(people, said))
    row = DailyLog.objects.get()
    assert (row.answered_at, row.clock_suspect, row.late) == (said, False, True)


@pytest.mark.parametrize("when", [{}, {"when": ""}])
def test_left_alone_it_is_now(people: Cast, nurse: Client, when: dict[str, str]) -> None:
    take(nurse, people, **when)
    row = DailyLog.objects.get()
    assert row.answered_at == row.received_at


@pytest.mark.slow
def test_the_minute_the_form_shows_is_now(people: Cast, nurse: Client) -> None:
    take(nurse, people, when=nurse.get(page(people)).context["taken"]["when"].initial.isoformat())
    row = DailyLog.objects.get()
    assert row.received_at - row.answered_at < timedelta(minutes=1, seconds=5)


@pytest.mark.parametrize("days", [-1, 31, 800, 365 * 1800])
def test_a_time_that_cannot_be_is_asked_again_with_everything_kept(people: Cast, nurse: Client, days: int) -> None:
    when = "0206-12-05T10:00" if days > 10000 else local(people, timezone.now() - timedelta(days=days))
    answer = take(nurse, people, when=when, notes="my leg aches")
    assert answer.status_code == 422
    assert "my leg aches" in text(answer)
    assert answer.context["taken"].errors["when"]
    assert not DailyLog.objects.exists()


def test_what_is_urgent_never_waits_for_a_date(people: Cast, nurse: Client) -> None:
    answer = take(nurse, people, when="yesterday", em_gate="some", em_breath="severe")
    part = DailyLog.objects.get()
    assert (answer.status_code, part.partial, part.answered_at) == (422, True, part.received_at)


def test_an_hour_the_clocks_skip_or_double_follows_the_one_rule(people: Cast, nurse: Client) -> None:
    """As everywhere (DF-37): a missing time moves on by the gap, a doubled one is the first."""
    from_form = nurse.get(page(people)).context["taken"].fields["when"]
    assert from_form.clean("2027-03-14T02:30") == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)
    assert from_form.clean("2026-11-01T01:30") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


# --- What was typed so far ---


def keep(client: Client, people: Cast, **typed: Any) -> Any:
    return client.post(f"{page(people)}?so_far", typed, headers={"X-Background": "1"})


def test_a_reload_shows_what_was_answered_so_far(people: Cast, nurse: Client) -> None:
    when = local(people, timezone.now() - timedelta(hours=2))
    assert keep(nurse, people, em_gate="none", notes="walks to the", when=when).status_code == 204
    answer = nurse.get(page(people))
    assert STILL_HERE in text(answer)
    assert "walks to the" in text(answer)
    assert f'value="{when}"' in text(answer)
    assert not DailyLog.objects.exists()


def test_she_can_start_over(people: Cast, nurse: Client) -> None:
    keep(nurse, people, notes="walks to the")
    assert f'href="{page(people)}?anew"' in text(nurse.get(page(people)))
    keep(nurse, people, notes="walks to the")
    assert "walks to the" not in text(nurse.get(f"{page(people)}?anew", follow=True))


def test_it_is_hers_alone_and_of_this_patient_alone(people: Cast, nurse: Client) -> None:
    keep(nurse, people, notes="walks to the")
    assert STILL_HERE not in text(signed_in(people.physician).get(page(people)))


def test_once_it_is_sent_the_next_log_begins_empty(people: Cast, nurse: Client) -> None:
    client_id = str(nurse.get(page(people)).context["form"]["client_id"].value())
    keep(nurse, people, client_id=client_id, notes="walks to the")
    take(nurse, people, client_id=client_id)
    assert STILL_HERE not in text(nurse.get(page(people)))
    # a word that was still under way when it was sent
    keep(nurse, people, client_id=client_id, notes="walks to the")
    assert STILL_HERE not in text(nurse.get(page(people)))


@pytest.mark.parametrize("press", [{}, {"partial": "1"}])
def test_whoever_was_signed_out_over_it_finds_it_again(people: Cast, nurse: Client, press: dict[str, str]) -> None:
    nurse.get("/desk/")
    nobody_clicks(nurse, LATER)
    take(nurse, people, notes="walks to the", **press)
    assert "walks to the" in text(sign_in(nurse, people.nurse, page(people)))
    assert not DailyLog.objects.exists()


def test_a_page_that_was_left_open_keeps_what_it_had_when_it_is_signed_out_by_itself(
    people: Cast, nurse: Client
) -> None:
    nurse.get("/desk/")
    keep(nurse, people, notes="walks to the")
    nobody_clicks(nurse, LATER)
    assert nurse.get("/desk/", headers={"X-Background": "1"}).status_code == 401
    assert "walks to the" in text(sign_in(nurse, people.nurse, page(people)))


# ---- What the page's script stores the moment it is tapped

CHEST = {"em_gate": "some", "em_chest_pain": "yes"}


def test_an_emergency_is_stored_while_the_questions_go_on_and_the_whole_log_takes_its_place(
    people: Cast, nurse: Client
) -> None:
    page_id = str(uuid.uuid4())
    first = nurse.post(f"{page(people)}?urgent", {**CHEST, "client_id": page_id}).json()["stored"]
    again = nurse.post(f"{page(people)}?urgent", {**CHEST, "client_id": page_id, "supersedes": first})
    part = DailyLog.objects.get()
    assert again.json()["stored"] == first == str(part.client_id)
    assert (part.partial, part.answers["door"], part.assessment.tier) == (True, "nurse", "call_911")
    assert Alert.objects.get().tier == "call_911"
    assert take(nurse, people, **CHEST, client_id=page_id, supersedes=first).status_code == 302
    whole = DailyLog.objects.exclude(pk=part.pk).get()
    assert (whole.partial, whole.supersedes) == (False, part)


@pytest.mark.parametrize("answers", [{}, CALM, {"em_gate": "none", "temp_value": "hot"}])
def test_what_is_not_urgent_is_stored_by_nothing_but_send(
    people: Cast, nurse: Client, answers: dict[str, Any]
) -> None:
    answer = nurse.post(f"{page(people)}?urgent", answers)
    assert (answer.status_code, answer.json()) == (200, {"stored": ""})
    assert not DailyLog.objects.exists()


def test_the_page_carries_what_the_rules_ask_of_this_patient_and_the_panel_without_a_script(
    people: Cast, nurse: Client
) -> None:
    found = nurse.get(page(people))
    known = json.loads(re.findall(r'<script id="patient-facts"[^>]*>(.*?)</script>', text(found))[0])
    assert known["procedure_end_at"] == people.procedure.ended_at.isoformat()
    assert set(known) == {"version", "procedure_end_at", "patient", "history", "config"}
    assert "Tell the patient: call 911 now" in text(found)
    assert "patient-facts" in text(take(nurse, people, temp_value="hot"))
