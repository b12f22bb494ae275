"""A trip: the patient says where they are until when; reminders follow, and no step of the plan comes sooner."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from patients.forms.travel import TravelForm
from patients.models import AccessEvent, Patient, Procedure, Travel
from patients.services.records import save_record
from patients.services.travel import begin_travel, end_travel
from recovery.care_plan import refresh
from recovery.journey.travels import end_due
from recovery.models import Reminder
from recovery.plan.book import default_book
from recovery.plan.situation import read_situation
from recovery.state import record
from tests.patients.pages import signed_in, text
from tests.people import Cast

HOME, MADRID, TOKYO, HAWAII = "America/Chicago", "Europe/Madrid", "Asia/Tokyo", "Pacific/Honolulu"


@pytest.fixture
def now(people: Cast) -> datetime:
    Patient.all_clinics.filter(pk=people.patient.pk).update(timezone=HOME, plan_due_at=None)
    Procedure.objects.filter(pk=people.procedure.pk).update(ended_at=timezone.now() - timedelta(days=3))
    return timezone.now()


def go(people: Cast, zone: str, now: datetime, days: int = 5) -> bool:
    user = people.patient.user
    assert user
    return begin_travel(patient=people.patient, actor=user, zone=zone, due_at=now + timedelta(days=days), now=now)


def zone_of(people: Cast) -> str:
    return Patient.all_clinics.get(pk=people.patient.pk).timezone


def test_it_begins_at_once_ends_by_itself_and_both_are_seen(people: Cast, now: datetime) -> None:
    assert go(people, MADRID, now)
    assert zone_of(people) == MADRID
    assert AccessEvent.objects.filter(patient=people.patient, action="is travelling", subject=MADRID).exists()
    assert end_due(now + timedelta(days=4, hours=23)) == 0
    assert end_due(now + timedelta(days=5)) == 1
    assert zone_of(people) == HOME
    assert end_due(now + timedelta(days=6)) == 0


@pytest.mark.parametrize("address", ["/today/", "/my/travel/"])
def test_the_last_day_is_named_and_not_the_midnight_after_it(people: Cast, now: datetime, address: str) -> None:
    zone = ZoneInfo(MADRID)
    last = now.astimezone(zone).date() + timedelta(days=3)
    midnight = datetime.combine(last + timedelta(days=1), time(), zone)
    begin_travel(patient=people.patient, actor=people.patient.user, zone=MADRID, due_at=midnight, now=now)
    page = text(signed_in(people.patient.user).get(address))
    assert f"until the end of {last:%a %b} {last.day}." in page


def test_a_second_trip_still_ends_at_home(people: Cast, now: datetime) -> None:
    go(people, MADRID, now)
    go(people, TOKYO, now + timedelta(hours=1))
    assert Travel.objects.filter(patient=people.patient, ended_at__isnull=True).get().home_zone == HOME
    end_due(now + timedelta(days=6))
    assert zone_of(people) == HOME


def test_home_again_before_the_last_day(people: Cast, now: datetime) -> None:
    go(people, MADRID, now)
    user = people.patient.user
    assert user
    assert end_travel(patient=people.patient, actor=user, now=now + timedelta(days=1))
    assert zone_of(people) == HOME
    assert not end_travel(patient=people.patient, actor=user, now=now + timedelta(days=1))


def test_the_zone_of_home_is_no_travel(people: Cast, now: datetime) -> None:
    assert not go(people, HOME, now)
    go(people, MADRID, now)
    assert not go(people, HOME, now)
    assert zone_of(people) == HOME
    assert not Travel.objects.filter(ended_at__isnull=True).exists()


def test_reminders_and_quiet_hours_follow_the_clocks_there(people: Cast, now: datetime) -> None:
    Patient.all_clinics.filter(pk=people.patient.pk).update(plan_due_at=now)
    refresh.refresh_due(now)
    at_home = {row.due_at.astimezone(ZoneInfo(HOME)).hour for row in notes(people)}
    go(people, TOKYO, now)
    refresh.refresh_due(now)
    there = {row.due_at.astimezone(ZoneInfo(TOKYO)).hour for row in notes(people)}
    assert at_home
    assert there
    assert all(8 <= hour < 21 for hour in at_home | there)


def notes(people: Cast) -> list[Reminder]:
    return list(Reminder.objects.filter(procedure=people.procedure, state="pending", key__startswith="log:"))


@pytest.mark.parametrize("zone", [MADRID, TOKYO, HAWAII, HOME])
def test_no_trip_brings_a_step_sooner(people: Cast, now: datetime, zone: str) -> None:
    def day_fourteen() -> datetime:
        procedure = record.with_overrides(Procedure.objects.filter(pk=people.procedure.pk)).get()
        state = {"tier": "on_track"}
        return read_situation(record.patient_record(procedure, []), state, now, default_book()).day(14)

    before = day_fourteen()
    go(people, zone, now)
    assert day_fourteen() >= before


def test_a_zone_that_staff_write_is_that_of_home(people: Cast, now: datetime) -> None:

    go(people, MADRID, now)
    save_record(
        staff=people.nurse,
        patient=people.patient,
        procedure=None,
        person={
            **{
                name: getattr(people.patient, name)
                for name in ("first_name", "last_name", "phone", "email", "mrn")
            },
            "birth_date": people.patient.birth_date,
            "timezone": "America/Denver",
        },
        record={},
        fields={"timezone"},
        another_person=True,
        now=now,
    )
    assert zone_of(people) == MADRID
    end_due(now + timedelta(days=30))
    assert zone_of(people) == "America/Denver"


def test_days_end_by_the_clocks_of_the_place() -> None:

    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    form = TravelForm({"zone": MADRID, "until": "2026-10-25"}, now=now)
    assert form.is_valid(), form.errors
    # The clocks of Madrid go back that day, so it has 25 hours.
    assert form.due_at() == datetime(2026, 10, 25, 23, tzinfo=UTC)
    for zone, until, field in (
        ("Moon/Base", "2026-10-25", "zone"),
        (MADRID, "2026-10-23", "until"),
        (MADRID, "2027-02-01", "until"),
        (MADRID, "2026-02-31", "until"),
        ("", "", "zone"),
    ):
        wrong = TravelForm({"zone": zone, "until": until}, now=now)
        assert field in wrong.errors, (zone, until)


def test_the_page_begins_a_trip_and_brings_them_home(people: Cast, now: datetime) -> None:
    phone = signed_in(people.patient)
    assert "clocks of Chicago" in text(phone.get("/my/travel/?zone=Europe/Madrid"))
    assert '<option value="Europe/Madrid" selected>' in text(phone.get("/my/travel/?zone=Europe/Madrid"))
    assert "Moon" not in text(phone.get("/my/travel/?zone=Moon/Base"))
    wrong = phone.post("/my/travel/", {"zone": "Madrid", "until": "2020-01-01"})
    assert wrong.status_code == 422
    assert "Pick one from the list" in text(wrong)
    assert 'value="2020-01-01"' in text(wrong)
    until = (now + timedelta(days=3)).date().isoformat()
    assert phone.post("/my/travel/", {"zone": MADRID, "until": until}).status_code == 302
    assert "clocks of Madrid" in text(phone.get("/my/travel/"))
    chart = text(signed_in(people.nurse).get(f"/desk/patients/{people.patient.code}/"))
    assert "Travelling:" in chart
    assert "clocks of Madrid" in chart
    phone.post("/my/travel/", {"home": "yes"})
    assert zone_of(people) == HOME


def test_a_page_of_the_record_that_was_open_before_the_trip_changes_nothing(people: Cast, now: datetime) -> None:
    go(people, MADRID, now)
    page = text(signed_in(people.nurse).get(f"/desk/patients/{people.patient.code}/record/"))
    assert f'value="{HOME}"' in page
    assert MADRID not in page
