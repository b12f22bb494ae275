"""Races around one alert. Each is tried several times, since a race is not lost every time."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from alerts import lifecycle
from alerts.lifecycle import AckResult
from alerts.lifecycle.escalation import advance_due
from alerts.lifecycle.shift_end import end_shift
from alerts.lifecycle.staff_changes import Wanted, change_colleague
from alerts.messaging import outbox
from alerts.models import Alert, AlertEvent, AlertSign, Delivery, EscalationPolicy
from alerts.monitoring.sweep import sweep
from patients.models import Staff
from tests.alerts.steps import CHEST, FEVER, NUMB, fresh, minutes, raise_for, status, what_happened
from tests.attacks.at_once import at_once
from tests.people import Cast, cast, make_patient
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 5


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Everybody, committed."""
    return cast()


@pytest.fixture
def now() -> datetime:
    """A moment ago, so that everything raised then is due by the database's clock."""
    return timezone.now().astimezone(UTC) - minutes(1)


def take(alert: Alert, nurse: Staff) -> AckResult:
    """A nurse presses the button now."""
    return lifecycle.acknowledge(alert_code=alert.code, staff=nurse, now=timezone.now())


def test_three_red_logs_of_one_patient_at_once_are_one_alert_with_all_signs(people: Cast, now: datetime) -> None:
    for _ in range(TRIES):
        patient = make_patient(people.clinic)
        raised = at_once(*[partial(raise_for, patient, sign, now=now) for sign in (NUMB, FEVER, CHEST)])
        assert len({alert.pk for alert in raised}) == 1
        alert = fresh(raised[0])
        assert (alert.tier, alert.state) == ("call_911", "open")
        signs = AlertSign.objects.filter(alert=alert).values_list("sign", flat=True)
        assert sorted(signs) == ["em_chest_pain", "fever", "numb"]
        assert status(patient)[0] == 0


def test_two_nurses_take_it_at_once_and_one_wins(people: Cast, now: datetime) -> None:
    for _ in range(TRIES):
        alert = raise_for(make_patient(people.clinic), NUMB, now=now)
        results = at_once(*[partial(take, alert, nurse) for nurse in (people.nurse, people.nurse2)])
        winners = [result for result in results if result.won]
        assert len(winners) == 1
        assert {result.by_name for result in results} == {winners[0].by_name}
        assert what_happened(alert).count("acknowledged") == 1


@pytest.mark.slow
def test_two_sweeps_at_once_send_each_page_once(people: Cast, now: datetime) -> None:
    alerts = [raise_for(make_patient(people.clinic), CHEST, now=now) for _ in range(20)]
    at_once(*[partial(sweep, driver=driver) for driver in ("celery", "watchdog", "celery")])
    assert Delivery.objects.count() == len(alerts) * 2 * 2  # two nurses, board and e-mail
    pages = Delivery.objects.filter(channel="email").values_list("state", "attempts")
    assert set(pages) == {("sent", 1)}
    assert len(mail.outbox) == len(alerts) * 2
    told = AlertEvent.objects.filter(what="told").values_list("alert_id", flat=True)
    assert set(Counter(told).values()) == {1}


def test_what_one_process_is_claiming_is_passed_over_by_the_next_without_waiting(
    people: Cast, now: datetime
) -> None:
    raise_for(people.patient, CHEST, now=now)
    with transaction.atomic():
        assert advance_due(now) == 1
        assert at_once(partial(advance_due, now)) == [0]
    with transaction.atomic():
        assert len(outbox.claim_due(now)) == 2
        assert at_once(partial(outbox.claim_due, now)) == [[]]


def test_a_worse_log_and_a_nurse_at_once_never_end_in_silence(people: Cast, now: datetime) -> None:
    for _ in range(TRIES):
        patient = make_patient(people.clinic)
        alert = raise_for(patient, NUMB, now=now)
        at_once(
            partial(raise_for, patient, CHEST, now=timezone.now()),
            partial(take, alert, people.nurse),
        )
        alert = fresh(alert)
        # Either she took it before the worse log, and it is open again; or after, and she has the worse one.
        last = what_happened(alert)[-1]
        assert (alert.tier, alert.state) == ("call_911", "open" if last == "upgraded" else "acked")
        assert AlertSign.objects.get(alert=alert, sign="em_chest_pain").ack == (
            "none" if last == "upgraded" else "seen"
        )


@pytest.mark.slow
def test_a_sweep_and_a_new_log_at_once_do_not_wait_in_a_circle(people: Cast, now: datetime) -> None:
    for _ in range(TRIES):
        patient = make_patient(people.clinic)
        alert = raise_for(patient, NUMB, now=now)
        lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
        Alert.objects.filter(pk=alert.pk).update(next_step_at=now)
        at_once(
            partial(raise_for, patient, CHEST, now=timezone.now()),
            partial(sweep, driver="celery"),
            partial(sweep, driver="watchdog"),
        )
        alert = fresh(alert)
        assert (alert.state, alert.tier) == ("open", "call_911")


def test_a_process_that_dies_between_claim_and_mark_costs_a_repeat_with_the_same_key(
    people: Cast, now: datetime
) -> None:
    alert = raise_for(people.patient, CHEST, now=now)
    advance_due(now)
    lost = [row.key for row in outbox.claim_due(now, 50) if row.channel == "email"]
    sweep(now + timedelta(seconds=11))
    assert mail.outbox == []
    sweep(now + timedelta(seconds=13))
    sent = Delivery.objects.filter(alert=alert, channel="email", state="sent")
    assert sorted(sent.values_list("key", flat=True)) == sorted(lost)
    assert set(sent.values_list("attempts", flat=True)) == {2}
    assert len(mail.outbox) == len(lost) == 2


def test_a_clinic_without_a_policy_still_pages_somebody(people: Cast, now: datetime) -> None:
    assert not EscalationPolicy.objects.exists()
    alert = raise_for(people.patient, CHEST, now=now)
    sweep()
    assert len(mail.outbox) == 2
    assert what_happened(alert)[-1] == "told"


def waits_for_a_lock(seconds: float = 10) -> None:
    """Until another session stands in line behind this one."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"

    def somebody_waits() -> object:
        with connection.cursor() as cursor:
            cursor.execute(waiting)
            return cursor.fetchone()

    until(somebody_waits, seconds)


def test_who_takes_an_alert_while_her_access_is_stopped_does_not_keep_it(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    nurse = Staff.objects.select_related("user", "clinic").get(pk=people.nurse.pk)
    wanted = Wanted(nurse, False, nurse.role)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            take(alert, people.nurse)
            stopping = pool.submit(
                at_once, partial(change_colleague, manager=people.manager, wanted=wanted, now=timezone.now())
            )
            waits_for_a_lock()
        stopping.result(timeout=20)
    assert not Staff.objects.get(pk=nurse.pk).active
    assert (fresh(alert).state, what_happened(alert)[-1]) == ("open", "let_go")


def test_the_end_of_a_shift_takes_nothing_from_a_colleague_who_was_faster(people: Cast, now: datetime) -> None:
    alert = raise_for(people.patient, NUMB, now=now)
    take(alert, people.nurse)
    ends = partial(
        end_shift, staff=people.nurse, to_staff=people.physician, text="Bye.", with_alerts=True, now=timezone.now()
    )
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            told = {"level": "contacted", "note": "Rest.", "call_back_by": None}
            lifecycle.record_contact(alert=alert, staff=people.nurse2, now=timezone.now(), **told)
            ending = pool.submit(at_once, ends)
            waits_for_a_lock()
        ending.result(timeout=20)
    assert fresh(alert).acked_by == people.nurse2
    assert "handed_over" not in what_happened(alert)


@pytest.mark.slow
def test_two_who_hand_over_to_each_other_beside_a_manager_wait_in_no_circle(people: Cast, now: datetime) -> None:
    for _ in range(TRIES):
        held = [raise_for(make_patient(people.clinic), NUMB, now=now) for _ in range(2)]
        nurses = (people.nurse, people.nurse2)
        for alert, nurse in zip(held, nurses, strict=True):
            take(alert, nurse)
        give = [
            partial(lifecycle.hand_over, alert=alert, staff=one, to_staff=other, note="", now=timezone.now())
            for alert, one, other in zip(held, nurses, reversed(nurses), strict=True)
        ]
        person = Staff.objects.select_related("user", "clinic").get(pk=people.physician.pk)
        wanted = Wanted(person, not person.active, person.role)
        at_once(*give, partial(change_colleague, manager=people.manager, wanted=wanted, now=timezone.now()))
        assert [fresh(alert).acked_by for alert in held] == [people.nurse2, people.nurse]
