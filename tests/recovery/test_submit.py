"""The one way in: words first, then the verdict, its alert and the outbox."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import OperationalError
from django.utils import timezone

from alerts import lifecycle
from alerts.models import Alert, AlertSign
from patients.models import Patient
from recovery.logs import judge, unjudged
from recovery.models import Assessment, DailyLog
from tests.people import Cast
from tests.recovery.conftest import BREATHLESS, CALM, NUMB, Send


def test_a_calm_log_is_on_track_and_opens_nothing(people: Cast, send: Send) -> None:
    sent = send()
    assert sent.assessment
    assert (sent.assessment.tier, sent.assessment.alert) == ("on_track", None)
    assert not Alert.objects.exists()


def test_numb_legs_open_a_doctor_now_alert_with_its_sign(people: Cast, send: Send) -> None:
    sent = send(NUMB)
    assert sent.assessment
    assert sent.assessment.tier == "call_doctor_now"
    assert [fired["id"] for fired in sent.assessment.fired][:1] == ["RDN-01"]
    assert sent.assessment.alert is not None
    assert list(sent.assessment.alert.signs.values_list("sign", "ack")) == [("numb", "none")]


def test_breathlessness_is_a_911_alert_at_the_top_of_the_list(people: Cast, send: Send) -> None:
    sent = send(BREATHLESS, partial=True)
    assert sent.assessment
    assert sent.assessment.tier == "call_911"
    patient = Patient.all_clinics.get(pk=people.patient.pk)
    assert (patient.last_log_tier, patient.work_rank, patient.nurse_priority) == ("call_911", 0, "P0")


def test_the_same_log_again_finds_the_same_row(send: Send) -> None:
    client_id = uuid.uuid4()
    first, again = send(NUMB, client_id=client_id), send(NUMB, client_id=client_id)
    assert (first.log.pk, again.created) == (again.log.pk, False)
    assert DailyLog.objects.count() == Assessment.objects.count() == 1


def test_the_same_uuid_with_other_words_keeps_both(send: Send) -> None:
    client_id = uuid.uuid4()
    first, other = send(client_id=client_id), send(NUMB, client_id=client_id)
    assert other.log.supersedes == first.log
    assert send(NUMB, client_id=client_id).log.pk == other.log.pk
    assert DailyLog.objects.count() == 2


def test_a_second_urgent_log_folds_into_the_one_alert(send: Send) -> None:
    first, second = send(NUMB), send(NUMB)
    assert first.assessment
    assert second.assessment
    assert first.assessment.alert == second.assessment.alert
    assert AlertSign.objects.get().occurrences == 2


def test_a_fall_told_anew_after_a_contact_asks_again(people: Cast, send: Send) -> None:
    fall = {"fall": "fell_hurt", "fall_head_hit": "no"}
    send(fall)
    alert = Alert.objects.get()
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="Rest.", call_back_by=None, now=timezone.now()
    )
    send(fall)
    assert Alert.objects.get().state == "open"


def test_a_worse_sign_upgrades_the_open_alert(send: Send) -> None:
    doctor, emergency = send(NUMB), send(BREATHLESS)
    assert doctor.assessment
    assert emergency.assessment
    assert doctor.assessment.alert == emergency.assessment.alert
    assert Alert.objects.get().tier == "call_911"


def test_a_calm_log_does_not_erase_an_unanswered_911_sign(send: Send) -> None:
    send(BREATHLESS)
    calm = send()
    assert calm.assessment
    assert calm.assessment.tier == "call_doctor_now"
    assert [fired["id"] for fired in calm.assessment.fired] == ["RL-01"]
    assert calm.assessment.alert == Alert.objects.get()


def test_the_phones_worse_verdict_wins_and_opens_an_alert(send: Send) -> None:
    sent = send(phone_tier="call_911", phone_rulebook="abc")
    assert sent.assessment
    assert (sent.assessment.tier, sent.assessment.phone_tier) == ("call_911", "call_911")
    assert sent.assessment.messages[0]["text"].startswith("Call 911 now.")
    assert list(Alert.objects.get().signs.values_list("sign", flat=True)) == ["phone_judged_worse"]


def test_after_a_phones_worse_verdict_the_next_log_is_still_judged(send: Send) -> None:
    send(phone_tier="call_911")
    assert send().assessment


def test_a_log_from_the_future_is_kept_marked_and_judged_as_of_its_arrival(send: Send) -> None:
    now = timezone.now()
    sent = send(NUMB, now=now, answered_at=now + timedelta(days=3))
    assert sent.log.clock_suspect
    assert sent.log.happened_at == now
    assert sent.assessment
    assert sent.assessment.tier == "call_doctor_now"


def test_a_log_before_the_procedure_still_judges_an_emergency(people: Cast, send: Send) -> None:
    before = people.procedure.ended_at - timedelta(hours=2)
    sent = send(BREATHLESS, now=before)
    assert sent.assessment
    assert sent.assessment.tier == "call_911"


def test_a_watch_sign_gone_in_the_next_log_closes_by_itself(people: Cast, send: Send) -> None:
    send({"site_gate": "some", "site_drainage": "clear_or_pink"})
    assert Alert.objects.get().tier == "watch"
    send()
    alert = Alert.objects.get()
    assert (alert.state, alert.outcome) == ("resolved", "sign_gone")
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 90


def test_a_log_whose_request_died_is_swept(people: Cast) -> None:
    log = _committed_only(people, NUMB)
    assert unjudged.sweep_unjudged(timezone.now()) == 1
    assert log.assessment.tier == "call_doctor_now"
    assert unjudged.sweep_unjudged(timezone.now()) == 0


def test_a_log_forgotten_for_weeks_is_found_by_the_hourly_sweep(people: Cast) -> None:
    log = _committed_only(people, NUMB)
    weeks_later = timezone.now() + timedelta(days=20)
    assert unjudged.sweep_unjudged(weeks_later) == 0
    assert unjudged.sweep_unjudged(weeks_later, everything=True) == 1
    assert log.assessment.tier == "call_doctor_now"


def test_a_log_the_rules_cannot_read_becomes_an_alert_by_itself(people: Cast) -> None:
    log = _committed_only(people, {"pain_move": {"not": "a number"}})
    unjudged.sweep_unjudged(timezone.now())
    assert (log.assessment.tier, log.assessment.unreadable) == ("call_doctor_now", True)
    assert Alert.objects.get().signs.get().sign == "unreadable"


def test_a_busy_database_is_no_reason_to_judge_without_the_rules(people: Cast, monkeypatch: Any) -> None:
    def busy(*_: Any, **__: Any) -> Any:
        raise OperationalError("canceling statement due to lock timeout")

    log = _committed_only(people, BREATHLESS)
    with monkeypatch.context() as patch:
        patch.setattr(judge, "_lock", busy)
        unjudged.sweep_unjudged(log.received_at + timedelta(seconds=10))
        assert not Alert.objects.exists()
    unjudged.sweep_unjudged(log.received_at + timedelta(seconds=12))
    assert (log.assessment.tier, log.assessment.unreadable) == ("call_911", False)


def test_a_database_that_stays_busy_gives_the_log_to_a_person(people: Cast, monkeypatch: Any) -> None:
    def busy(*_: Any, **__: Any) -> Any:
        raise OperationalError("canceling statement due to lock timeout")

    log = _committed_only(people, BREATHLESS)
    monkeypatch.setattr(judge, "_lock", busy)
    unjudged.sweep_unjudged(log.received_at + timedelta(seconds=31))
    assert (log.assessment.tier, log.assessment.unreadable) == ("call_doctor_now", True)


def test_a_log_nobody_can_handle_holds_up_no_other_and_helpers_come_after_the_alert(
    people: Cast, monkeypatch: Any
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    logs = [_committed_only(people, NUMB), _committed_only(people, CALM)]
    monkeypatch.setattr("recovery.logs.helper_notes.tell_helpers", broken)
    assert unjudged.sweep_unjudged(timezone.now()) == 2
    assert [log.assessment.unreadable for log in logs] == [True, True]
    assert Alert.objects.get().signs.filter(sign="unreadable").exists()


def test_a_log_stored_before_the_clock_stepped_back_is_judged_at_once(people: Cast) -> None:
    log = _committed_only(people, NUMB)
    assert unjudged.sweep_unjudged(log.received_at - timedelta(hours=1)) == 1
    assert log.assessment.tier == "call_doctor_now"


def test_the_words_are_kept_when_the_rules_crash(people: Cast, send: Send) -> None:
    sent = send({"pain_move": {"not": "a number"}})
    assert sent.assessment is None
    assert DailyLog.objects.filter(pk=sent.log.pk).exists()


def test_a_calm_log_costs_few_statements(send: Send, django_assert_max_num_queries: object) -> None:
    """Eight, and the two savepoints that a test's own transaction adds around the first insert."""
    send()
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        send()


def test_an_urgent_log_costs_few_statements(send: Send, django_assert_max_num_queries: object) -> None:
    """Two of them ask whether a helper, or a system of the clinic, is to be told."""
    send()
    with django_assert_max_num_queries(18):  # type: ignore[operator]
        send(NUMB)


def _committed_only(people: Cast, changes: dict[str, object]) -> DailyLog:
    """A log as a request leaves it that died right after the commit."""
    then = timezone.now() - timedelta(minutes=1)
    assert people.patient.user
    return DailyLog.objects.create(
        patient=people.patient,
        procedure=people.procedure,
        client_id=uuid.uuid4(),
        answered_at=then,
        received_at=then,
        entered_by=people.patient.user,
        answers={**CALM, **changes},
    )


def test_the_same_answers_told_as_the_whole_log_are_another_log(send: Send) -> None:
    client_id = uuid.uuid4()
    part, whole = send(BREATHLESS, client_id=client_id, partial=True), send(BREATHLESS, client_id=client_id)
    assert whole.created
    assert (part.log.partial, whole.log.partial, whole.log.supersedes) == (True, False, part.log)
