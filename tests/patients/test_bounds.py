"""What a form, an import or the API takes is never wider than what the reader can read again."""

import json
import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from patients.forms.fields import BirthDateField, DayField, MedsField, ZonedDateTimeField
from patients.models import Caregiver, Clinic, Patient, Procedure
from patients.models.fields import validate_timezone
from patients.values import bounds
from recovery.care_plan import refresh
from recovery.models import DailyLog, Milestone
from recovery.plan.situation import read_situation
from recovery.state import current_state
from recovery.state.record import patient_record
from tests.patients.pages import as_sent, signed_in, text
from tests.people import Cast, cast
from tests.recovery.conftest import CALM

NO_PLACES = (
    "EST",
    "Factory",
    "Etc/GMT-5",
    "UTC",
    "posix/America/Chicago",
    "US/Central",
    "localtime",
    "Mars/Base",
    "",
)


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


# --- Pure ---


@pytest.mark.parametrize("name", NO_PLACES)
def test_a_zone_is_a_place(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_timezone(name)


def test_every_zone_that_is_taken_fits_the_rule_of_the_database_and_can_be_read() -> None:
    assert len(bounds.zones()) > 400
    for name in bounds.zones():
        assert re.match(bounds.ZONE_SHAPE, name)
        assert ZoneInfo(name)
    assert set(bounds.COMMON_ZONES) <= bounds.zones()


@pytest.mark.slow
def test_every_zone_that_is_no_place_has_a_place_with_the_same_clocks() -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)
    for name in available_timezones() - {"Factory", "localtime"}:
        place = bounds.zone_like(name, now)
        if place is None:
            assert name.startswith("Etc/")
            continue
        for month in (1, 7):
            at = datetime(2026, month, 15, tzinfo=UTC)
            assert at.astimezone(ZoneInfo(place)).utcoffset() == at.astimezone(ZoneInfo(name)).utcoffset()


def test_the_zones_come_along_with_the_product() -> None:
    assert import_module("tzdata").IANA_VERSION


@given(st.datetimes(), st.sampled_from([None, UTC, ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Kiritimati")]))
def test_a_clock_that_cannot_be_right_becomes_a_moment_that_can_be_read(at: datetime, zone: Any) -> None:
    near = bounds.nearest(at.replace(tzinfo=zone or UTC))
    assert bounds.first_moment(bounds.CARE) <= near < bounds.end_moment(bounds.CARE)
    for name in ("America/Chicago", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert near.astimezone(ZoneInfo(name))


def test_the_bounds_of_what_is_stored_lie_inside_what_the_readers_take() -> None:
    for years in (bounds.BIRTH, bounds.CARE):
        assert bounds.READ.first <= years.first <= years.last <= bounds.READ.last


# --- Forms ---


@pytest.mark.parametrize("year", ["0206", "0001", "1999", "2101", "9999"])
@pytest.mark.parametrize("field", [DayField(), ZonedDateTimeField()])
def test_a_year_that_cannot_be_right_is_asked_back(field: Any, year: str) -> None:
    typed = f"{year}-12-05" if isinstance(field, DayField) else f"{year}-12-05T10:30"
    with pytest.raises(ValidationError, match="Check the year"):
        field.clean(typed)
    assert field.has_changed(None, typed)


def test_a_birth_date_may_be_older_and_a_medicine_has_its_year_checked() -> None:
    assert BirthDateField().clean("1931-03-04") == date(1931, 3, 4)
    with pytest.raises(ValidationError, match="Check the year"):
        BirthDateField().clean("0193-03-04")
    with pytest.raises(ValidationError, match="Check the year"):
        MedsField().clean("Fish oil, 0206-12-31")


@override_settings(STAFF_SECOND_FACTOR=False)
def test_the_record_keeps_what_was_typed_and_says_what_to_do(people: Cast) -> None:
    desk = signed_in(people.nurse)
    address = f"/desk/patients/{people.patient.code}/record/"
    page = desk.get(address).context
    sent = as_sent(page["person"], page["zone"], page["procedure"])
    answer = desk.post(address, {**sent, "next_visit_at": "0206-12-05T10:30", "seen": page["seen"]})
    assert answer.status_code == 422
    words = text(answer)
    assert "Check the year: 206 cannot be right." in words
    assert "0206-12-05T10:30" in words
    people.procedure.refresh_from_db()
    assert people.procedure.next_visit_at is None


# --- The API ---


@pytest.mark.parametrize(
    "at", ["1970-01-01T00:00:00+00:00", "2199-12-31T23:59:59-11:00", "1900-01-01T00:00:00+14:00"]
)
def test_a_log_from_a_phone_with_a_wild_clock_is_kept_and_judged(people: Cast, at: str) -> None:
    phone = signed_in(people.patient)
    body = {"client_id": str(uuid.uuid4()), "answers": CALM, "answered_at": at}
    assert phone.post("/api/logs/", json.dumps(body), content_type="application/json").status_code == 201
    log = DailyLog.objects.get()
    assert log.clock_suspect
    assert log.happened_at == log.received_at
    assert log.assessment


# --- Old rows ---


RULES = {
    Procedure: (
        "times_of_a_recovery_are_in_years_of_care",
        "dates_of_a_recovery_are_in_years_of_care",
        "numbers_of_a_record_are_possible",
    ),
    Patient: (
        "a_patient_is_in_a_zone_of_a_place",
        "a_birth_date_is_in_years_people_live",
        "times_of_a_patient_are_in_years_of_care",
    ),
    Clinic: ("a_clinic_is_in_a_zone_of_a_place",),
    Caregiver: ("a_helpers_right_is_in_years_of_care",),
}
BAD = (
    "UPDATE patients_procedure SET next_visit_at = '0206-12-05 16:30+00', brace_until = '20260-01-01',"
    " hu_value = 'NaN', apap_max_mg = 1",
    "UPDATE patients_patient SET timezone = 'US/Central', last_log_at = '0044-03-15 BC'",
    "UPDATE patients_patient SET birth_date = '0193-03-04', timezone = 'No/Where' WHERE id = {patient}",
    "UPDATE patients_clinic SET timezone = 'EST' WHERE id = {clinic}",
    "UPDATE patients_caregiver SET expires_at = '20260-01-01'",
)


def updated(people: Cast) -> None:
    """Rows from before the rules of the database, and then the update. The rules are put back over all rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, names in RULES.items():
            for name in names:
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {name}")
        for statement in BAD:
            cursor.execute(statement.format(patient=people.patient.pk, clinic=people.clinic.pk))
        migration = import_module("patients.migrations.0018_what_is_stored_can_be_read")
        migration.bring_into_bounds(None, type("Editor", (), {"connection": connection}))
        for model, names in RULES.items():
            for rule in model._meta.constraints:
                if rule.name in names:
                    cursor.execute(str(rule.create_sql(model, connection.schema_editor())))


def test_old_rows_are_brought_into_the_bounds_and_noted_and_their_plan_goes_on(people: Cast) -> None:
    updated(people)
    people.procedure.refresh_from_db()
    assert (people.procedure.next_visit_at, people.procedure.hu_value) == (None, None)
    noted = people.procedure.emptied
    for words in ("Next visit 0206-12-05", "Brace until 20260-01-01", "HU value NaN", "Birth date 0193-03-04"):
        assert words in noted
    assert "The patient's time zone No/Where" in noted
    patient = Patient.all_clinics.get(pk=people.patient.pk)
    clinic = Clinic.objects.get(pk=people.clinic.pk)
    assert clinic.timezone in bounds.zones()
    assert patient.timezone == clinic.timezone
    assert Patient.all_clinics.get(pk=people.other_patient.pk).timezone == "America/Chicago"
    now = timezone.now()
    Patient.all_clinics.filter(pk=patient.pk).update(plan_due_at=now)
    refresh.refresh_due(now + timedelta(seconds=1))
    assert Milestone.objects.filter(procedure=people.procedure).exists()


@override_settings(STAFF_SECOND_FACTOR=False)
def test_what_was_emptied_stands_on_chart_and_record_until_the_record_is_saved(people: Cast) -> None:
    Procedure.objects.filter(pk=people.procedure.pk).update(
        emptied="Next visit 0206-12-05\nBrace until 20260-01-01\n"
    )
    desk = signed_in(people.nurse)
    for page in ("", "record/"):
        words = text(desk.get(f"/desk/patients/{people.patient.code}/{page}"))
        assert "<li>Next visit 0206-12-05</li>" in words
        assert "could not be right" in words


# --- Everything a record may hold can be read ---

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
MOMENTS = st.builds(lambda day, hour: datetime.combine(day, time(hour), UTC), DAYS, st.integers(0, 23))


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "brace_until": DAYS,
            "thinner_restart_on": DAYS,
            "pt_start_on": DAYS,
            "next_visit_at": MOMENTS,
            "hu_value": st.floats(-1000, 3000),
            "bmd_t_score": st.floats(-10, 10),
            "apap_max_mg": st.integers(500, 4000),
        },
    ),
    st.sampled_from(sorted(bounds.zones())),
    MOMENTS,
)
def test_whatever_the_bounds_take_the_plan_can_read(fields: dict[str, Any], zone: str, ended: datetime) -> None:
    clinic = Clinic(pk=1, name="x", timezone=zone)
    patient = Patient(pk=1, clinic=clinic, timezone=zone, birth_date=date(1900, 1, 1))
    procedure = Procedure(pk=1, patient=patient, ended_at=ended, **fields)
    now = ended + timedelta(days=3)
    at = current_state.Standing(procedure, now, [], [], patient_record(procedure, []), {})
    assert refresh.statuses(at)
    assert read_situation(at.record, current_state.state(at, []), now, at.book).zone.key == zone
