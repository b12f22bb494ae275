"""The worklist: who needs a person most, then who has waited longest; live, and flat however long it is."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Alert, ProcessBeat
from patients.models import Patient
from recovery.care_plan import refresh
from recovery.desk.worklist import broken_promises
from tests.database import FOR_WHOM
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import ROWS, WORKLIST, alert_of, another, clock_back, in_order


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    broken_promises._kept.asked_at = float("-inf")


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def test_emergencies_come_first_then_doctor_now_then_watch_then_the_rest(
    people: Cast, send: Send, nurse: Client
) -> None:
    another(people, send, "Rest", {})
    another(people, send, "Watch", {"site_redness": "small_not_spreading", "site_gate": "some"})
    another(people, send, "Doctor", NUMB)
    another(people, send, "Emergency", BREATHLESS)
    assert in_order(nurse, "Emergency", "Doctor", "Watch", "Rest")


def test_among_equals_the_longest_wait_comes_first(people: Cast, send: Send, nurse: Client) -> None:
    short, long = another(people, send, "Short", NUMB), another(people, send, "Long", NUMB)
    clock_back(alert_of(short), 5)
    clock_back(alert_of(long), 50)
    assert in_order(nurse, "Long", "Short")


def test_a_taken_alert_steps_behind_those_nobody_has_taken(people: Cast, send: Send, nurse: Client) -> None:
    taken, open_ = another(people, send, "Taken", BREATHLESS), another(people, send, "Open", NUMB)
    nurse.post(f"/desk/alerts/{alert_of(taken).code}/acknowledge/")
    assert in_order(nurse, "Open", "Taken")
    assert alert_of(open_).state == "open"


def test_a_row_says_tier_signs_day_and_who_is_told_next(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    page = text(nurse.get(WORKLIST))
    for words in (
        "Call doctor now",
        "Numb or tingling: legs or feet; new since the procedure.",
        "day 2",
        people.patient.mrn or "",
        "now</span> to nurse on call",
    ):
        assert words in page


def test_the_countdown_names_the_next_person_by_server_time(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    alert = alert_of(people.patient)
    alert.step, alert.next_step_at = 1, timezone.now() + timedelta(minutes=10)
    alert.save()
    page = " ".join(text(nurse.get(WORKLIST)).split())
    assert re.search(r"\d:\d\d [AP]M</span> to all nurses", page)
    assert f'data-until="{int(alert.next_step_at.timestamp())}"' in page
    assert 'data-now="' in page


def test_an_alert_that_is_open_again_says_since_when_somebody_is_asked(
    people: Cast, send: Send, nurse: Client
) -> None:
    """Its clock starts anew, the patient's waiting does not."""
    send(NUMB)
    opened = timezone.now() - timedelta(minutes=40)
    Alert.objects.update(opened_at=opened)
    nurse.post(f"/desk/alerts/{alert_of(people.patient).code}/acknowledge/")
    assert "first opened" not in text(nurse.get(WORKLIST))
    send(BREATHLESS)
    local = opened.astimezone(ZoneInfo(people.clinic.timezone))
    page = text(nurse.get(WORKLIST))
    assert "Waiting 0 min" in page
    assert "first opened " in page
    assert f"{local:%-I:%M %p}" in page


def test_silence_is_a_row_of_its_own_with_how_long(people: Cast, send: Send, nurse: Client) -> None:
    make_procedure(make_patient(people.clinic, "Silent"), timezone.now() - timedelta(days=5))
    refresh.refresh_due(timezone.now())
    page = text(nurse.get(WORKLIST))
    assert "No log for too long" in page
    assert "No log for 5 days" in page


def test_only_an_open_alert_can_be_taken(people: Cast, send: Send, nurse: Client) -> None:
    assert "/acknowledge/" not in text(nurse.get(WORKLIST))
    send(NUMB)
    assert "/acknowledge/" in text(nurse.get(WORKLIST))
    nurse.post(f"/desk/alerts/{alert_of(people.patient).code}/acknowledge/")
    page = text(nurse.get(WORKLIST))
    assert "/acknowledge/" not in page
    assert "Yours" in page
    assert re.search(r"taken \d+:\d\d [AP]M", page)


def test_another_clinic_s_patients_are_not_there(people: Cast, send: Send, nurse: Client) -> None:
    make_procedure(people.other_patient)
    assert "Olga" not in text(nurse.get(WORKLIST))


@pytest.mark.slow
def test_fifty_a_page_and_everybody_once(people: Cast, nurse: Client) -> None:
    for n in range(120):
        make_procedure(make_patient(people.clinic, f"P{n}", messages=False))
    seen, after = [], ""
    while True:
        answer = nurse.get(WORKLIST, {"after": after})
        rows = [row.code for group in answer.context["groups"] for row in group.rows]
        seen += rows
        if not (after := answer.context["more"]):
            break
        assert len(rows) == 50
    assert len(seen) == len(set(seen)) == 121


@pytest.mark.parametrize("after", ["x", "1.2", "1.2.3.4", "1.9" + "9" * 40 + ".3", "-1.-1.x"])
def test_a_page_that_can_not_be_is_not_found(people: Cast, nurse: Client, after: str) -> None:
    assert nurse.get(WORKLIST, {"after": after}).status_code == 404


@pytest.mark.parametrize("patients", [5, 60])
@pytest.mark.usefixtures("nothing_runs_out")
def test_five_statements_however_many_patients(people: Cast, send: Send, nurse: Client, patients: int) -> None:
    for n in range(patients):
        another(people, send, f"P{n}", NUMB if n % 5 == 0 else None)
    nurse.get(WORKLIST)
    with CaptureQueriesContext(connection) as made:
        assert nurse.get(WORKLIST).status_code == 200
    assert len([query for query in made.captured_queries if "SAVEPOINT" not in query["sql"]]) <= 3 + 5 + FOR_WHOM
    counting = [query for query in made.captured_queries if "COUNT(" in query["sql"] or "OFFSET" in query["sql"]]
    assert len(counting) == 1  # all chips at once


def test_the_rows_alone_come_for_the_page_s_own_question(people: Cast, send: Send, nurse: Client) -> None:
    send(NUMB)
    answer = nurse.get(ROWS, headers={"X-Background": "1"})
    assert answer.headers["X-Rows"] == "1"
    assert "<html" not in text(answer)
    assert "Rosa Recovers" in text(answer)


def test_it_works_without_a_script(people: Cast, nurse: Client) -> None:
    page = text(nurse.get(WORKLIST))
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    assert "Reloads every 30 seconds" in page


def test_a_broken_promise_turns_the_top_red(people: Cast, nurse: Client) -> None:
    ProcessBeat.objects.create(
        name="watchdog", beat_at=timezone.now(), detail={"broken": ["alerts are overdue: 2"]}
    )
    assert "Alerts are overdue: 2" in text(nurse.get(WORKLIST))


def test_a_silent_watchdog_says_so(people: Cast, nurse: Client) -> None:
    late = timezone.now() - timedelta(minutes=3)
    ProcessBeat.objects.create(name="watchdog", beat_at=late, detail={"broken": []})
    assert "The watchdog is silent" in text(nurse.get(WORKLIST))


def test_an_empty_clinic_is_told_what_to_do(people: Cast) -> None:
    assert "Enroll a patient" in text(signed_in(people.other_nurse).get(WORKLIST))


def test_a_closed_recovery_leaves_the_list(people: Cast, nurse: Client) -> None:
    people.procedure.closed_at = timezone.now()
    people.procedure.save()
    assert "Rosa" not in text(nurse.get(WORKLIST))


def test_names_are_shown_as_they_are_and_never_run(people: Cast, nurse: Client) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(last_name="<script>alert(1)</script>")
    assert "<script>alert" not in text(nurse.get(WORKLIST))
