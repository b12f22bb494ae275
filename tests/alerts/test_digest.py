"""The morning message: once a day, at eight by the clinic's clocks, and only when something waits."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest

from alerts import lifecycle
from alerts.messaging.message_texts import render
from alerts.models import Delivery, Digest, OnCallShift
from alerts.monitoring.sweep import sweep
from patients.audit import changed
from patients.models import Patient
from recovery.journey import digest
from recovery.logs.read import read_log
from recovery.logs.submit import submit_log
from tests.alerts.steps import NUMB, SILENT, TIRED, raise_for
from tests.people import Cast, make_patient, make_procedure
from tests.recovery.conftest import CALM

EIGHT = datetime(2026, 6, 11, 13, 0, tzinfo=UTC)  # 8:00 in Chicago
DAY = timedelta(days=1)


@pytest.fixture
def coming(people: Cast, now: datetime) -> Digest:
    """Cedar's next morning, written by a first pass on the day before."""
    assert digest.send_due(now) == 0
    return Digest.objects.get(clinic=people.clinic)


def mails() -> list[str]:
    rows = Delivery.objects.filter(message="staff_digest").order_by("id")
    assert set(rows.values_list("channel", flat=True)) <= {"email"}
    return list(rows.values_list("recipient", flat=True))


def test_the_next_morning_is_a_row_before_it_comes(people: Cast, coming: Digest) -> None:
    assert (coming.local_date, coming.due_at, coming.state) == (date(2026, 6, 11), EIGHT, "pending")
    denver = Digest.objects.get(clinic=people.other_clinic)
    assert denver.due_at == datetime(2026, 6, 11, 14, 0, tzinfo=UTC)


def test_it_counts_watch_and_silence_that_nobody_took(people: Cast, now: datetime, coming: Digest) -> None:
    for n, sign in enumerate((TIRED, SILENT, NUMB, TIRED, TIRED)):
        alert = raise_for(make_patient(people.clinic, f"P{n}"), sign, now=now)
        if n == 3:
            lifecycle.snooze(alert=alert, staff=people.nurse, until=now + 2 * DAY, reason="x", now=now)
        if n == 4:
            lifecycle.acknowledge(alert_code=alert.code, staff=people.nurse, now=now)
    raise_for(people.other_patient, TIRED, now=now)
    assert digest.send_due(EIGHT) == 1
    coming.refresh_from_db()
    assert (coming.state, coming.items) == ("sent", 2)
    assert mails() == [f"staff:{people.nurse.pk}", f"staff:{people.nurse2.pk}"]


def test_only_the_nurse_on_call_is_written_to_when_there_is_one(
    people: Cast, now: datetime, coming: Digest
) -> None:
    raise_for(people.patient, TIRED, now=now)
    OnCallShift.objects.create(
        clinic=people.clinic, staff=people.nurse2, role="nurse", starts_at=now, ends_at=now + 2 * DAY
    )
    digest.send_due(EIGHT)
    assert mails() == [f"staff:{people.nurse2.pk}"]


def test_nothing_waits_nothing_is_sent(people: Cast, now: datetime, coming: Digest) -> None:
    raise_for(people.patient, NUMB, now=now)
    digest.send_due(EIGHT)
    coming.refresh_from_db()
    assert (coming.state, mails()) == ("nothing", [])


def test_a_morning_goes_out_once_and_the_next_is_written(people: Cast, now: datetime, coming: Digest) -> None:
    raise_for(people.patient, TIRED, now=now)
    for late in (0, 1, 2):
        digest.send_due(EIGHT + timedelta(minutes=late))
    assert len(mails()) == 2
    following = Digest.objects.get(clinic=people.clinic, state="pending")
    assert following.due_at == EIGHT + DAY
    digest.send_due(EIGHT + DAY)
    assert len(mails()) == 4


def test_a_morning_that_everything_slept_through_is_not_sent_the_day_after(
    people: Cast, now: datetime, coming: Digest
) -> None:
    raise_for(people.patient, TIRED, now=now)
    digest.send_due(EIGHT + timedelta(hours=5))
    assert len(mails()) == 2
    digest.send_due(EIGHT + 3 * DAY)
    missed = Digest.objects.filter(clinic=people.clinic, state="missed")
    assert [row.local_date for row in missed] == [date(2026, 6, 12)]
    assert len(mails()) == 2


def test_after_days_without_anything_todays_morning_comes_late_and_once(
    people: Cast, now: datetime, coming: Digest
) -> None:
    raise_for(people.patient, TIRED, now=now)
    ten = EIGHT + 3 * DAY + timedelta(hours=2)
    for minutes in range(5):
        digest.send_due(ten + timedelta(minutes=minutes))
    states = Digest.objects.filter(clinic=people.clinic).order_by("local_date").values_list("local_date", "state")
    assert [(day.day, state) for day, state in states] == [(11, "missed"), (14, "sent"), (15, "pending")]
    assert len(mails()) == 2


def test_a_new_clinic_waits_for_its_first_morning(people: Cast, now: datetime) -> None:
    digest.send_due(now)
    assert set(Digest.objects.values_list("state", flat=True)) == {"pending"}
    assert Digest.objects.get(clinic=people.clinic).due_at > now


@pytest.mark.parametrize(
    ("day", "utc_hour"), [(date(2026, 3, 7), 14), (date(2026, 3, 8), 13), (date(2026, 11, 1), 14)]
)
def test_eight_is_eight_on_the_days_the_clocks_change(people: Cast, day: date, utc_hour: int) -> None:
    assert digest.morning_at(people.clinic, day) == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)


def test_a_clinic_may_have_another_hour(people: Cast) -> None:
    people.clinic.morning = time(6, 45)
    assert digest.morning_at(people.clinic, date(2026, 6, 1)) == datetime(2026, 6, 1, 11, 45, tzinfo=UTC)


def test_it_says_how_many_and_never_who_or_why() -> None:
    one, many = render("staff_digest", {"items": 1}).body, render("staff_digest", {"items": 12}).body
    assert one.startswith("1 item waits on your list. Please open: http")
    assert many.startswith("12 items wait on your list. Please open: http")


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"items": 0, "notes": 1}, "1 patient wrote a note that nobody has read. Please open: http"),
        (
            {"items": 1, "notes": 3},
            "1 item waits on your list. 3 patients wrote notes that nobody has read. Please open: http",
        ),
    ],
)
def test_it_says_how_many_wrote_a_note_that_waits(counts: dict[str, int], words: str) -> None:
    assert render("staff_digest", counts).body.startswith(words)


def test_notes_nobody_has_read_are_counted_by_patient_and_once_read_no_more(
    people: Cast, now: datetime, coming: Digest
) -> None:
    chatty, read, calm = (make_patient(people.clinic, name) for name in ("Chatty", "Read", "Calm"))
    for patient in (chatty, chatty, read, people.other_patient):
        note(patient, now, "It tastes of metal.")
    note(calm, now, "")
    changed(read, people.nurse.user, "opened the chart", "", now + timedelta(minutes=1))
    digest.send_due(EIGHT)
    coming.refresh_from_db()
    assert (coming.state, coming.items, coming.notes) == ("sent", 0, 1)
    assert len(mails()) == 2


def note(patient: Patient, now: datetime, words: str) -> None:
    """A calm log with some words of the patient's own."""
    procedure = patient.procedures.first() or make_procedure(patient, now - 2 * DAY)
    assert patient.user
    submit_log(
        read_log(
            patient=patient,
            procedure=procedure,
            entered_by=patient.user,
            client_id=uuid.uuid4(),
            answered_at=now,
            answers={**CALM, "notes": words},
            now=now,
        )
    )


def test_the_sweep_sends_it(people: Cast, now: datetime, coming: Digest, mailoutbox: list) -> None:
    raise_for(people.patient, TIRED, now=now)
    digest.send_due(EIGHT)
    sweep(EIGHT)
    subjects = [mail.subject for mail in mailoutbox]
    assert subjects.count("Kypho Recovery: your list this morning") == 2


def test_a_pass_with_nothing_to_do_costs_two_statements(
    people: Cast, now: datetime, coming: Digest, django_assert_num_queries
) -> None:
    with django_assert_num_queries(4):  # two of them are the savepoint of a test
        digest.send_due(now)
