"""An update of a database with old rows that break today's rules: mended in a stated way, or named."""

import json
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from alerts.models import Alert, OnCallShift
from patients.models import ClinicOverride, Procedure
from patients.services.errors import NotPossible
from patients.services.overrides import set_override
from recovery.models import ClinicSetting, DailyLog, Reminder
from tests.architecture.rows import NOW, alert, log, note, override, setting, shift
from tests.people import Cast, cast

EDITOR = type("Editor", (), {"connection": connection})


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


def as_before(model: Any, name: str) -> None:
    """The rule as it was before the update: added for new rows alone, and here taken off for an old one."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {name}")


def added_for_new_rows(model: Any, name: str) -> None:
    """What an earlier release did: NOT VALID."""
    [rule] = [one for one in model._meta.constraints if one.name == name]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"{rule.create_sql(model, connection.schema_editor())} NOT VALID")


def update(app: str, module: str) -> None:
    import_module(f"{app}.migrations.{module}").mend(None, EDITOR)


def is_proved(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT convalidated FROM pg_constraint WHERE conname = %s", [name])
        [[proved]] = cursor.fetchall()
    return bool(proved)


OUT_OF_BOUNDS = [
    ("no_drive_until", "0206-12-05", "until_cleared"),
    ("no_work_until", 7, "until_cleared"),
    ("milestone_not_before_hours", {"M-PT": "soon", "M-DRIVE-48H": 10**12}, {"M-DRIVE-48H": 8784}),
    ("heavy_cleared_on", "20260-01-01", None),
    ("fever_threshold_f", 200, None),
    ("fever_threshold_c", "38", None),
    ("site_swelling_grace_hours", 1e9, None),
    ("quiet_hours", ["25:00", "08:00"], None),
    ("quiet_hours", ["21:00"], None),
    ("ice_ok", "no", None),
]


@pytest.mark.parametrize(("key", "value", "mended"), OUT_OF_BOUNDS)
def test_an_own_setting_that_cannot_be_becomes_one_that_is_no_less_careful(
    people: Cast, key: str, value: Any, mended: Any
) -> None:
    name = "an_override_is_inside_its_bounds"
    as_before(ClinicOverride, name)
    row = override(people, key=key, value=value)
    added_for_new_rows(ClinicOverride, name)
    update("patients", "0026_old_rows_are_proved")
    row.refresh_from_db()
    assert (row.ended_at is None) == (mended is not None)
    assert row.value == (value if mended is None else mended)
    assert f"Own setting {key}: {json.dumps(value)}" in Procedure.objects.get(pk=people.procedure.pk).emptied
    assert is_proved(name)


@pytest.mark.parametrize(("key", "value", "mended"), OUT_OF_BOUNDS)
def test_neither_the_service_nor_the_database_takes_it(people: Cast, key: str, value: Any, mended: Any) -> None:
    known = {"patient": people.patient, "procedure": people.procedure, "now": NOW, "reason": "x"}
    with pytest.raises(NotPossible, match="outside its bounds"):
        set_override(staff=people.nurse, key=key, value=value, **known)
    with pytest.raises(IntegrityError), transaction.atomic():
        override(people, key=key, value=value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("no_drive_until", "2026-12-05"),
        ("no_work_until", "until_cleared"),
        ("strenuous_cleared_on", "2100-12-31"),
        ("milestone_not_before_hours", {"M-DRIVE-48H": 72}),
        ("fever_threshold_f", 100.3),
        ("fever_threshold_c", 37.2),
        ("site_swelling_grace_hours", 72),
        ("quiet_hours", ["21:00", "08:00"]),
        ("ice_ok", False),
    ],
)
def test_what_the_forms_take_is_taken(people: Cast, key: str, value: Any) -> None:
    assert override(people, key=key, value=value).value == value


def test_a_medicine_on_hold_loses_a_day_that_cannot_be_and_keeps_its_name(people: Cast) -> None:
    name = "medicines_on_hold_have_days_in_years_of_care"
    as_before(Procedure, name)
    meds = [
        {"name": "Fish oil", "restart_on": "0206-12-31"},
        {"name": "Ginkgo", "restart_on": "2026-12-31"},
        {"name": "Garlic", "restart_on": None},
        {"name": "Ginseng", "restart_on": 7},
        "loose words",
    ]
    Procedure.objects.filter(pk=people.procedure.pk).update(meds_on_hold=meds)
    added_for_new_rows(Procedure, name)
    update("patients", "0026_old_rows_are_proved")
    stored = Procedure.objects.get(pk=people.procedure.pk)
    assert [(item["name"], item["restart_on"]) for item in stored.meds_on_hold] == [
        ("Fish oil", None),
        ("Ginkgo", "2026-12-31"),
        ("Garlic", None),
        ("Ginseng", None),
    ]
    assert "Other medicines on hold: " in stored.emptied
    assert is_proved(name)
    with pytest.raises(IntegrityError), transaction.atomic():
        Procedure.objects.filter(pk=people.procedure.pk).update(meds_on_hold=meds[:1])


MOVED = [
    ("alerts", "0019_old_rows_are_proved", Alert, "times_of_an_alert_are_in_years_of_care", "next_step_at"),
    ("alerts", "0019_old_rows_are_proved", OnCallShift, "a_shift_is_in_years_of_care", "starts_at"),
    (
        "recovery",
        "0014_old_rows_are_proved",
        ClinicSetting,
        "a_setting_counts_in_years_of_care",
        "effective_from",
    ),
    ("recovery", "0014_old_rows_are_proved", Reminder, "a_note_is_due_in_years_of_care", "due_at"),
]
MAKE: dict[Any, Any] = {Alert: alert, OnCallShift: shift, ClinicSetting: setting, Reminder: note}


@pytest.mark.parametrize(("app", "module", "model", "name", "field"), MOVED)
def test_a_moment_that_cannot_be_is_moved_into_years_of_care_and_named(
    people: Cast, app: str, module: str, model: Any, name: str, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    as_before(model, name)
    row, fine = MAKE[model](people), None
    if model is Reminder:
        fine = note(people, key="log:2")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {field} = '0206-12-05 16:30+00' WHERE id = %s", [row.pk]
        )
    added_for_new_rows(model, name)
    update(app, module)
    row.refresh_from_db()
    assert getattr(row, field).year == 2000
    assert is_proved(name)
    assert f"{model._meta.db_table}: moments" in capsys.readouterr().out
    if fine:
        fine.refresh_from_db()
        assert fine.due_at == NOW


def test_a_log_is_never_changed_the_update_goes_on_and_the_rule_holds_for_new_ones(
    people: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "a_log_is_in_years_of_care"
    as_before(DailyLog, name)
    row = log(people, answered_at=NOW.replace(year=206))
    added_for_new_rows(DailyLog, name)
    update("recovery", "0014_old_rows_are_proved")
    row.refresh_from_db()
    assert row.answered_at.year == 206
    assert not is_proved(name)
    assert f"stay as they are: [{row.pk}]" in capsys.readouterr().out
    with pytest.raises(IntegrityError), transaction.atomic():
        log(people, answered_at=NOW.replace(year=206), client_id="00000000-0000-4000-8000-000000000009")


@pytest.mark.django_db
def test_no_rule_holds_for_new_rows_alone() -> None:
    """A new one that is added so needs a migration that proves it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated")
        assert cursor.fetchall() == []
