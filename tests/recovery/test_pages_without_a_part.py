"""A page opens though one part of it cannot be worked out, and says which; a press that counts never fails."""

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.template.base import Template
from django.test import Client
from django.urls import reverse

from alerts.models import Alert
from patients.models import Patient
from patients.trouble import Parts
from recovery.desk.alert import alert_actions
from recovery.desk.worklist import worklist_rows
from recovery.phone import advice
from recovery.state import current_state
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import WORKLIST, chart

CANNOT = "cannot be shown right now"


@pytest.fixture
def nurse(people: Cast, settings: Any) -> Client:
    settings.STAFF_SECOND_FACTOR = False
    return signed_in(people.nurse)


def move_to_no_place(people: Cast) -> None:
    """A zone that looks like a place and is none: neither the plan nor a time of the patient can be worked out."""
    Patient.all_clinics.filter(pk=people.patient.pk).update(timezone="Pacific/Olympus")


def test_a_chart_opens_without_its_plan_and_says_so(
    people: Cast, send: Send, nurse: Client, caplog: pytest.LogCaptureFixture
) -> None:
    send(NUMB)
    move_to_no_place(people)
    with caplog.at_level(logging.ERROR):
        page = nurse.get(chart(people.patient))
    assert page.status_code == 200
    words = text(page)
    assert "Plan:</strong> this part of the page" in words
    assert "Numb or tingling" in words
    assert "I’ll take it" in words
    [line] = [one.getMessage() for one in caplog.records if "the part" in one.getMessage()][:1]
    assert str(people.patient.pk) in line
    assert people.patient.last_name not in caplog.text


@pytest.mark.parametrize("part", ["_act_side", "_logs", "_alerts", "_course"])
def test_a_chart_opens_though_the_template_of_one_part_fails(
    people: Cast, send: Send, nurse: Client, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(NUMB)
    send(NUMB)
    broken = {"_act_side": "alert", "_logs": "logs", "_alerts": "alerts", "_course": "course"}
    drawn = Template.render

    def fails(self: Template, context: Any) -> Any:
        if self.name == f"recovery/desk/{part}.html":
            raise ValueError(broken[part])
        return drawn(self, context)

    monkeypatch.setattr(Template, "render", fails)
    page = nurse.get(chart(people.patient))
    assert page.status_code == 200
    assert CANNOT in text(page)
    assert people.patient.name in text(page)


def test_ill_take_it_never_acknowledges_and_then_fails(
    people: Cast, send: Send, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(NUMB)
    move_to_no_place(people)
    monkeypatch.setattr(alert_actions, "clock_words", broken)
    alert = Alert.objects.get()
    pressed = nurse.post(reverse("recovery:acknowledge", args=[alert.code]), follow=True)
    assert pressed.status_code == 200
    assert "It is written down" in text(pressed)
    alert.refresh_from_db()
    assert alert.acked_by == people.nurse


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError


def test_a_row_that_cannot_be_put_into_words_keeps_its_place_and_its_button(
    people: Cast, send: Send, nurse: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(NUMB)
    monkeypatch.setattr(worklist_rows, "next_in_words", broken)
    page = text(nurse.get(WORKLIST))
    assert "This row cannot be shown." in page
    assert "Open the chart." in page
    assert people.patient.name in page
    assert "/acknowledge/" in page


@pytest.mark.parametrize("what", ["broken_now", "banner", "stills_of", "board_of", "unread_of"])
def test_what_stands_above_the_list_never_takes_the_list_away(
    people: Cast, send: Send, nurse: Client, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(NUMB)
    monkeypatch.setattr(f"recovery.desk.worklist.worklist_page.{what}", broken)
    page = nurse.get(WORKLIST)
    assert page.status_code == 200
    assert CANNOT in text(page)
    assert people.patient.name in text(page)


@pytest.mark.parametrize("page", ["today", "plan", "learn", "visit", "history"])
@pytest.mark.parametrize("part", ["evaluate", "shown", "state", "with_logs"])
def test_each_page_of_the_phone_opens_without_a_part_and_keeps_the_urgent_words(
    people: Cast, send: Send, page: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(BREATHLESS)
    home = import_module("recovery.selectors.today") if part in ("evaluate", "shown") else current_state
    monkeypatch.setattr(home, part, broken)
    opened = signed_in(people.patient).get(reverse(f"recovery:{page}"))
    assert opened.status_code == 200
    words = text(opened)
    if part != "shown":
        assert "We cannot show a part of this page right now" in words
        assert people.clinic.phone.as_national in words
    if page == "today":
        assert "Call 911 now" in words


def test_the_advice_after_a_log_is_there_though_who_was_told_is_not(
    people: Cast, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(BREATHLESS)
    monkeypatch.setattr(advice, "told", broken)
    page = signed_in(people.patient).get(reverse("recovery:advice", args=[sent.log.code]))
    assert page.status_code == 200
    assert "Call 911 now" in text(page)
    assert "Who has been told" in text(page)


@pytest.mark.django_db
def test_an_error_of_the_database_in_one_part_leaves_the_next_part_whole(people: Cast) -> None:
    parts = Parts("page of", 1)

    def refused() -> int:
        return Patient.all_clinics.extra(where=["no_such_column = 1"]).count()

    call: Callable[[], int] = refused
    assert parts.one("First", call) is None
    assert parts.one("Second", Patient.all_clinics.count) == 2
    assert parts.missing == ["First"]
