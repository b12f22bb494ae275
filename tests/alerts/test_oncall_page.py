"""Who is on call in seven days, and when nobody is: the page, by the clinic's clocks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import OnCallChange, OnCallShift
from alerts.oncall.forms import ShiftForm
from alerts.oncall.gaps import Duty, Span, gaps, on_call_at
from alerts.oncall.shifts import version_of
from alerts.oncall.week import week
from patients.models import Staff
from tests.alerts.steps import shift
from tests.alerts.test_policy_page import browser
from tests.database import FOR_WHOM
from tests.patients.pages import text
from tests.people import Cast, make_staff

ONCALL = "/desk/oncall/"
CHICAGO = ZoneInfo("America/Chicago")


def at(hour: int) -> datetime:
    """An hour of one day."""
    return datetime(2026, 6, 10, tzinfo=UTC) + timedelta(hours=hour)


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
        ([(2, 24), (30, 40)], [(0, 2)]),
        ([(-9, -5), (25, 30), (30, 40)], [(0, 24)]),
    ],
)
def test_a_gap_is_a_time_no_shift_covers(spans: list[tuple[int, int]], uncovered: list[tuple[int, int]]) -> None:
    found = gaps([Span(at(start), at(end)) for start, end in spans], at(0), at(24))
    assert found == [Span(at(start), at(end)) for start, end in uncovered]


@pytest.mark.parametrize(
    ("hour", "working", "who"),
    [
        (1, {1, 2, 3}, {1, 3}),
        (5, {1, 2, 3}, {2, 3}),  # the override wins in its span, and takes nobody else off
        (8, {1, 2, 3}, {1, 3}),  # its end is not part of it
        (5, {1, 3}, {1, 3}),  # nobody is taken off for somebody who left
        (5, set(), set()),
        (12, {1, 2, 3}, set()),
    ],
)
def test_an_override_wins_in_its_span(hour: int, working: set[int], who: set[int]) -> None:
    duties = [
        Duty(11, 1, "nurse", Span(at(0), at(12))),
        Duty(12, 2, "nurse", Span(at(4), at(8)), replaces=11),
        Duty(13, 3, "nurse", Span(at(0), at(12))),
    ]
    assert {staff for staff, _ in on_call_at(duties, at(hour), working)} == who


@pytest.mark.parametrize(
    ("first", "hours"),
    [(date(2026, 10, 30), [24, 24, 25, 24, 24, 24, 24]), (date(2026, 3, 6), [24, 24, 23, 24, 24, 24, 24])],
)
def test_a_week_follows_the_clinics_days_over_the_change_of_clocks(
    people: Cast, first: date, hours: list[int]
) -> None:
    now = datetime(first.year, first.month, first.day, 15, 0, tzinfo=UTC)
    days = week(people.clinic, first, now)
    assert [day.hours for day in days] == hours
    assert [day.is_today for day in days] == [True] + [False] * 6
    assert [day.cells[0].gaps for day in days][1:] == [("all day",)] * 6
    assert days[0].cells[0].gaps == ("9:00 AM to 12:00 AM" if first.month == 3 else "10:00 AM to 12:00 AM",)


def test_a_physicians_shift_or_a_suspended_nurses_leaves_the_gap(people: Cast, now: datetime) -> None:
    shift(people.physician, now, 24 * 8)
    shift(people.nurse, now, 24 * 8)
    assert not any(day.cells[0].gaps for day in week(people.clinic, now.date(), now))
    Staff.objects.filter(pk=people.nurse.pk).update(active=False)
    assert all(day.cells[0].gaps for day in week(people.clinic, now.date(), now))


def test_a_part_that_somebody_takes_is_named_on_its_own_day_alone(people: Cast, now: datetime) -> None:
    own = shift(people.nurse, now, 30)
    shift(people.nurse2, now + timedelta(hours=2), 3, replaces=own)
    days = week(people.clinic, now.date(), now)
    first, second = (day.cells[0].entries[0] for day in days[:2])
    assert (first.except_for, second.except_for) == (("12:00 PM to 3:00 PM: Niles Staff",), ())
    assert (first.hours, second.hours) == ("from 10:00 AM", "until 4:00 PM")


def test_the_shifts_of_another_clinic_are_not_shown(people: Cast, now: datetime) -> None:
    shift(people.other_nurse, now, 24)
    assert not any(cell.entries for day in week(people.clinic, now.date(), now) for cell in day.cells)


def test_a_manager_adds_and_removes_a_shift_in_the_clinics_time(people: Cast) -> None:
    client = browser(people.manager)
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    data = {"staff": people.nurse.pk, "starts_at": local(start), "ends_at": local(start + timedelta(hours=12))}
    assert client.post(ONCALL, data).status_code == 302
    row = OnCallShift.objects.get()
    assert (row.staff_id, row.role, row.starts_at) == (people.nurse.pk, "nurse", start)
    page = text(client.get(ONCALL))
    assert "Nora Staff" in page
    assert "<strong>Nobody</strong>" in page
    assert "Times without a nurse on call in the next 7 days" in page
    assert client.post(f"{ONCALL}{row.pk}/remove/", {"seen": version_of(row)}).status_code == 302
    assert not OnCallShift.objects.exists()
    history = text(client.get(ONCALL))
    assert "added a shift: Nora Staff" in history
    assert "removed a shift: Nora Staff" in history


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "walls"),
    [
        # clocks go back on Nov 1: the night has 13 hours; forward on Mar 14: 11
        ("2027-11-06T19:00", "2027-11-07T07:00", 13),
        ("2027-03-13T19:00", "2027-03-14T07:00", 11),
    ],
)
def test_a_weekly_shift_keeps_its_wall_times_over_the_change(
    people: Cast, starts_at: str, ends_at: str, walls: int
) -> None:
    now = datetime.fromisoformat(starts_at).replace(tzinfo=UTC) - timedelta(days=20)
    first = datetime.fromisoformat(starts_at) - timedelta(days=7)
    last = datetime.fromisoformat(ends_at) - timedelta(days=7)
    times = {"starts_at": first.isoformat()[:16], "ends_at": last.isoformat()[:16]}
    data = {"staff": people.nurse.pk, **times, "weeks": 3}
    form = ShiftForm(data, clinic=people.clinic, now=now, people=[people.nurse])
    assert form.is_valid(), form.errors
    hours = [(span.ends_at - span.starts_at) / timedelta(hours=1) for span in form.spans()]
    assert hours == [12, walls, 12]
    assert {local(span.starts_at)[11:] for span in form.spans()} == {"19:00"}
    assert {local(span.ends_at)[11:] for span in form.spans()} == {"07:00"}


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2027-03-14T02:30", datetime(2027, 3, 14, 8, 30, tzinfo=UTC)),  # missing: 3:30 on the new clocks
        ("2027-11-07T01:30", datetime(2027, 11, 7, 6, 30, tzinfo=UTC)),  # doubled: the first
    ],
)
def test_a_missing_wall_time_moves_on_and_a_doubled_one_is_the_first(
    people: Cast, typed: str, moment: datetime
) -> None:
    data = {"staff": people.nurse.pk, "starts_at": typed, "ends_at": f"{typed[:10]}T12:00"}
    form = ShiftForm(data, clinic=people.clinic, now=moment - timedelta(days=1), people=[people.nurse])
    assert form.is_valid(), form.errors
    assert form.span.starts_at == moment


@pytest.mark.parametrize(
    ("start_hours", "end_hours", "others", "sentence"),
    [
        (5, 5, {}, "has to end after it starts"),
        (5, 2, {}, "has to end after it starts"),
        (-9, -1, {}, "is over already"),
        (1, 24 * 8, {}, "at most 7 days"),
        (3, 5, {}, "Nora Staff is on call already: "),
        (-165, -157, {}, "is over already"),
        (9000, 9005, {}, "more than a year away"),
        (13, 15, {"weeks": 13}, "Allowed are 1 to 12 weeks."),
        (13, 15, {"weeks": 0}, "Allowed are 1 to 12 weeks."),
        (13, 15, {"weeks": "x" * 99}, "Write a whole number from 1 to 12."),
        (13, 15, {"starts_at": "0001-01-01T00:00"}, "Choose a date and a time"),
        (13, 15, {"ends_at": "9999-12-31T23:59"}, "Choose a date and a time"),
        (13, 15, {"starts_at": "soon"}, "Choose a date and a time"),
        (13, 15, {"staff": ""}, "Choose who is on call."),
        (13, 15, {"staff": "999999"}, "Choose somebody who works here."),
    ],
)
def test_a_shift_that_can_not_be_is_explained(
    people: Cast, start_hours: int, end_hours: int, others: dict[str, Any], sentence: str
) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    shift(people.nurse, now + timedelta(hours=4), 8)
    data = {
        "staff": people.nurse.pk,
        "starts_at": local(now + timedelta(hours=start_hours)),
        "ends_at": local(now + timedelta(hours=end_hours)),
        **others,
    }
    answer = browser(people.manager).post(ONCALL, data)
    page = text(answer)
    assert answer.status_code == 200
    assert sentence in page
    assert f'value="{data["starts_at"]}"' in page
    assert OnCallShift.objects.count() == 1


def test_the_week_that_is_in_the_way_of_a_weekly_shift_is_named(people: Cast) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    other = shift(people.nurse, now + timedelta(days=15), 4)
    start = now + timedelta(days=1)
    data = {"staff": people.nurse.pk, "starts_at": local(start), "ends_at": local(start + timedelta(hours=6))}
    answer = browser(people.manager).post(ONCALL, {**data, "weeks": 4})
    assert f"is on call already: {other.starts_at.astimezone(CHICAGO):%a %b} " in text(answer)
    assert OnCallShift.objects.count() == 1
    data["staff"] = people.nurse2.pk  # two nurses at once are welcome
    assert browser(people.manager).post(ONCALL, {**data, "weeks": 4}).status_code == 302
    assert OnCallShift.objects.count() == 5
    assert OnCallChange.objects.get().detail["weeks"] == 4


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
    assert browser(people.manager).get(f"{ONCALL}{foreign.pk}/").status_code == 404
    assert OnCallShift.objects.count() == 2
    assert Client().get(ONCALL).status_code == 302


@pytest.mark.parametrize("typed", ["2026-13-45", "", "x", "0001-01-01", "9999-12-31"])
def test_a_week_nobody_can_mean_is_this_week(people: Cast, typed: str) -> None:
    page = browser(people.nurse).get(ONCALL, {"from": typed})
    assert page.context["is_now"]


def test_other_weeks_are_a_link_away(people: Cast) -> None:
    client = browser(people.nurse)
    after = client.get(ONCALL).context["after"]
    later = client.get(ONCALL, {"from": after.isoformat()})
    assert later.context["first"] == after
    assert not any(day.is_today for day in later.context["days"])
    assert "From today" in text(later)


@pytest.mark.usefixtures("nothing_runs_out")
def test_the_week_costs_at_most_14_statements(people: Cast, django_assert_max_num_queries) -> None:
    start = timezone.now()
    for n in range(20):
        row = shift(make_staff(people.clinic, "nurse", first_name=f"N{n}"), start + timedelta(hours=6 * n), 12)
        shift(make_staff(people.clinic, "nurse", first_name=f"P{n}"), row.starts_at, 3, replaces=row)
    client = browser(people.manager)
    client.get(ONCALL)
    with django_assert_max_num_queries(14 + FOR_WHOM):
        assert client.get(ONCALL).status_code == 200


def test_a_shift_of_another_week_is_shown_in_its_week_and_the_weeks_are_counted(people: Cast) -> None:
    client = browser(people.manager)
    start = (timezone.now() + timedelta(days=20)).replace(minute=0, second=0, microsecond=0)
    times = {"starts_at": local(start), "ends_at": local(start + timedelta(hours=4))}
    answer = client.post(ONCALL, {"staff": people.nurse.pk, "weeks": 3, **times})
    day = start.astimezone(CHICAGO).date()
    assert answer["Location"] == f"{ONCALL}?from={day}#main"
    page = text(client.get(answer["Location"]))
    assert "for 3 weeks." in page
    assert ">Nora Staff<" in page
    # and so it is after a change, a removal, or a look at it
    row = OnCallShift.objects.earliest("starts_at")
    assert f'href="{ONCALL}?from={day}"' in text(client.get(f"{ONCALL}{row.pk}/"))
    answer = client.post(f"{ONCALL}{row.pk}/remove/", {"seen": version_of(row)})
    assert answer["Location"] == f"{ONCALL}?from={day}#main"


def test_a_new_shift_begins_in_the_week_on_the_page(people: Cast) -> None:
    day = (timezone.now() + timedelta(days=20)).astimezone(CHICAGO).date()
    form = browser(people.manager).get(ONCALL, {"from": day.isoformat()}).context["form"]
    # What the field shows is a time on the clinic's wall, without a zone.
    assert form["starts_at"].value().date() == day


def test_a_time_that_is_missing_is_asked_for_as_people_say_it(people: Cast) -> None:
    page = text(browser(people.manager).post(ONCALL, {"staff": people.nurse.pk}))
    assert "Choose a date and a time for “Until”." in page
    assert "T19:00" not in page
