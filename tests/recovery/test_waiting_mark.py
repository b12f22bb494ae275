"""The number of alerts that wait, with the colour of the most urgent, stands on every page of the desk."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from alerts.screens.waiting import waiting_of
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import alert_of, another, chart

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
MARK = re.compile(r'class="waiting-mark ?(\w*)"[^>]*>(?:.*?)<span>([^<]+)</span>', re.DOTALL)


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def nurse(people: Cast) -> Client:
    return signed_in(people.nurse)


def mark(nurse: Client, path: str) -> tuple[str, str]:
    found = MARK.search(text(nurse.get(path)))
    assert found, path
    return found.group(1), found.group(2)


@pytest.mark.parametrize(
    "path",
    [
        *("/desk/", "/desk/patients/", "/desk/enroll/", "/desk/oncall/", "/desk/figures/", "/desk/rules/"),
        *(
            "chart",
            "contact/",
            "hospital/",
            "log/",
            "record/",
            "settings/",
            "/desk/waiting/",
            "/desk/me/contacts/",
        ),
    ],
)
def test_it_stands_on_every_page(people: Cast, send: Send, nurse: Client, path: str) -> None:
    about = chart(people.patient)
    where = path if path.startswith("/") else about if path == "chart" else about + path
    assert mark(nurse, where) == ("", "No urgent alert")
    send(NUMB)
    assert mark(nurse, where) == ("call_doctor_now", "1 waits")
    another(people, send, "Emergency", BREATHLESS)
    assert mark(nurse, where) == ("call_911", "2 wait")
    nurse.post(f"/desk/alerts/{alert_of(people.patient).code}/acknowledge/")
    assert mark(nurse, where) == ("call_911", "1 waits")


def test_watch_items_and_other_clinics_alerts_are_not_counted(people: Cast, send: Send, nurse: Client) -> None:
    send({"back_stiff": "new_or_worse"})
    assert alert_of(people.patient).tier == "watch"
    send(NUMB)
    assert waiting_of(people.clinic.pk).count == 1
    assert mark(signed_in(people.other_nurse), "/desk/") == ("", "No urgent alert")


def test_an_alert_that_opens_again_has_another_key(people: Cast, send: Send) -> None:
    send(NUMB)
    before = waiting_of(people.clinic.pk).keys
    alert = alert_of(people.patient)
    alert.reopened += 1
    alert.save()
    after = waiting_of(people.clinic.pk).keys
    assert len(before) == len(after) == 1
    assert before != after


def test_every_page_of_the_desk_has_the_one_head() -> None:
    """A page for staff extends the base that carries the mark; a file that is made from a template is no page."""
    desk = [one for one in (TEMPLATES / "recovery" / "desk").glob("[!_]*.html") if not one.stem.endswith("_file")]
    assert desk
    assert [path.name for path in desk if '{% extends "base_desk.html" %}' not in path.read_text()] == []
