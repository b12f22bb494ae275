"""A log that comes late, or from a clock that cannot be right (H16): never lost, never taken as today's."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, AlertSign
from patients.models import Patient, Procedure
from recovery.models import DailyLog
from recovery.selectors.patient_status import presents, with_facts
from recovery.state import current_state, record
from tests.patients.pages import signed_in, text
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, NUMB, Send
from tests.recovery.desk import WORKLIST, chart

DRAINS = {"site_gate": "some", "site_drainage": "clear_or_pink"}
# In the sixth week the needle spot should be well.
WELL = {"pain_site": 0}
DAYS_LATE = (1, 3, 29)
# Minutes ahead of ours, and days behind: on both sides of what a clock may be off.
WRONG_CLOCKS = (timedelta(minutes=11), timedelta(days=400), timedelta(days=-31), timedelta(days=-20_000))


@pytest.fixture(autouse=True)
def one_factor(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False


@pytest.fixture
def now(people: Cast) -> datetime:
    """A moment of the sixth week, so that a log may be weeks late."""
    now = timezone.now()
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=now - timedelta(days=40))
    people.procedure.refresh_from_db()
    return now


def now_of(people: Cast) -> str:
    """The tier everybody reads."""
    own = with_facts(Patient.all_clinics.filter(pk=people.patient.pk))
    return presents(own, timezone.now())[people.patient.pk].present.tier


def status(people: Cast) -> Patient:
    return Patient.all_clinics.get(pk=people.patient.pk)


def loaded(now: datetime) -> current_state.Standing:
    return current_state.load(record.with_overrides(Procedure.objects.all()).get(), now)


@pytest.mark.parametrize("days", DAYS_LATE)
def test_an_urgent_log_that_comes_late_alerts_as_of_its_arrival(send: Send, now: datetime, days: int) -> None:
    then = now - timedelta(days=days)
    sent = send(BREATHLESS, now=now, answered_at=then)
    alert = Alert.objects.get()
    assert (alert.tier, alert.opened_at, alert.next_step_at) == ("call_911", now, now)
    assert (sent.log.happened_at, sent.log.clock_suspect, sent.log.late) == (then, False, True)


@pytest.mark.parametrize("wrong", WRONG_CLOCKS)
def test_a_clock_that_cannot_be_right_is_marked_and_still_alerts(
    send: Send, now: datetime, wrong: timedelta
) -> None:
    sent = send(BREATHLESS, now=now, answered_at=now + wrong)
    assert (sent.log.clock_suspect, sent.log.happened_at, sent.log.late) == (True, now, False)
    assert Alert.objects.get().tier == "call_911"


@pytest.mark.parametrize("off", [timedelta(minutes=10), timedelta(0), timedelta(days=-30)])
def test_a_clock_that_may_be_right_is_believed(send: Send, now: datetime, off: timedelta) -> None:
    sent = send(now=now, answered_at=now + off)
    assert (sent.log.clock_suspect, sent.log.happened_at) == (False, min(now, now + off))


def test_the_nurse_reads_when_it_happened_and_when_it_was_reported(
    people: Cast, send: Send, now: datetime
) -> None:
    send(BREATHLESS, now=now, answered_at=now - timedelta(days=3))
    page = text(signed_in(people.nurse).get(chart(people.patient)))
    alert, logs = page[page.index('class="side"') : page.index('id="logs"')], page[page.index('id="logs"') :]
    assert "Reported late: it happened" in alert
    assert "Reported late: it happened" in logs
    assert "reported 3 days later" in logs


def test_a_log_of_now_is_not_called_late(people: Cast, send: Send, now: datetime) -> None:
    send(BREATHLESS, now=now, answered_at=now - timedelta(minutes=59))
    assert "Reported late" not in text(signed_in(people.nurse).get(chart(people.patient)))


def test_the_nurse_reads_what_a_wrong_clock_said(people: Cast, send: Send, now: datetime) -> None:
    send(BREATHLESS, now=now, answered_at=now + timedelta(days=400))
    page = text(signed_in(people.nurse).get(chart(people.patient)))
    assert "clock cannot be right" in page


def test_the_patient_is_asked_whether_it_is_happening_now(
    people: Cast, send: Send, client: Client, now: datetime
) -> None:
    late = send(BREATHLESS, now=now, answered_at=now - timedelta(days=3))
    client.force_login(people.patient.user)
    page = text(client.get(f"/log/{late.log.code}/advice/"))
    assert "We got this log late." in page
    assert "If it is happening now, call 911." in page
    assert page.index('href="tel:911"', page.index("<main")) < page.index("We got this log late.")


def test_an_older_log_does_not_close_what_a_newer_one_shows(people: Cast, send: Send, now: datetime) -> None:
    send({**WELL, **DRAINS}, now=now - timedelta(hours=2))
    send(WELL, now=now, answered_at=now - timedelta(days=1))
    assert Alert.objects.get().state == "open"
    assert AlertSign.objects.get().resolved_at is None
    assert (now_of(people), status(people).last_log_tier) == ("watch", "watch")


def test_an_older_log_never_lowers_what_the_newest_said_but_may_raise_it(
    people: Cast, send: Send, now: datetime
) -> None:
    send(WELL, now=now - timedelta(hours=2))
    send({**WELL, **NUMB}, now=now, answered_at=now - timedelta(days=1))
    assert (now_of(people), status(people).last_log_tier) == ("call_doctor_now", "on_track")
    assert status(people).work_rank < 90
    assert ">Rosa " in text(signed_in(people.nurse).get(WORKLIST))


def test_a_phone_with_a_clock_ahead_does_not_stay_the_newest(people: Cast, send: Send, now: datetime) -> None:
    """Otherwise every later log would count as older, and what the plan allows would rest on the wrong one."""
    send(now=now - timedelta(hours=3), answered_at=now + timedelta(days=400))
    newest = send(DRAINS, now=now)
    at = loaded(now)
    assert at.last_log == newest.log
    assert current_state.plan_tier(at) == "watch"
    assert [log.pk for log in at.logs] == [newest.log.pk, DailyLog.objects.exclude(pk=newest.log.pk).get().pk]


def test_a_log_sent_in_the_middle_closes_nothing(people: Cast, send: Send, now: datetime) -> None:
    """An emergency answer alone says nothing of the needle spot."""
    send(DRAINS, now=now - timedelta(hours=2))
    send({**BREATHLESS, "site_gate": None}, now=now, partial=True)
    assert AlertSign.objects.filter(sign="RW-07", resolved_at=None).exists()
