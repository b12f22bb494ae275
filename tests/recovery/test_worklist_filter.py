"""The worklist's toolbar: chips with counts, surgeon, day of recovery and a search, kept in the address."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert
from patients.models import CallBack, Procedure
from recovery.care_plan import refresh
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import NUMB, Send
from tests.recovery.desk import WORKLIST, alert_of, another


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def names(nurse: Client, **wish: str) -> list[str]:
    """The first names the list shows."""
    groups = nurse.get(WORKLIST, wish).context["groups"]
    return sorted(row.name.split()[0] for group in groups for row in group.rows)


def counts(nurse: Client) -> dict[str, int]:
    return {chip.key: chip.count for chip in nurse.get(WORKLIST).context["counts"].chips}


@pytest.fixture
def board(people: Cast, send: Send, nurse: Client) -> Client:
    """One who waits, one taken by the nurse, one silent, one promised a call today; Rosa is calm."""
    send({})  # Rosa
    another(people, send, "Waits", NUMB)
    taken = another(people, send, "Taken", NUMB)
    nurse.post(f"/desk/alerts/{alert_of(taken).code}/acknowledge/")
    make_procedure(make_patient(people.clinic, "Silent"), timezone.now() - timedelta(days=5))
    refresh.refresh_due(timezone.now())
    owed = make_patient(people.clinic, "Owed")
    make_procedure(owed)
    now = timezone.now()
    CallBack.objects.create(patient=owed, promised_by=people.physician, promised_at=now, due_at=now)
    return nurse


@pytest.mark.parametrize(
    ("show", "shown"),
    [
        ("mine", ["Taken"]),
        ("open", ["Waits"]),
        ("silent", ["Silent"]),
        ("", ["Owed", "Rosa", "Silent", "Taken", "Waits"]),
    ],
)
def test_a_chip_shows_its_patients_and_counts_them(board: Client, show: str, shown: list[str]) -> None:
    assert names(board, show=show) == shown
    assert counts(board)[show] == len(shown)


def test_due_for_a_call_is_what_falls_due_by_the_end_of_the_day(board: Client) -> None:
    assert "Owed" in names(board, show="due")
    assert "Waits" not in names(board, show="due")
    assert counts(board)["due"] == len(names(board, show="due"))


def test_a_call_of_another_day_is_not_due(people: Cast, nurse: Client) -> None:
    later = timezone.now() + timedelta(days=2)
    CallBack.objects.create(
        patient=people.patient, promised_by=people.nurse, promised_at=timezone.now(), due_at=later
    )
    assert names(nurse, show="due") == []
    assert names(nurse, show="mine") == ["Rosa"]


def test_by_surgeon_and_by_day_of_recovery(people: Cast, nurse: Client) -> None:
    other = make_patient(people.clinic, "Later")
    make_procedure(other, timezone.now() - timedelta(days=20))
    Procedure.objects.filter(patient=other).update(surgeon="Iyer")
    assert names(nurse, surgeon="Iyer") == ["Later"]
    assert nurse.get(WORKLIST).context["counts"].surgeons == ["Iyer"]
    assert names(nurse, day="15-42") == ["Later"]
    assert names(nurse, day="0-2") == ["Rosa"]
    assert names(nurse, day="0-2", surgeon="Iyer") == []


def test_a_search_finds_and_leaves_no_name_in_the_address(people: Cast, nurse: Client) -> None:
    make_procedure(make_patient(people.clinic, "Zelda"))
    answer = nurse.post(WORKLIST, {"q": "zelda", "day": "0-2"})
    assert answer.status_code == 302
    assert "zelda" not in answer.headers["Location"].lower()
    assert "day=0-2" in answer.headers["Location"]
    page = nurse.get(answer.headers["Location"])
    assert [row.name.split()[0] for group in page.context["groups"] for row in group.rows] == ["Zelda"]
    assert 'value="zelda"' in text(page)


def test_a_search_that_is_no_longer_kept_says_so_and_shows_nobody(people: Cast, nurse: Client) -> None:
    page = nurse.get(WORKLIST, {"s": "unknown"})
    assert page.context["groups"] == []
    assert "no longer kept" in text(page)


def test_nobody_who_fits_is_said_with_the_way_back(people: Cast, nurse: Client) -> None:
    page = text(nurse.get(nurse.post(WORKLIST, {"q": "nobody"}).headers["Location"]))
    assert "Nobody in recovery fits “nobody”" in page
    assert "Show everybody" in page


@pytest.mark.parametrize("wish", [{"show": "x" * 300}, {"day": "-1"}, {"surgeon": "s" * 500}, {"show": "\x00"}])
def test_an_address_that_can_not_be_read_shows_everybody(
    people: Cast, nurse: Client, wish: dict[str, str]
) -> None:
    assert names(nurse, **wish) == ["Rosa"]


def test_a_search_of_too_many_letters_says_so(people: Cast, nurse: Client) -> None:
    answer = nurse.post(WORKLIST, {"q": "x" * 81}, follow=True)
    assert "Use at most 80 letters." in text(answer)


def test_no_wish_shows_another_clinics_patients(people: Cast, nurse: Client) -> None:
    make_procedure(people.other_patient)
    found = nurse.post(WORKLIST, {"q": people.other_patient.first_name}).headers["Location"]
    assert nurse.get(found).context["groups"] == []
    assert counts(nurse)[""] == 1


def test_time_left_comes_before_the_wait(people: Cast, send: Send, nurse: Client) -> None:
    soon, late = another(people, send, "Soon", NUMB), another(people, send, "Late", NUMB)
    now = timezone.now()
    Alert.objects.filter(patient=soon).update(next_step_at=now + timedelta(minutes=2))
    Alert.objects.filter(patient=late).update(next_step_at=now + timedelta(minutes=9))
    rows = nurse.get(WORKLIST).context["groups"][0].rows
    assert [row.name.split()[0] for row in rows] == ["Soon", "Late"]
