"""Ice reminders: asked once, on day 0, of the patient; off until they say yes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from patients.models import AccessEvent, ClinicOverride, Procedure
from recovery.care_plan import refresh
from recovery.models import Reminder
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_helper
from tests.recovery.conftest import BREATHLESS, Send, send  # noqa: F401 - the fixture

QUESTION = "Do you want us to remind you to use ice?"


@pytest.fixture
def day_zero(people: Cast) -> Cast:
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=timezone.now() - timedelta(hours=3))
    return people


def today(people: Cast) -> str:
    return text(signed_in(people.patient).get("/today/"))


def answer(people: Cast, said: str) -> int:
    status: int = signed_in(people.patient).post("/my/ice/", {"said": said}).status_code
    return status


def test_it_is_asked_on_day_zero_and_never_again_once_answered(day_zero: Cast) -> None:
    assert QUESTION in today(day_zero)
    assert answer(day_zero, "no") == 302
    assert QUESTION not in today(day_zero)
    assert Procedure.objects.get(pk=day_zero.procedure.pk).ice_reminders is False
    assert AccessEvent.objects.filter(action="wants no ice reminders", patient=day_zero.patient).exists()


def test_yes_plans_the_notes_and_no_takes_them_off_again(day_zero: Cast, send: Send) -> None:  # noqa: F811
    send({"pain_site": 4})
    now = timezone.now()
    refresh.refresh_due(now)
    assert not Reminder.objects.filter(milestone="M-ICE-72H").exists()
    assert answer(day_zero, "yes") == 302
    refresh.refresh_due(now + timedelta(minutes=1))
    assert Reminder.objects.filter(milestone="M-ICE-72H", state="pending").exists()
    assert "Ice reminders are on" in today(day_zero)
    assert answer(day_zero, "no") == 302
    refresh.refresh_due(now + timedelta(minutes=2))
    assert not Reminder.objects.filter(milestone="M-ICE-72H").exists()


def test_it_is_not_asked_after_day_zero_or_of_somebody_who_may_not_use_ice(people: Cast) -> None:
    assert QUESTION not in today(people)
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=timezone.now() - timedelta(hours=3))
    ClinicOverride.objects.create(
        procedure=people.procedure,
        key="ice_ok",
        value=False,
        staff=people.nurse,
        reason="Skin.",
        set_at=timezone.now(),
    )
    assert QUESTION not in today(people)


def test_a_helper_is_not_asked_and_cannot_answer(day_zero: Cast) -> None:
    helper = signed_in(make_helper(day_zero.patient))
    assert QUESTION not in text(helper.get("/today/"))
    assert helper.post("/my/ice/", {"said": "yes"}).status_code == 404


def test_it_waits_while_something_urgent_stands_above(day_zero: Cast, send: Send) -> None:  # noqa: F811
    send(BREATHLESS)
    assert QUESTION not in today(day_zero)


def test_any_other_answer_and_a_closed_recovery_are_refused(day_zero: Cast) -> None:
    assert answer(day_zero, "maybe") == 404
    Procedure.objects.update(closed_at=timezone.now())
    assert answer(day_zero, "yes") == 404
