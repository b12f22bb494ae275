"""The shift sheet: all that is open with why, promise, holder and next, nobody who rests, nobody of elsewhere."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import AccessEvent
from patients.sign_in import limits
from recovery.desk.worklist import worklist_query
from recovery.desk.worklist.worklist_query import open_items, worklist
from recovery.journey import writing
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_procedure
from tests.recovery.conftest import CALM, NUMB, Send
from tests.recovery.desk import action, alert_of, another

SHEET = "/desk/shift-sheet/"
NOTHING = "Nothing is open"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def test_an_open_alert_says_why_and_who_is_told_next_and_a_taken_one_who_has_it(
    people: Cast, send: Send, nurse: Client
) -> None:
    send(NUMB)
    page = text(nurse.get(SHEET))
    assert "Waiting for an answer" in page
    assert "Nobody yet. Waiting" in page
    assert "Nurse on call" in page
    assert "Numb" in page or "numb" in page
    nurse.post(action(alert_of(people.patient), "acknowledge"))
    page = text(signed_in(people.nurse2).get(SHEET))
    assert "<dd>Nora Staff" in page
    assert "Write down the contact by" in page


def test_a_promised_call_back_stands_there_with_its_time_and_who_gave_it(people: Cast, nurse: Client) -> None:
    now = timezone.now()
    writing.write_down(
        staff=people.nurse,
        patient=people.patient,
        kind="contacted",
        note="She asks about the bandage.",
        now=now,
        call_back_by=now + timedelta(hours=1),
    )
    page = text(nurse.get(SHEET))
    assert "Call back by " in page
    assert "promised by Nora Staff" in page


def test_patients_for_whom_nothing_is_open_are_not_on_it(people: Cast, send: Send, nurse: Client) -> None:
    send()
    page = text(nurse.get(SHEET))
    assert NOTHING in page
    assert "Rosa" not in page


def test_it_holds_whoever_is_open_on_the_worklist_and_nobody_else(people: Cast, send: Send) -> None:
    another(people, send, "Ann", NUMB)
    another(people, send, "Ben", CALM)
    another(people, send, "Cleo", {**CALM, "notes": "The bandage itches a little."})
    another(people, send, "Dan")
    now = timezone.now()
    listed, _ = worklist(people.nurse, now)
    expected = {row.patient.first_name for row in listed if row.kind != "rest"}
    assert {row.patient.first_name for row in open_items(people.nurse, now)[0]} == expected
    assert "Ann" in expected
    assert "Ben" not in expected


def test_another_clinics_items_are_not_on_it(people: Cast, send: Send, nurse: Client) -> None:
    send()
    procedure = make_procedure(people.other_patient)
    send(NUMB, patient=people.other_patient, procedure=procedure, entered_by=people.other_patient.user)
    assert NOTHING in text(nurse.get(SHEET))
    assert "Olga" in text(signed_in(people.other_nurse).get(SHEET))


def test_whose_name_is_on_it_is_recorded_and_it_counts_as_an_export(
    people: Cast, send: Send, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "export", "1/m")
    send(NUMB)
    assert [nurse.get(SHEET).status_code for _ in range(2)] == [200, 429]
    looks = AccessEvent.objects.filter(action="opened the shift sheet").values_list("patient", "actor")
    assert list(looks) == [(people.patient.pk, people.nurse.user_id)]


def test_a_sheet_that_is_cut_says_so(
    people: Cast, send: Send, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist_query, "SHEET_PATIENTS", 1)
    send(NUMB)
    assert "left out" not in text(nurse.get(SHEET))
    another(people, send, "Ann", NUMB)
    assert "left out" in text(nurse.get(SHEET))


def test_more_items_take_no_more_statements(people: Cast, send: Send) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as spent:
            open_items(people.nurse, timezone.now())
        return len(spent)

    send(NUMB)
    assert statements() <= 3
    for name in ("Ann", "Ben", "Cleo"):
        another(people, send, name, NUMB)
    assert statements() <= 3


def test_it_is_linked_where_a_shift_ends_and_on_the_worklist(people: Cast, nurse: Client) -> None:
    for address in ("/desk/", "/desk/oncall/hand-over/"):
        assert f'href="{SHEET}"' in text(nurse.get(address))


def test_the_time_on_it_is_the_clinics(people: Cast, nurse: Client) -> None:
    before = timezone.now()
    page = text(nurse.get(SHEET))
    there = ZoneInfo(people.clinic.timezone)
    times = {f"{at.astimezone(there):%-I:%M %p}" for at in (before, timezone.now())}
    assert any(f", {at}</strong>" in page for at in times)
