"""What patients wrote and nobody has read stands above the worklist (H3). It pages nobody."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.models import Delivery
from patients.models import AccessEvent
from recovery.desk.worklist import unread_words
from recovery.selectors.notes import unread_notes
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_procedure
from tests.recovery.conftest import Send
from tests.recovery.desk import WORKLIST, another, chart

ODD = {"notes": "My tongue tastes of metal."}
LINE = "Notes nobody has read"


@pytest.fixture(autouse=True)
def one_factor(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STAFF_SECOND_FACTOR = False
    monkeypatch.setattr(unread_words, "KEPT_SECONDS", -1.0)


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def line(nurse: Client) -> str:
    page = text(nurse.get(WORKLIST))
    return page[page.index('id="rows"') : page.index('class="work-group"')]


def test_a_note_that_no_rule_understands_waits_for_a_reader_and_pages_nobody(
    people: Cast, send: Send, nurse: Client
) -> None:
    assert LINE not in line(nurse)
    judged = send(ODD).assessment
    assert judged
    assert judged.tier == "on_track"
    assert LINE in line(nurse)
    assert "Rosa Recovers</a> (0 min)" in line(nurse)
    assert "tongue" not in line(nurse)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(("hours", "late"), [(3.9, False), (4.1, True)])
def test_after_four_hours_it_is_a_warning(send: Send, nurse: Client, hours: float, late: bool) -> None:
    send(ODD, now=timezone.now() - timedelta(hours=hours))
    assert ("waits-long" in line(nurse)) == late
    assert ("for a reader" in line(nurse)) == late


@pytest.mark.slow
def test_opening_the_chart_is_reading_it_for_everybody(people: Cast, send: Send, nurse: Client) -> None:
    send({"question_for_team": "May I swim?"})
    assert LINE in line(nurse)
    signed_in(people.physician).get(chart(people.patient))
    assert LINE not in line(nurse)
    send(ODD)
    assert LINE in line(nurse), "what was written after the look is new"


@pytest.mark.parametrize("notes", [None, "", "  \n "])
def test_an_empty_note_is_none(send: Send, nurse: Client, notes: str | None) -> None:
    send({"notes": notes})
    assert LINE not in line(nurse)


def test_only_the_patients_own_and_other_acts_read_nothing(people: Cast, send: Send, nurse: Client) -> None:
    make_procedure(people.other_patient)
    send(ODD, patient=people.other_patient, procedure=people.other_patient.procedures.get())
    assert LINE not in line(nurse)
    send(ODD)
    AccessEvent.objects.create(
        at=timezone.now(), actor=people.nurse.user, patient=people.patient, action="took the alert"
    )
    assert LINE in line(nurse)


@pytest.mark.usefixtures("nothing_runs_out")
def test_the_oldest_comes_first_and_each_patient_once_in_one_statement(people: Cast, send: Send) -> None:
    now = timezone.now()
    send(ODD, now=now - timedelta(hours=1))
    another(people, send, "Zora", None)
    walter = another(people, send, "Walter", None)
    for hours in (6, 5):
        send(ODD, patient=walter, procedure=walter.procedures.get(), now=now - timedelta(hours=hours))
    with CaptureQueriesContext(connection) as made:
        found = unread_notes(people.nurse, now)
    assert [note.patient.first_name for note in found] == ["Walter", "Rosa"]
    assert len(made) == 1


@pytest.mark.slow
def test_one_who_writes_much_hides_nobody(people: Cast, send: Send) -> None:
    now = timezone.now()
    for hours in range(31, 0, -1):
        send(ODD, now=now - timedelta(hours=hours))
    other = another(people, send, "Walter", ODD)
    assert [note.patient for note in unread_notes(people.nurse, timezone.now())] == [people.patient, other]


def test_a_look_from_a_machine_whose_clock_is_ahead_reads_nothing_that_comes_later(
    people: Cast, send: Send, nurse: Client
) -> None:
    physician = signed_in(people.physician)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert physician.get(chart(people.patient)).status_code == 200
    send(ODD)
    assert LINE in line(nurse)
