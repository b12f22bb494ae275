"""What if, for managers and physicians: the own clinic's logs, names written down as looked at, nothing stored."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from patients.models import AccessEvent
from recovery.desk.rule_book import replay_page
from recovery.models import Assessment
from tests.database import FOR_WHOM
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import Send

PAGE = "/desk/rules/replay/"
NEARLY = {"fever_feel": "yes", "temp_value": 100.2, "temp_unit": "F"}

# One statement, for both windows of the limit on exports.
A_LIMIT = 1


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def manager(people: Cast) -> Client:
    return signed_in(people.manager)


def asked(days: int = 2, zone: str = "America/Chicago", **numbers: Any) -> dict[str, Any]:
    today = timezone.now().astimezone(ZoneInfo(zone)).date()  # the clinic's
    return {"first": str(today - timedelta(days=days)), "last": str(today), **numbers}


def page_of(client: Client, query: dict[str, Any]) -> str:
    return text(client.get(PAGE, query))


def looks(people: Cast) -> int:
    return AccessEvent.objects.filter(patient=people.patient, action="tried other settings").count()


def test_nurses_and_other_clinics_do_not_get_it(people: Cast) -> None:
    assert signed_in(people.nurse).get(PAGE).status_code == 404
    assert signed_in(people.physician).get(PAGE).status_code == 200


def test_the_form_alone_looks_at_nobody(manager: Client, people: Cast, send: Send) -> None:
    send(NEARLY)
    assert "What if" in page_of(manager, {})
    assert looks(people) == 0


def test_who_would_be_judged_differently_is_named_and_written_down_once(
    manager: Client, people: Cast, send: Send
) -> None:
    send(NEARLY)
    send(NEARLY)
    page = page_of(manager, asked(fever_threshold_f="100"))
    assert "2 of 2 logs would be judged differently" in page
    assert f'href="/desk/patients/{people.patient.code}/"' in page
    assert "RDN-14" in page
    assert looks(people) == 1
    assert Assessment.objects.filter(tier="call_doctor_now").count() == 0


def test_another_clinics_manager_sees_none_of_it(people: Cast, send: Send) -> None:
    send(NEARLY)
    people.other_nurse.role = "manager"
    people.other_nurse.save()
    wanted = asked(zone=people.other_clinic.timezone, fever_threshold_f="100")
    page = page_of(signed_in(people.other_nurse), wanted)
    assert "No log arrived in this period" in page
    assert people.patient.name not in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({}, "Change at least one of them"),
        ({"fever_threshold_f": "120"}, "Fever line, in °F: it must be from 99.0 to 101.0."),
        ({"fever_threshold_f": "nan"}, "Type a number, or leave it empty."),
        ({"fever_threshold_f": "abc"}, "Type a number, or leave it empty."),
        ({"first": "2020-01-01", "pain_mcid": "2"}, "Choose at most 92 days"),
        ({"last": "2999-01-01", "pain_mcid": "2"}, "Choose today or an earlier day."),
        ({"last": "2001-01-01", "pain_mcid": "2"}, "not before the first one"),
        ({"first": "yesterday", "pain_mcid": "2"}, "Enter a valid date."),
    ],
)
def test_wrong_input_is_explained_and_kept(manager: Client, query: dict[str, str], words: str) -> None:
    answer = manager.get(PAGE, asked() | query)
    assert answer.status_code == 422
    page = text(answer)
    assert words in page
    for value in query.values():
        assert f'value="{value}"' in page


def test_a_long_period_is_cut_and_the_command_for_the_rest_is_shown(
    manager: Client, people: Cast, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_page, "MOST_LOGS", 1)
    send(NEARLY)
    send(NEARLY)
    page = page_of(manager, asked(fever_threshold_f="100"))
    assert "Only the newest 1 logs of this period were judged" in page
    assert f"replay_rules --clinic {people.clinic.code} --from" in page


@pytest.mark.usefixtures("nothing_runs_out")
def test_the_statements_do_not_grow_with_the_logs(manager: Client, send: Send) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            page_of(manager, asked(fever_threshold_f="100"))
        return len(caught)

    send(NEARLY)
    statements()  # the first one loads what the process keeps
    few = statements()
    for _ in range(5):
        send(NEARLY)
    assert statements() == few <= 14 + FOR_WHOM + A_LIMIT


def test_a_near_faint_watched_instead_can_be_tried(manager: Client, send: Send) -> None:
    send({"em_gate": "some", "em_passed_out": "almost"})
    blank = page_of(manager, {})
    assert 'name="near_faint_tier"' in blank
    report = manager.get(PAGE, asked(near_faint_tier="watch")).context["report"]
    assert [(one.before, one.after) for one in report.differences] == [("call_doctor_now", "watch")]
    assert manager.get(PAGE, asked(near_faint_tier="call_911")).status_code == 422
    assert manager.get(PAGE, asked(near_faint_tier="")).status_code == 422
