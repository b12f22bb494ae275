"""The access log: what a search finds, that nobody of another clinic is in it, and that reading it is recorded."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import AccessEvent, Staff, TrailEvent, User
from patients.sign_in import limits
from recovery.desk.records import access_log_query
from recovery.desk.records.access_log_query import page_of_looks
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_patient

PAGE, CSV = "/desk/access/", "/desk/access/access-log.csv"


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def manager(people: Cast) -> Client:
    return signed_in(people.manager)


def look(
    patient: Any, by: User, action: str = "chart", at: datetime | None = None, subject: str = ""
) -> AccessEvent:
    known = {"patient": patient, "actor": by, "action": action, "subject": subject}
    return AccessEvent.objects.create(at=at or timezone.now(), **known)


def found(staff: Staff, **asked: Any) -> list[str]:
    return [row.event.action for row in page_of_looks(staff, asked, None)[0]]


def test_it_is_found_by_patient_and_by_person_and_all_must_fit(people: Cast) -> None:
    ann = make_patient(people.clinic, "Ann", last_name="Abel")
    look(people.patient, people.nurse.user, "one")
    look(people.patient, people.nurse2.user, "two")
    look(ann, people.nurse.user, "three")
    assert found(people.manager) == ["three", "two", "one"]
    assert found(people.manager, patient="rosa") == ["two", "one"]
    assert found(people.manager, patient=ann.mrn) == ["three"]
    assert found(people.manager, person="NORA") == ["three", "one"]
    assert found(people.manager, person=people.nurse.user.email) == ["three", "one"]
    assert found(people.manager, patient="rosa", person="nora staff") == ["one"]


def test_days_are_those_of_the_clinics_clocks_and_the_last_is_included(people: Cast) -> None:
    midnight = datetime(2026, 3, 6, tzinfo=ZoneInfo(people.clinic.timezone))
    look(people.patient, people.nurse.user, "before", midnight - timedelta(seconds=1))
    look(people.patient, people.nurse.user, "after", midnight)
    fifth, sixth = (midnight - timedelta(days=1)).date(), midnight.date()
    assert found(people.manager, until=fifth) == ["before"]
    assert found(people.manager, since=sixth) == ["after"]
    assert found(people.manager, since=fifth, until=sixth) == ["after", "before"]


def test_another_clinics_looks_are_neither_on_the_page_nor_in_the_file(people: Cast, manager: Client) -> None:
    look(people.patient, people.nurse.user, "ours")
    look(people.other_patient, people.other_nurse.user, "theirs")
    for address in (PAGE, CSV):
        shown = text(manager.get(address))
        assert "ours" in shown
        assert "theirs" not in shown
        assert "Olga" not in shown
    assert found(people.manager, patient="Olga") == []


def test_each_row_says_what_the_person_is(people: Cast) -> None:
    assert people.patient.user
    for user in (people.nurse.user, people.patient.user, people.helper.user):
        look(people.patient, user)
    roles = [row.role for row in page_of_looks(people.manager, {}, None)[0]]
    assert roles == ["helper or former colleague", "patient", "nurse"]


def test_a_search_stands_in_no_address_and_in_no_trail_but_its_fields_do(people: Cast, manager: Client) -> None:
    look(people.patient, people.nurse.user, "opened")
    answer = manager.post(PAGE, {"patient": "Rosa", "person": "Nora"})
    assert answer.status_code == 302
    assert "Rosa" not in answer["Location"]
    assert "Nora" not in answer["Location"]
    page = text(manager.get(answer["Location"]))
    assert "opened" in page
    assert 'value="Rosa"' in page
    manager.get(CSV + "?" + answer["Location"].split("?")[1])
    kinds = dict(TrailEvent.objects.values_list("what", "detail"))
    assert kinds["log_read"] == kinds["export"] == "access log, by patient, person"


def test_the_file_holds_what_the_search_found_and_runs_no_formula(people: Cast, manager: Client) -> None:
    ann = make_patient(people.clinic, "=Ann", last_name="Abel")
    look(ann, people.nurse.user, "opened", subject="record")
    look(people.patient, people.nurse.user)
    address = manager.post(PAGE, {"patient": "Abel"})["Location"]
    answer = manager.get(address.replace(PAGE, CSV))
    assert "access-log-" in answer["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["person"], row["role now"], row["what"], row["of what"]) == (
        "Nora Staff",
        "nurse",
        "opened",
        "record",
    )
    assert row["patient"] == "'=Ann Abel"
    assert datetime.fromisoformat(row["time"]).utcoffset() is not None


def test_a_file_that_is_cut_says_so(people: Cast, manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log_query, "FILE_ROWS", 2)
    for n in range(3):
        look(people.patient, people.nurse.user, f"look {n}")
    lines = manager.get(CSV).content.decode().splitlines()
    assert len(lines) == 4
    assert "Only the newest" in lines[-1]


def test_pages_follow_each_other_without_a_gap(people: Cast, manager: Client) -> None:
    for n in range(120):
        look(people.patient, people.nurse.user, f"look {n}")
    seen, before = [], None
    for _ in range(3):
        rows, before = page_of_looks(people.manager, {}, before)
        seen += [row.event.action for row in rows]
    assert seen == [f"look {n}" for n in reversed(range(120))]
    assert before is None
    assert "before=" in text(manager.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"patient": "x" * 81}, "Use at most 80 letters."),
        ({"since": "yesterday"}, "Enter a day as year, month and day"),
        ({"since": "2026-03-05", "until": "2026-03-04"}, "before the first one"),
        ({"since": "0001-01-01"}, "year"),
        ({"until": "9999-12-31"}, "year"),
    ],
)
def test_a_mistake_is_said_what_was_typed_stays_and_nothing_is_shown(
    people: Cast, manager: Client, typed: dict[str, str], said: str
) -> None:
    look(people.patient, people.nurse.user, "opened")
    answer = manager.post(PAGE, {"person": "Nora", **typed})
    page = text(answer)
    assert answer.status_code == 422
    assert said in page
    assert 'value="Nora"' in page
    assert "opened" not in page


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?before=99999999999999999999", "?s=" + "y" * 50])
def test_a_wrong_address_shows_the_newest(people: Cast, manager: Client, query: str) -> None:
    look(people.patient, people.nurse.user, "opened")
    assert "opened" in text(manager.get(PAGE + query))


def test_a_search_that_is_gone_is_said_and_exports_nothing(people: Cast, manager: Client) -> None:
    look(people.patient, people.nurse.user, "opened")
    page = text(manager.get(f"{PAGE}?s=gone"))
    assert "no longer kept" in page
    assert "opened" not in page
    assert manager.get(f"{CSV}?s=gone")["Location"] == f"{PAGE}?s=gone"


def test_the_words_of_another_pages_search_do_no_harm(people: Cast, manager: Client) -> None:
    address = manager.post("/desk/patients/", {"q": "[1]"})["Location"]
    assert manager.get(address.replace("/desk/patients/", PAGE)).status_code == 200


def test_reading_and_exporting_have_their_limits(
    people: Cast, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(limits.LIMITS, "search", "1/m")
    monkeypatch.setitem(limits.LIMITS, "export", "1/m")
    assert [manager.get(PAGE).status_code for _ in range(2)] == [200, 429]
    assert [manager.get(CSV).status_code for _ in range(2)] == [200, 429]


def test_a_page_takes_as_many_statements_with_one_row_as_with_fifty(people: Cast, manager: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as spent:
            manager.get(PAGE)
        return len(spent)

    look(people.patient, people.nurse.user)
    statements()
    one = statements()
    for n in range(50):
        look(make_patient(people.clinic, f"P{n}"), people.nurse2.user)
    assert statements() == one
