"""The plan as rows: notes planned once, gated at the moment of sending, and silence that makes a task."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alerts import lifecycle
from alerts.models import Alert, Delivery
from patients.models import Patient, Procedure
from recovery.care_plan import refresh, sending
from recovery.models import Assessment, Milestone, Reminder
from recovery.state import current_state, record
from tests.people import Cast, make_helper
from tests.recovery.conftest import BREATHLESS, NUMB, Send

# Ten in the morning in the patient's zone (America/Chicago, standard time).
ENDED = datetime(2026, 11, 10, 16, 0, tzinfo=UTC)


@pytest.fixture
def procedure(people: Cast) -> Procedure:
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=ENDED, recorded_at=ENDED)
    people.procedure.ended_at = ENDED
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=ENDED)
    return people.procedure


@pytest.fixture
def at(procedure: Procedure) -> Callable[[float], datetime]:
    """Hours after the procedure as a moment; the plan is refreshed there."""

    def moment(hours: float) -> datetime:
        now = ENDED + timedelta(hours=hours)
        Patient.all_clinics.filter(pk=procedure.patient_id).update(plan_due_at=now)
        refresh.refresh_due(now)
        return now

    return moment


def statuses(procedure: Procedure) -> dict[str, str]:
    return dict(Milestone.objects.filter(procedure=procedure).values_list("key", "status"))


def test_each_milestone_has_one_row_however_often_the_plan_is_looked_at(
    procedure: Procedure, at: Callable
) -> None:
    at(1)
    at(2)
    assert Milestone.objects.filter(procedure=procedure).count() == len(statuses(procedure)) == 18
    assert statuses(procedure)["M-REST-24H"] == "active"


def test_driving_is_planned_for_48_hours_and_the_note_goes_out_once(
    procedure: Procedure, at: Callable, send: Send
) -> None:
    send({"opioid_hours_since": 60}, now=at(40))
    now = at(48)
    assert Reminder.objects.get(key="M-DRIVE-48H").due_at == now
    sending.send_due(now)
    sending.send_due(now + timedelta(minutes=1))
    note = Reminder.objects.get(key="M-DRIVE-48H")
    assert note.state == "sent"
    assert note.delivery
    assert note.delivery.recipient == f"patient:{procedure.patient_id}"
    at(49)
    assert Reminder.objects.filter(key="M-DRIVE-48H").count() == 1


def test_notes_due_together_are_one_message(at: Callable, send: Send) -> None:
    send({"opioid_hours_since": 60}, now=at(40))
    now = at(48)
    sending.send_due(now)
    assert Reminder.objects.filter(state="sent").count() > 1
    assert Delivery.objects.filter(message="patient_reminder").count() == 1


def test_an_alert_holds_the_note_back_until_it_is_closed(people: Cast, at: Callable, send: Send) -> None:
    send({"opioid_hours_since": 60}, now=at(40))
    at(41)
    sent = send(NUMB, now=ENDED + timedelta(hours=47))
    now = at(48)
    sending.send_due(now)
    assert not Reminder.objects.filter(key="M-DRIVE-48H").exists()
    assert sent.assessment
    assert sent.assessment.alert
    lifecycle.acknowledge(alert_code=sent.assessment.alert.code, staff=people.nurse, now=now)
    alert = Alert.objects.get()
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="expected", note="Old numbness.", now=now)
    send({"opioid_hours_since": 72}, now=now + timedelta(minutes=30))
    at(49)
    assert Reminder.objects.filter(key="M-DRIVE-48H").exists()


@pytest.mark.parametrize("since", [NUMB, BREATHLESS, {"fall": "fell_hurt"}, {"site_warmth": "warm"}])
def test_a_gate_that_closed_after_the_note_was_planned_is_asked_again_when_it_is_sent(
    at: Callable, send: Send, since: dict[str, object]
) -> None:
    send({"opioid_hours_since": 60}, now=at(40))
    at(47)
    assert Reminder.objects.filter(key="M-DRIVE-48H", state="pending").exists()
    send(since, now=ENDED + timedelta(hours=47, minutes=30))
    sending.send_due(ENDED + timedelta(hours=48))
    permissions = ("M-WALK-24H", "M-DRIVE-48H", "M-WORK-48H")
    assert not Reminder.objects.filter(key__in=permissions, state="sent").exists()


def test_no_note_goes_out_in_quiet_hours(procedure: Procedure, at: Callable) -> None:
    at(10)
    Reminder.objects.update(due_at=ENDED + timedelta(hours=11))
    sending.send_due(ENDED + timedelta(hours=13))  # eleven in the evening
    assert not Delivery.objects.exists()
    assert {note.due_at.hour for note in Reminder.objects.all()} == {14}  # eight in the morning


def test_at_tier_911_no_note_of_any_kind_goes_out(at: Callable, send: Send) -> None:
    at(20)
    send(BREATHLESS, now=ENDED + timedelta(hours=23))
    sending.send_due(ENDED + timedelta(hours=26))
    assert not Delivery.objects.filter(message="patient_reminder").exists()


def test_please_log_is_dropped_when_a_log_came_that_day(at: Callable, send: Send) -> None:
    at(20)
    send(now=ENDED + timedelta(hours=23))
    sending.send_due(ENDED + timedelta(hours=24, minutes=1))
    assert Reminder.objects.get(key="log:2026-11-11:10").state == "dropped"


def test_silence_is_told_in_the_morning_when_it_was_over_at_night(at: Callable, send: Send) -> None:
    send(now=ENDED + timedelta(hours=13))  # eleven in the evening
    at(14)
    note = Reminder.objects.get(key__startswith="silence:")
    assert note.due_at == ENDED + timedelta(hours=46)  # eight in the morning, 33 hours later
    sending.send_due(note.due_at)
    note.refresh_from_db()
    assert note.state == "sent"


def test_a_patient_without_a_log_is_reminded_at_ten_and_again_at_eighteen(at: Callable) -> None:
    at(20)
    assert {"log:2026-11-11:10", "log:2026-11-11:18"} <= set(Reminder.objects.values_list("key", flat=True))


def test_silence_of_48_hours_becomes_one_task_and_one_assessment(procedure: Procedure, at: Callable) -> None:
    at(47)
    assert not Alert.objects.exists()
    at(48)
    at(55)
    alert = Alert.objects.get()
    assert (alert.tier, list(alert.signs.values_list("sign", flat=True))) == ("watch", ["RW-24"])
    assert Assessment.objects.filter(log=None, tier="watch").count() == 1
    assert Patient.all_clinics.get(pk=procedure.patient_id).work_rank == 50


def test_silence_ends_with_the_next_log(people: Cast, at: Callable, send: Send) -> None:
    send(now=at(49))
    assert Alert.objects.get().state == "resolved"
    assert Patient.all_clinics.get(pk=people.patient.pk).work_rank == 90


def test_silence_is_told_to_a_helper_who_may_be_told(people: Cast, at: Callable) -> None:
    helper = make_helper(people.patient, may_be_alerted=True)
    at(49)
    assert Delivery.objects.get().recipient == f"caregiver:{helper.pk}"


def test_silence_never_lowers_an_unanswered_alert(people: Cast, at: Callable, send: Send) -> None:
    send(NUMB, now=at(10))
    at(60)
    assert Alert.objects.get().tier == "call_doctor_now"
    assert Assessment.objects.get(log=None).tier == "call_doctor_now"


def test_the_sweep_asks_again_long_before_silence(procedure: Procedure, at: Callable) -> None:
    at(45)
    due = Patient.all_clinics.get(pk=procedure.patient_id).plan_due_at
    assert due is not None
    assert due <= ENDED + timedelta(hours=48)


def test_a_closed_recovery_is_never_looked_at_again(procedure: Procedure, at: Callable) -> None:
    Procedure.objects.filter(pk=procedure.pk).update(closed_at=ENDED + timedelta(days=90))
    at(2400)
    assert Patient.all_clinics.get(pk=procedure.patient_id).plan_due_at is None


def test_contact_lowers_the_standing_tier_and_closing_leaves_at_most_watch(
    people: Cast, procedure: Procedure, at: Callable, send: Send
) -> None:
    fever = {"fever_feel": "yes", "temp_value": 101.0, "temp_unit": "F"}
    send(fever, now=at(30))
    assert _tier(procedure, 31) == "call_doctor_now"
    alert = Alert.objects.get()
    now = ENDED + timedelta(hours=31)
    lifecycle.record_contact(
        alert=alert, staff=people.nurse, level="contacted", note="Blood test at ten.", call_back_by=None, now=now
    )
    assert _tier(procedure, 32) == "watch"
    lifecycle.resolve(alert=alert, staff=people.nurse, outcome="advised", note="Done.", now=now)
    assert _tier(procedure, 33) in ("watch", "on_track")


def test_a_helper_who_may_not_be_told_is_not(people: Cast, at: Callable) -> None:
    make_helper(people.patient, may_be_alerted=False)
    at(49)
    assert not Delivery.objects.exists()


def _tier(procedure: Procedure, hours: float) -> str:
    loaded = record.with_overrides(Procedure.objects.filter(pk=procedure.pk)).get()
    return current_state.plan_tier(current_state.load(loaded, ENDED + timedelta(hours=hours)))
