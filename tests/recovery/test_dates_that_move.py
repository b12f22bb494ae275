"""A date typed wrong and corrected: nothing is told at once, nothing stays told, nothing is told twice."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from alerts import lifecycle
from alerts.models import Alert, Delivery
from patients.models import ClinicOverride, Patient, Procedure
from patients.models.stay import HospitalStay
from patients.services.records import save_record
from recovery.care_plan import refresh, sending
from recovery.care_plan.taken_back import taken_back
from recovery.models import Milestone, Reminder
from recovery.state import current_state, record
from tests.patients.pages import signed_in, text
from tests.people import Cast, make_helper, make_procedure
from tests.recovery.conftest import Send

# Ten in the morning in the patient's zone (America/Chicago, standard time).
ENDED = datetime(2026, 11, 10, 16, 0, tzinfo=UTC)
A_YEAR_EARLY = datetime(2025, 11, 10, 16, 0, tzinfo=UTC)

Run = Callable[[datetime], None]


@pytest.fixture
def procedure(people: Cast) -> Procedure:
    move(people.procedure, ended_at=ENDED, recorded_at=ENDED)
    return people.procedure


@pytest.fixture
def run(people: Cast) -> Run:
    """The plan is looked at and what is due goes out, at a moment."""

    def tick(now: datetime) -> None:
        Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=now)
        refresh.refresh_due(now)
        sending.send_due(now)

    return tick


def after(hours: float) -> datetime:
    return ENDED + timedelta(hours=hours)


def move(procedure: Procedure, **fields: object) -> None:
    Procedure.objects.filter(pk=procedure.pk).update(**fields)


def sent(procedure: Procedure) -> set[str]:
    """The milestones whose notes count as sent."""
    rows = Reminder.objects.filter(procedure=procedure, state="sent", milestone__gt="")
    return set(rows.values_list("milestone", flat=True))


def said(procedure: Procedure, now: datetime) -> dict[str, str]:
    """What the patient reads as taken back."""
    loaded = record.with_overrides(Procedure.objects.filter(pk=procedure.pk)).get()
    return {item.title: item.words for item in taken_back(current_state.load(loaded, now))}


@pytest.mark.slow
def test_a_procedure_date_a_year_too_early_sends_no_eleven_notes_and_a_correction_loses_none(
    procedure: Procedure, run: Run, send: Send
) -> None:
    move(procedure, ended_at=A_YEAR_EARLY)
    send(now=after(1))
    run(after(1))
    assert sent(procedure) == set()
    move(procedure, ended_at=ENDED)
    for hours in (2, 24, 40):
        send({"opioid_hours_since": 90}, now=after(hours) - timedelta(minutes=30))
        run(after(hours))
    assert sent(procedure) == {"M-REST-24H", "M-NOLIFT-24H", "M-HEAVY-LIMIT", "M-WALK-24H"}
    run(after(48))
    assert {"M-DRIVE-48H"} <= sent(procedure)


def test_driving_told_too_early_is_taken_back_in_words_and_told_again_in_time(
    procedure: Procedure, run: Run, send: Send
) -> None:
    move(procedure, ended_at=ENDED - timedelta(days=2))
    send({"opioid_hours_since": 90}, now=after(1))
    run(after(1))
    assert {"M-WALK-24H", "M-DRIVE-48H"} <= sent(procedure)
    first = Delivery.objects.filter(message="patient_reminder").count()
    move(procedure, ended_at=ENDED)
    run(after(2))
    assert not sent(procedure) & {"M-WALK-24H", "M-DRIVE-48H"}
    assert said(procedure, after(2)) == {
        "Short walks": "Not before Wed Nov 11.",
        "Driving": "Not before Thu Nov 12.",
    }
    assert Delivery.objects.filter(message="patient_reminder").count() == first + 1
    run(after(3))
    assert Delivery.objects.filter(message="patient_reminder").count() == first + 1
    send({"opioid_hours_since": 90}, now=after(47))
    run(after(48))
    assert "M-DRIVE-48H" in sent(procedure)
    assert said(procedure, after(48)) == {}
    notes = Reminder.objects.filter(key="M-DRIVE-48H", delivery__isnull=False)
    assert notes.values("delivery").distinct().count() == 2


def test_a_helper_who_may_be_told_hears_that_something_was_taken_back(
    people: Cast, procedure: Procedure, run: Run, send: Send
) -> None:
    helper = make_helper(people.patient, may_be_alerted=True)
    move(procedure, ended_at=ENDED - timedelta(days=2))
    send({"opioid_hours_since": 90}, now=after(1))
    run(after(1))
    before = Delivery.objects.filter(recipient=f"caregiver:{helper.pk}").count()
    move(procedure, ended_at=ENDED)
    run(after(2))
    assert Delivery.objects.filter(recipient=f"caregiver:{helper.pk}").count() == before + 1


def test_what_is_taken_back_at_night_is_told_in_the_morning(procedure: Procedure, run: Run, send: Send) -> None:
    move(procedure, ended_at=ENDED - timedelta(days=2))
    send({"opioid_hours_since": 90}, now=after(1))
    run(after(1))
    count = Delivery.objects.count()
    move(procedure, ended_at=ENDED)
    run(after(13))  # eleven in the evening
    assert Delivery.objects.count() == count
    assert said(procedure, after(13))
    run(after(22))  # eight in the morning
    assert Delivery.objects.filter(key__contains="back:").exists()


def test_a_small_correction_tells_nothing_twice(procedure: Procedure, run: Run, send: Send) -> None:
    send({"opioid_hours_since": 90}, now=after(1))
    run(after(1))
    count = Delivery.objects.count()
    move(procedure, ended_at=ENDED - timedelta(minutes=20))
    run(after(1.5))
    assert Delivery.objects.count() == count


def test_a_date_typed_too_late_tells_what_was_missed_as_one_message(
    procedure: Procedure, run: Run, send: Send
) -> None:
    send({"opioid_hours_since": 90}, now=after(1))
    run(after(1))
    count = Delivery.objects.count()
    move(procedure, ended_at=ENDED - timedelta(days=3))
    run(after(2))
    assert {"M-WALK-24H", "M-DRIVE-48H", "M-HOME-72H"} <= sent(procedure)
    assert Delivery.objects.count() == count + 1


def test_a_visit_that_moved_has_both_its_notes_again_and_the_patient_reads_the_new_day(
    procedure: Procedure, run: Run, send: Send
) -> None:
    visit = datetime(2026, 11, 13, 16, tzinfo=UTC)
    move(procedure, next_visit_at=visit)
    send(now=after(40))
    run(datetime(2026, 11, 12, 15, tzinfo=UTC))  # nine in the morning of the day before
    assert "M-FOLLOWUP" in sent(procedure)
    move(procedure, next_visit_at=visit + timedelta(days=1))
    now = datetime(2026, 11, 12, 18, tzinfo=UTC)
    run(now)
    assert said(procedure, now) == {"Your visit": "Your visit is now on Sat Nov 14, 10:00 AM."}
    run(datetime(2026, 11, 13, 15, tzinfo=UTC))
    assert Reminder.objects.filter(key="M-FOLLOWUP:2026-11-14:before", state="sent").exists()


def test_the_next_visit_after_one_that_took_place_takes_nothing_back(
    procedure: Procedure, run: Run, send: Send
) -> None:
    move(procedure, next_visit_at=datetime(2026, 11, 13, 16, tzinfo=UTC))
    send(now=after(40))
    run(datetime(2026, 11, 12, 15, tzinfo=UTC))
    move(procedure, next_visit_at=datetime(2026, 12, 15, 16, tzinfo=UTC))
    now = datetime(2026, 11, 14, 16, tzinfo=UTC)
    run(now)
    assert said(procedure, now) == {}
    assert not Reminder.objects.filter(state="taken_back").exists()


def test_a_blood_thinner_day_that_moved_after_it_was_told_says_call_if_you_started(
    procedure: Procedure, run: Run, send: Send
) -> None:
    move(procedure, blood_thinner_held=True, thinner_restart_on=date(2026, 11, 12))
    send(now=after(40))
    nine = datetime(2026, 11, 12, 15, tzinfo=UTC)
    run(nine)
    assert Reminder.objects.get(key="M-MEDS-HOLD:2026-11-12").state == "sent"
    move(procedure, thinner_restart_on=date(2026, 11, 19))
    run(nine + timedelta(hours=1))
    words = "The day is now Thu Nov 19. Did you start it already? Call your clinic today."
    assert said(procedure, nine + timedelta(hours=1)) == {"Your blood thinner": words}
    send(now=nine + timedelta(days=6, hours=20))
    run(nine + timedelta(days=7))
    assert Reminder.objects.get(key="M-MEDS-HOLD:2026-11-19").state == "sent"


def test_a_blood_thinner_held_back_on_its_day_asks_first_until_another_day_is_set(
    people: Cast, procedure: Procedure, run: Run, send: Send
) -> None:
    move(procedure, blood_thinner_held=True, thinner_restart_on=date(2026, 11, 12))
    fever = {"fever_feel": "yes", "temp_value": 101.0, "temp_unit": "F"}
    send(fever, now=after(40))
    nine = datetime(2026, 11, 12, 15, tzinfo=UTC)
    run(nine)
    step = Milestone.objects.get(procedure=procedure, key="M-MEDS-HOLD")
    assert (step.status, step.held_back) == ("withheld", ["M-MEDS-HOLD:2026-11-12"])
    assert not Reminder.objects.filter(milestone="M-MEDS-HOLD").exists()
    _close_alert(people, nine + timedelta(hours=1))
    send(now=nine + timedelta(hours=2))
    run(nine + timedelta(hours=2))
    step.refresh_from_db()
    assert (step.status, step.held_by) == ("ask_first", ["call_before_restart"])
    assert Reminder.objects.get(milestone="M-MEDS-HOLD").state == "sent"
    move(procedure, thinner_restart_on=date(2026, 11, 13))
    send(now=nine + timedelta(hours=20))
    run(nine + timedelta(days=1))
    step.refresh_from_db()
    assert (step.status, step.held_back) == ("reached", [])


def test_the_same_day_set_again_by_a_clinician_lifts_the_hold(
    people: Cast, procedure: Procedure, run: Run, send: Send
) -> None:
    day = date(2026, 11, 12)
    move(procedure, blood_thinner_held=True, thinner_restart_on=day)
    send({"fever_feel": "yes", "temp_value": 101.0, "temp_unit": "F"}, now=after(40))
    nine = datetime(2026, 11, 12, 15, tzinfo=UTC)
    run(nine)
    step = Milestone.objects.get(procedure=procedure, key="M-MEDS-HOLD")
    set_again(people, nine + timedelta(minutes=5))
    run(nine + timedelta(minutes=10))
    step.refresh_from_db()
    assert step.status == "withheld"  # the fever is still there, and the chart says so
    assert step.held_by
    _close_alert(people, nine + timedelta(hours=1))
    send(now=nine + timedelta(hours=2))
    run(nine + timedelta(hours=2))
    step.refresh_from_db()
    assert step.status == "ask_first"
    set_again(people, nine + timedelta(hours=3))
    run(nine + timedelta(hours=3))
    step.refresh_from_db()
    assert (step.status, step.held_back) == ("reached", [])


def set_again(people: Cast, now: datetime) -> None:
    """As the record form does, with nothing changed but the tick."""
    procedure = Procedure.objects.get(patient=people.patient, closed_at__isnull=True)
    save_record(
        staff=people.nurse,
        patient=people.patient,
        procedure=procedure,
        person={name: getattr(people.patient, name) for name in ("phone", "email", "mrn")},
        record={"restart_again": True},
        fields={"restart_again"},
        another_person=True,
        now=now,
    )


def test_the_plan_is_looked_at_again_when_the_time_of_a_step_comes(procedure: Procedure, run: Run) -> None:
    move(procedure, blood_thinner_held=True, thinner_restart_on=date(2026, 11, 11))
    now = datetime(2026, 11, 11, 13, tzinfo=UTC)
    run(now)
    due = Patient.all_clinics.get(pk=procedure.patient_id).plan_due_at
    assert due is not None
    assert due <= datetime(2026, 11, 11, 15, tzinfo=UTC)


def test_what_an_earlier_recovery_allowed_is_taken_back_by_a_second_procedure(
    people: Cast, procedure: Procedure, run: Run, send: Send
) -> None:
    send({"opioid_hours_since": 90}, now=after(47))
    run(after(48))
    assert "M-DRIVE-48H" in sent(procedure)
    move(procedure, closed_at=after(60))
    second = make_procedure(people.patient, after(70), recorded_at=after(71))
    run(after(72))
    assert said(second, after(72)) == {
        "Short walks": "Not before Sat Nov 14.",
        "Driving": "Not before Sun Nov 15.",
    }
    assert Delivery.objects.filter(key__contains="back:").count() == 1


def test_a_silence_counted_from_a_wrong_date_closes_with_the_correction(
    people: Cast, procedure: Procedure, run: Run
) -> None:
    move(procedure, ended_at=A_YEAR_EARLY)
    run(after(1))
    assert Alert.objects.get().state != "resolved"
    move(procedure, ended_at=ENDED)
    run(after(2))
    assert Alert.objects.get().state == "resolved"


def test_short_fine_ends_silence_and_frees_nothing(procedure: Procedure, run: Run, send: Send) -> None:
    send({"opioid_hours_since": 90}, now=after(1))
    send(now=after(47), answers={"short_answer": "fine", "door": "sms"})
    loaded = record.with_overrides(Procedure.objects.filter(pk=procedure.pk)).get()
    at = current_state.load(loaded, after(48))
    assert at.last_log
    assert at.last_log.happened_at == after(47)
    assert current_state.state(at, [])["last_log_at"] == after(1)
    assert refresh.statuses(at)["M-DRIVE-48H"].reasons == ("no_recent_log",)


def _close_alert(people: Cast, now: datetime) -> None:
    for alert in Alert.objects.exclude(state="resolved"):
        lifecycle.resolve(alert=alert, staff=people.nurse, outcome="expected", note="Seen.", now=now)


@override_settings(STAFF_SECOND_FACTOR=False)
@pytest.mark.slow
def test_the_patient_reads_on_today_and_the_nurse_on_the_chart_what_was_taken_back(
    people: Cast, run: Run, send: Send
) -> None:
    now = timezone.now()
    move(people.procedure, ended_at=now - timedelta(hours=60), recorded_at=now)
    send({"opioid_hours_since": 90}, now=now)
    # Whatever the hour: no quiet hours.
    ClinicOverride.objects.create(
        procedure=people.procedure, key="quiet_hours", value=["00:00", "00:00"], staff=people.nurse,
        reason="Told to.", set_at=now,
    )  # fmt: skip
    run(now)
    move(people.procedure, ended_at=now - timedelta(hours=1))
    run(now + timedelta(seconds=1))
    today = text(signed_in(people.patient).get("/today/"))
    assert "The days in your plan have changed" in today
    assert re.search(r"<strong>Driving</strong><br>\s*Not before", today)
    chart = text(signed_in(people.nurse).get(f"/desk/patients/{people.patient.code}/"))
    assert "Told too early, and taken back" in chart
    assert "<span>Driving</span> told" in chart
    told = Delivery.objects.get(key__contains="back:")
    assert told.message == "patient_reminder"


@pytest.mark.slow
def test_a_note_that_goes_out_again_is_a_message_of_its_own(procedure: Procedure, run: Run, send: Send) -> None:
    move(procedure, ended_at=ENDED - timedelta(days=2))
    send({"opioid_hours_since": 90}, now=after(-1))
    for hours in (-1, 0):
        run(after(hours))
    first = Reminder.objects.get(key="M-DRIVE-48H").delivery
    move(procedure, ended_at=ENDED)
    send({"opioid_hours_since": 90}, now=after(47))
    for hours in (1, 47, 48):
        run(after(hours))
    again = Reminder.objects.get(key="M-DRIVE-48H", state="sent").delivery
    assert first
    assert again
    assert again.pk != first.pk
    assert again.created_at == after(48)


def test_what_is_taken_back_in_the_hospital_is_told_on_the_way_home(
    people: Cast, procedure: Procedure, run: Run, send: Send
) -> None:
    move(procedure, ended_at=ENDED - timedelta(days=2))
    send({"opioid_hours_since": 90}, now=after(1))
    run(after(1))
    known = {"since": after(1), "noted_at": after(1), "checked_at": after(1)}
    stay = HospitalStay.objects.create(
        patient=people.patient, noted_by=people.nurse, checked_by=people.nurse, **known
    )
    move(procedure, ended_at=ENDED)
    run(after(2))
    assert not Delivery.objects.filter(key__contains="back:").exists()
    HospitalStay.objects.filter(pk=stay.pk).update(ended_at=after(2.5), ended_by=people.nurse)
    run(after(4))
    assert Delivery.objects.filter(key__contains="back:").exists()
