"""Who is on call in the next seven days, and when nobody is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.coverage import Span, gaps
from alerts.models import OnCallShift
from alerts.views.oncall import week
from patients.models import Staff
from tests.alerts.test_policy_page import browser
from tests.people import Cast

ONCALL = "/desk/oncall/"
CHICAGO = ZoneInfo("America/Chicago")


def at(hour: int) -> datetime:
    """An hour of one day."""
    return datetime(2026, 6, 10, tzinfo=UTC) + timedelta(hours=hour)


def shift(staff: Staff, starts_at: datetime, hours: float) -> OnCallShift:
    """A row."""
    return OnCallShift.objects.create(
        clinic=staff.clinic,
        staff=staff,
        role=staff.role,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
    )


def local(moment: datetime) -> str:
    """As a browser in the clinic sends it."""
    return moment.astimezone(CHICAGO).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("spans", "uncovered"),
    [
        ([], [(0, 24)]),
        ([(0, 24)], []),
        ([(-5, 8), (8, 30)], []),
        ([(2, 8), (6, 12)], [(0, 2), (12, 24)]),
        ([(20, 30), (1, 3)], [(0, 1), (3, 20)]),
        ([(0, 20), (5, 6)], [(20, 24)]),
        ([(30, 40)], [(0, 24)]),
    ],
)
def test_a_gap_is_a_time_no_shift_covers(spans: list[tuple[int, int]], uncovered: list[tuple[int, int]]) -> None:
    found = gaps([Span(at(start), at(end)) for start, end in spans], at(0), at(24))
    assert found == [Span(at(start), at(end)) for start, end in uncovered]


def test_a_week_follows_the_clinics_days_over_the_change_of_clocks(people: Cast) -> None:
    now = datetime(2026, 10, 30, 15, 0, tzinfo=UTC)
    days = week(people.clinic, now)
    lengths = [(day.ends_at.astimezone(UTC) - day.starts_at.astimezone(UTC)) / timedelta(hours=1) for day in days]
    assert lengths == [14, 24, 25, 24, 24, 24, 24]
    assert all(day.gaps == [Span(day.starts_at, day.ends_at)] for day in days)


def test_a_physicians_shift_or_a_suspended_nurses_leaves_the_gap(people: Cast, now: datetime) -> None:
    shift(people.physician, now, 24 * 8)
    shift(people.nurse, now, 24 * 8)
    assert not any(day.gaps for day in week(people.clinic, now))
    Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    assert all(day.gaps for day in week(people.clinic, now))


def test_the_shifts_of_another_clinic_are_not_shown(people: Cast, now: datetime) -> None:
    shift(people.other_nurse, now, 24)
    assert not any(day.shifts for day in week(people.clinic, now))


def test_a_manager_adds_and_removes_a_shift_in_the_clinics_time(people: Cast) -> None:
    client = browser(people.manager)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    data = {"staff": people.nurse.pk, "starts_at": local(start), "ends_at": local(start + timedelta(hours=12))}
    assert client.post(ONCALL, data).status_code == 302
    row = OnCallShift.objects.get()
    assert (row.staff_id, row.role, row.starts_at) == (people.nurse.pk, "nurse", start)
    page = client.get(ONCALL).content.decode()
    assert "Nora Staff" in page
    assert "No nurse on call" in page
    assert client.post(f"{ONCALL}{row.pk}/remove/").status_code == 302
    assert not OnCallShift.objects.exists()


@pytest.mark.parametrize(
    ("start_hours", "end_hours", "sentence"),
    [
        (5, 5, "has to end after it starts"),
        (5, 2, "has to end after it starts"),
        (-9, -1, "is over already"),
        (1, 24 * 8, "at most 7 days"),
        (3, 5, "is on call in this time already"),
    ],
)
def test_a_shift_that_can_not_be_is_explained(
    people: Cast, start_hours: int, end_hours: int, sentence: str
) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    shift(people.nurse, now + timedelta(hours=4), 8)
    data = {
        "staff": people.nurse.pk,
        "starts_at": local(now + timedelta(hours=start_hours)),
        "ends_at": local(now + timedelta(hours=end_hours)),
    }
    answer = browser(people.manager).post(ONCALL, data)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert f'value="{data["starts_at"]}"' in page
    assert OnCallShift.objects.count() == 1


def test_an_hour_that_does_not_exist_is_explained(people: Cast) -> None:
    data = {"staff": people.nurse.pk, "starts_at": "2031-03-09T02:30", "ends_at": "2031-03-09T12:00"}
    assert browser(people.manager).post(ONCALL, data).status_code == 200
    assert not OnCallShift.objects.exists()


def test_only_people_of_the_clinic_who_care_for_patients_are_on_call(people: Cast) -> None:
    form = browser(people.manager).get(ONCALL).context["form"]
    offered = {person.pk for person in form.fields["staff"].queryset}
    assert offered == {people.nurse.pk, people.nurse2.pk, people.physician.pk}


def test_nurses_read_and_others_find_nothing(people: Cast, now: datetime) -> None:
    row = shift(people.nurse, timezone.now(), 8)
    client = browser(people.nurse)
    page = client.get(ONCALL)
    assert page.status_code == 200
    assert b"Add this shift" not in page.content
    assert client.post(ONCALL, {}).status_code == 404
    assert client.post(f"{ONCALL}{row.pk}/remove/").status_code == 404
    foreign = shift(people.other_nurse, timezone.now(), 8)
    assert browser(people.manager).post(f"{ONCALL}{foreign.pk}/remove/").status_code == 404
    assert OnCallShift.objects.count() == 2
    assert Client().get(ONCALL).status_code == 302
