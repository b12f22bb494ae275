"""/status/: who sees which promises, and that each has its steps in the runbook."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.lifecycle.escalation import advance_due
from alerts.models import Alert, Delivery, OnCallShift
from alerts.monitoring.promises import system
from alerts.monitoring.promises.moving import nobody_told
from alerts.monitoring.promises.system import roster_gaps
from patients.models import User
from patients.sign_in import proofs
from recovery.desk.status.runbook import sections
from recovery.promises import EVERY_PROMISE
from tests.patients import pages
from tests.people import Cast, make_user
from tests.recovery.conftest import NUMB, Send, people, send

__all__ = ["people", "send"]
# Found by the watchdog itself, without a question to the database.
BY_THE_WATCHDOG = {"database-answers", "worker-ticks"}


@pytest.fixture
def late(people: Cast, send: Send, settings: Any) -> Alert:
    """An alert whose next step is five minutes late."""
    settings.STAFF_SECOND_FACTOR = False
    send(NUMB)
    Alert.objects.update(next_step_at=timezone.now() - timedelta(minutes=5))
    return Alert.objects.get()


def page(user: User) -> str:
    """What this person reads."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/status/")
    assert answer.status_code == 200
    return pages.text(answer)


def operator() -> User:
    """Somebody without a clinic who runs the machine."""
    return make_user(is_superuser=True)


def test_an_operator_who_signs_in_comes_to_the_promises(people: Cast, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client = Client()
    client.force_login(operator(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/", follow=True).redirect_chain == [("/status/", 302)]


def test_a_manager_sees_a_broken_promise_with_a_link_to_the_patient_and_what_to_do(
    late: Alert, people: Cast
) -> None:
    text = page(people.manager.user)
    assert "1 broken" in text
    assert f'<a href="/desk/patients/{people.patient.code}/">alert {late.code}</a>' in text
    assert "Open each alert named on the status page" in text


def test_a_manager_never_sees_another_clinics_offenders(late: Alert, people: Cast) -> None:
    other = people.other_nurse
    other.role = "manager"
    other.save()
    text = page(other.user)
    assert str(late.code) not in text
    assert 'class="status-line broken" id="alerts-move"' not in text


def test_an_operator_sees_all_by_ids_alone(late: Alert, people: Cast) -> None:
    text = page(operator())
    assert f"alert {late.code}" in text
    assert "/desk/patients/" not in text
    assert people.clinic.name not in text
    assert people.patient.first_name not in text


@pytest.mark.parametrize(
    ("shown", "onward"), [([], "/accounts/login/?proof=1"), ([{"method": "password"}], "/accounts/2fa/")]
)
def test_an_operator_needs_a_second_factor(
    late: Alert, settings: Any, shown: list[dict[str, Any]], onward: str
) -> None:
    settings.STAFF_SECOND_FACTOR = True
    client = Client()
    client.force_login(operator(), backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[proofs.SHOWN] = [{**one, "at": timezone.now().timestamp()} for one in shown]
    session.save()
    assert client.get("/status/").headers["Location"].startswith(onward)


def test_every_promise_has_its_steps_in_the_runbook_and_no_section_is_left_over() -> None:
    keys = [promise.key for promise in EVERY_PROMISE]
    assert len(set(keys)) == len(keys)
    assert set(sections()) == {*keys, *BY_THE_WATCHDOG}
    assert [key for key, steps in sections().items() if not steps] == []


@pytest.mark.parametrize("clinic", [True, False])
def test_every_promise_is_at_most_one_statement(
    late: Alert, people: Cast, clinic: bool, django_assert_max_num_queries: Any
) -> None:
    for promise in EVERY_PROMISE:
        with django_assert_max_num_queries(1):
            promise.ask(timezone.now(), people.clinic.pk if clinic else None)


@pytest.mark.parametrize(("hours", "gaps"), [(3, 1), (24, 0)])
def test_a_gap_in_the_roster_of_the_next_day_is_a_warning(people: Cast, hours: int, gaps: int) -> None:
    now = timezone.now()
    assert roster_gaps(now, None) == []  # a clinic without a roster tells all its nurses
    OnCallShift.objects.create(
        clinic=people.clinic, staff=people.nurse, starts_at=now, ends_at=now + timedelta(hours=hours)
    )
    assert len(roster_gaps(now, None)) == len(roster_gaps(now, people.clinic.pk)) == gaps
    assert roster_gaps(now, people.other_clinic.pk) == []


@pytest.mark.parametrize(("free", "low", "full"), [(50, 0, 0), (5, 1, 0), (0, 1, 1)])
def test_a_disk_that_fills_is_a_warning_first(
    monkeypatch: pytest.MonkeyPatch, free: int, low: int, full: int
) -> None:
    use = SimpleNamespace(total=100 * 2**30, free=free * 2**30)
    monkeypatch.setattr(system.shutil, "disk_usage", lambda place: use)
    now = timezone.now()
    assert (len(system.disk_low(now, None)), len(system.disk_full(now, None))) == (low, full)


def test_an_urgent_alert_of_which_nothing_but_the_board_knows_is_a_broken_promise(
    late: Alert, people: Cast
) -> None:
    began = timezone.now() - timedelta(minutes=6)
    Alert.objects.update(clock_started_at=began)
    assert [one.ref for one in nobody_told(timezone.now(), None)] == [str(late.code)]
    advance_due(timezone.now())
    Delivery.objects.filter(alert=late, channel="email").update(state="sent")
    assert nobody_told(timezone.now(), None) == []
