"""A date far from today is said back; it is saved when exactly that one is confirmed, and nothing is lost."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from patients.forms.asked_back import far_ahead, long_ago, over_already
from patients.forms.fields import ZonedDateTimeField
from patients.models import ClinicOverride, Patient, Procedure
from recovery.desk.rule_book.clinic_setting_forms import SettingForm
from recovery.triage.config import settings
from tests.patients.pages import signed_in, text
from tests.patients.test_enroll import ENROLL, local, minute, only_new
from tests.patients.test_record import address, change, filled, the_procedure
from tests.people import Cast

CHICAGO = ZoneInfo("America/Chicago")
TODAY = date(2026, 11, 30)


def day(ahead: int) -> str:
    return (timezone.now().astimezone(CHICAGO).date() + timedelta(days=ahead)).isoformat()


def test_a_procedure_a_year_ago_by_a_slip_of_the_keyboard_is_said_back_with_everything_typed(people: Cast) -> None:
    typed = minute(ended_at=local(timedelta(days=363)), allergies="Latex")
    answer = signed_in(people.nurse).post(ENROLL, typed)
    assert answer.status_code == 422
    page = text(answer)
    assert "today would be day 363 after the procedure. Is that right?" in page
    assert f'name="sure_ended_at" value="{typed["ended_at"]}"' in page
    assert 'value="Latex"' in page
    assert not Patient.all_clinics.filter(first_name="Ines").exists()


def test_it_is_saved_when_exactly_that_date_is_confirmed(people: Cast) -> None:
    typed = minute(ended_at=local(timedelta(days=363)))
    other = signed_in(people.nurse).post(ENROLL, {**typed, "sure_ended_at": local(timedelta(days=362))})
    assert other.status_code == 422
    sure = signed_in(people.nurse).post(ENROLL, {**typed, "sure_ended_at": typed["ended_at"]})
    assert sure.status_code == 302
    assert only_new().procedures.get().ended_at < timezone.now() - timedelta(days=362)


def test_a_yes_stays_ticked_while_something_else_is_put_right(people: Cast) -> None:
    typed = minute(ended_at=local(timedelta(days=100)), last_name="", birth_date="")
    page = text(signed_in(people.nurse).post(ENROLL, {**typed, "sure_ended_at": typed["ended_at"]}))
    assert f'name="sure_ended_at" value="{typed["ended_at"]}" checked' in page


@pytest.mark.parametrize(
    ("field", "ahead"),
    [
        ("thinner_restart_on", 60),
        ("thinner_restart_on", -1),
        ("pt_start_on", 300),
        ("brace_until", 400),
        ("next_visit_at", 370),
        ("next_visit_at", -1),
    ],
)
@pytest.mark.slow
def test_every_far_day_of_the_record_is_asked_about(people: Cast, field: str, ahead: int) -> None:
    typed = f"{day(ahead)}T10:00" if field == "next_visit_at" else day(ahead)
    assert change(people, **{field: typed}).status_code == 422
    assert getattr(the_procedure(people), field) is None
    assert change(people, **{field: typed, f"sure_{field}": typed}).status_code == 302
    assert getattr(the_procedure(people), field) is not None


@pytest.mark.parametrize("field", ["thinner_restart_on", "pt_start_on", "brace_until", "meds_on_hold"])
def test_a_day_before_the_procedure_is_refused_whatever_is_confirmed(people: Cast, field: str) -> None:
    typed = f"Fish oil, {day(-300)}" if field == "meds_on_hold" else day(-300)
    answer = change(people, **{field: typed, f"sure_{field}": typed})
    assert answer.status_code == 422
    assert "This is before the procedure. Check the year." in text(answer)


def test_a_far_day_of_a_medicine_on_hold_is_asked_about(people: Cast) -> None:
    typed = f"Fish oil, {day(300)}\r\nZinc"
    assert change(people, meds_on_hold=typed).status_code == 422
    assert change(people, meds_on_hold=typed, sure_meds_on_hold=typed.replace("\r\n", "\n")).status_code == 302


def test_a_far_date_that_was_confirmed_once_is_not_asked_about_again(people: Cast) -> None:
    Procedure.objects.update(ended_at=timezone.now() - timedelta(days=300), brace_until=date(2030, 1, 1))
    assert change(people, allergies="Latex").status_code == 302


@pytest.mark.slow
def test_a_correction_says_that_the_plan_is_made_again(people: Cast) -> None:
    client = signed_in(people.nurse)
    sent = {**filled(people), "ended_at": local(timedelta(days=3))}
    page = text(client.post(address(people), sent, follow=True))
    assert "Whatever the patient was told too early is taken back" in page


def test_a_far_day_of_an_own_setting_is_asked_about(people: Cast) -> None:
    page = f"/desk/patients/{people.patient.code}/settings/"
    sent: dict[str, Any] = {"key": "no_drive_until", "value": day(370), "reason": "Fainting."}
    answer = signed_in(people.nurse).post(page, sent)
    assert answer.status_code == 422
    assert "is 370 days from today. Is that right?" in text(answer)
    assert signed_in(people.nurse).post(page, {**sent, "sure_value": day(370)}).status_code == 302
    assert ClinicOverride.objects.get().value == day(370)


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2027-03-14T02:30", datetime(2027, 3, 14, 8, 30, tzinfo=UTC)),  # missing: 3:30 on the new clocks
        ("2027-11-07T01:30", datetime(2027, 11, 7, 6, 30, tzinfo=UTC)),  # doubled: the first
        ("2026-07-01 10:00", datetime(2026, 7, 1, 15, 0, tzinfo=UTC)),
    ],
)
def test_an_hour_in_which_the_clocks_change_is_read_by_the_one_rule(typed: str, instant: datetime) -> None:
    field = ZonedDateTimeField()
    field.zone = CHICAGO
    assert field.clean(typed) == instant


def test_a_visit_in_a_missing_hour_is_saved(people: Cast) -> None:
    year = timezone.now().year + 1
    second_sunday = next(n for n in range(8, 15) if date(year, 3, n).weekday() == 6)
    typed = f"{year}-03-{second_sunday:02}T02:30"
    assert change(people, next_visit_at=typed, sure_next_visit_at=typed).status_code == 302
    assert the_procedure(people).next_visit_at == datetime(year, 3, second_sunday, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["0206-05-12T10:00", "9999-12-31T23:59", "1899-01-01T00:00"])
def test_a_year_no_calendar_knows_is_refused_whatever_is_confirmed(people: Cast, typed: str) -> None:
    answer = change(people, next_visit_at=typed, sure_next_visit_at=typed)
    assert answer.status_code == 422
    assert "Check the year: " in text(answer)


@given(st.integers(-400, 400))
def test_only_far_days_are_asked_about(number: int) -> None:
    that = TODAY + timedelta(days=number)
    assert bool(far_ahead(that, TODAY)) == (number > 180)
    assert bool(over_already(that, TODAY)) == (number < 0)
    noon = datetime(2026, 11, 30, 12, tzinfo=CHICAGO)
    question = long_ago(noon + timedelta(days=number), noon)
    assert bool(question) == (number <= -14)
    assert number > -14 or f"day {-number} after" in question


def test_a_setting_of_the_clinic_may_begin_in_a_missing_hour() -> None:
    with timezone.override(CHICAGO):
        form = SettingForm({}, setting=settings()["fresh_log_h"], present=36, now=timezone.now())
    begins = form.fields["effective_from"].clean("2027-03-14T02:30")
    assert begins == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)
