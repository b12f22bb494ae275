"""Old rows are brought into the rules that held for new ones alone, and the rules are proved. See patients/mending.py.

A setting of one patient that breaks its bounds: a day until which they may not drive or work becomes "until we clear
it", hours of a later permission come to the nearest that may be, every other one ends, so that the plan's own counts.
A medicine on hold with a day that cannot be loses the day. Each is written down where the chart shows it.
"""

import json

from django.db import migrations

from patients.mending import prove
from patients.models.json_bounds import MEDS_RULE, SETTING_RULE

RULES = {
    "patients_caregiver": ("a_helpers_right_is_in_years_of_care",),
    "patients_clinic": ("a_clinic_is_in_a_zone_of_a_place",),
    "patients_clinicoverride": ("an_override_is_set_in_years_of_care", "an_override_is_inside_its_bounds"),
    "patients_consent": ("an_agreement_is_in_years_of_care",),
    "patients_patient": (
        "a_patient_is_in_a_zone_of_a_place",
        "a_birth_date_is_in_years_people_live",
        "times_of_a_patient_are_in_years_of_care",
    ),
    "patients_procedure": (
        "times_of_a_recovery_are_in_years_of_care",
        "dates_of_a_recovery_are_in_years_of_care",
        "numbers_of_a_record_are_possible",
        "medicines_on_hold_have_days_in_years_of_care",
    ),
}
UNTIL = ("no_drive_until", "no_work_until")
LATER = "milestone_not_before_hours"
MOST_HOURS = 24 * 366
NOTE = "UPDATE patients_procedure SET emptied = emptied || %s WHERE id = %s"
MEDS = "UPDATE patients_procedure SET meds_on_hold = %s::jsonb, emptied = emptied || %s WHERE id = %s"
ONE_DAY = f"SELECT NOT ({MEDS_RULE}) FROM (SELECT %s::jsonb AS meds_on_hold) AS one"


def mend(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        _medicines(cursor)
        _settings(cursor)
    for table, rules in RULES.items():
        for rule in rules:
            prove(schema_editor, table, rule)


def _settings(cursor):
    cursor.execute(
        "SELECT id, procedure_id, key, value::text FROM patients_clinicoverride"
        f" WHERE ended_at IS NULL AND NOT ({SETTING_RULE})"
    )
    for pk, procedure, key, value in cursor.fetchall():
        cursor.execute(NOTE, [f"Own setting {key}: {value}\n", procedure])
        mended = _mended(key, json.loads(value))
        if mended is None:
            cursor.execute(
                "UPDATE patients_clinicoverride SET ended_at = GREATEST(now(), set_at) WHERE id = %s", [pk]
            )
        else:
            cursor.execute(
                "UPDATE patients_clinicoverride SET value = %s::jsonb WHERE id = %s", [json.dumps(mended), pk]
            )


def _mended(key, value):
    """What is never less careful than what was meant; None: the plan's own counts."""
    if key in UNTIL:
        return "until_cleared"
    if key == LATER and isinstance(value, dict):
        hours = {name: at for name, at in value.items() if isinstance(at, int | float) and not isinstance(at, bool)}
        return {name: min(max(at, 0), MOST_HOURS) for name, at in hours.items()}
    return None


def _medicines(cursor):
    cursor.execute(f"SELECT id, meds_on_hold::text FROM patients_procedure WHERE NOT ({MEDS_RULE})")
    for pk, text in cursor.fetchall():
        stored = json.loads(text)
        kept = [item for item in stored if isinstance(item, dict)] if isinstance(stored, list) else []
        for item in kept:
            cursor.execute(ONE_DAY, [json.dumps([item])])
            if cursor.fetchone()[0]:
                item["restart_on"] = None
        # one statement: a row that breaks a rule takes no change that leaves it broken
        cursor.execute(MEDS, [json.dumps(kept), f"Other medicines on hold: {text}\n", pk])


class Migration(migrations.Migration):
    dependencies = [("patients", "0025_bounds_of_json")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
