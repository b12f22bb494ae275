"""What could not be right, and could not be read, is emptied or moved into the bounds, and noted for whoever opens it."""

import datetime
import django.core.validators
import patients.models.fields
from django.db import migrations, models

from patients.values.bounds import zone_like


CARE = "BETWEEN '2000-01-01' AND '2100-12-31'"
EMPTY = """
    UPDATE patients_procedure SET emptied = emptied || %s || ({field})::text || E'\n', {field} = NULL
    WHERE {field} IS NOT NULL AND NOT {right}
"""
# What may be empty, how people call it, and what is right.
MAY_BE_EMPTY = (
    ("next_visit_at", "Next visit", f"next_visit_at {CARE}"),
    ("dressing_removed_at", "Dressing came off", f"dressing_removed_at {CARE}"),
    ("brace_until", "Brace until", f"brace_until {CARE}"),
    ("thinner_restart_on", "Start the blood thinner again on", f"thinner_restart_on {CARE}"),
    ("pt_start_on", "Physical therapy starts on", f"pt_start_on {CARE}"),
    ("hu_value", "HU value", "hu_value BETWEEN -1000 AND 3000"),
    ("bmd_t_score", "T-score", "bmd_t_score BETWEEN -10 AND 10"),
    ("apap_max_mg", "Most acetaminophen a day, mg", "apap_max_mg BETWEEN 500 AND 4000"),
)
# What may not be empty: as near as it can be.
MOVED = (
    f"""
    UPDATE patients_procedure p SET emptied = emptied || 'When the procedure ended ' || ended_at::text || E'\\n',
        ended_at = a.enrolled_at, closed_at = CASE WHEN closed_at IS NULL THEN NULL
            ELSE GREATEST(LEAST(closed_at, '2100-12-31'), a.enrolled_at + interval '1 second') END
    FROM patients_patient a WHERE a.id = p.patient_id AND NOT p.ended_at {CARE}
    """,
    f"""
    UPDATE patients_procedure SET closed_at = GREATEST(LEAST(closed_at, '2100-12-31'), ended_at + interval '1 second')
    WHERE closed_at IS NOT NULL AND NOT closed_at {CARE}
    """,
    """
    UPDATE patients_procedure p SET emptied = emptied || 'Birth date ' || a.birth_date::text || E'\\n'
    FROM patients_patient a WHERE a.id = p.patient_id AND p.closed_at IS NULL
        AND NOT a.birth_date BETWEEN '1900-01-01' AND '2100-12-31'
    """,
    """
    UPDATE patients_patient SET birth_date = LEAST(GREATEST(birth_date, '1900-01-01'), '2100-12-31')
    WHERE NOT birth_date BETWEEN '1900-01-01' AND '2100-12-31'
    """,
)
CLAMPED = (
    ("patients_patient", ("phone_confirmed_at", "phone_wrong_at", "waiting_since", "last_log_at", "plan_due_at")),
    ("patients_caregiver", ("expires_at", "removed_at")),
    ("patients_consent", ("granted_at", "withdrawn_at")),
    ("patients_clinicoverride", ("set_at", "ended_at")),
)
# Where a name is no place and nothing is like it.
FALLBACK = "America/New_York"


def bring_into_bounds(apps, schema_editor):
    """By the database alone: a moment so far off may be one that cannot even be read here."""
    with schema_editor.connection.cursor() as cursor:
        for field, words, right in MAY_BE_EMPTY:
            cursor.execute(EMPTY.format(field=field, right=right), [f"{words} "])
        for statement in MOVED:
            cursor.execute(statement)
        for table, fields in CLAMPED:
            for field in fields:
                cursor.execute(
                    f"UPDATE {table} SET {field} = LEAST(GREATEST({field}, '2000-01-01'), '2100-12-31')"
                    f" WHERE {field} IS NOT NULL AND NOT {field} {CARE}"
                )
        _name_places(cursor)


def _name_places(cursor):
    now = datetime.datetime.now(tz=datetime.timezone.utc)
    for table in ("patients_clinic", "patients_patient"):
        cursor.execute(f"SELECT DISTINCT timezone FROM {table}")
        for name in [row[0] for row in cursor.fetchall()]:
            place = zone_like(name, now)
            if place == name:
                continue
            if place is None and table == "patients_patient":
                cursor.execute(
                    "UPDATE patients_procedure p SET emptied = emptied || %s FROM patients_patient a"
                    " WHERE a.id = p.patient_id AND p.closed_at IS NULL AND a.timezone = %s",
                    [f"The patient's time zone {name}\n", name],
                )
                cursor.execute(
                    "UPDATE patients_patient a SET timezone = c.timezone FROM patients_clinic c"
                    " WHERE c.id = a.clinic_id AND a.timezone = %s",
                    [name],
                )
            else:
                cursor.execute(f"UPDATE {table} SET timezone = %s WHERE timezone = %s", [place or FALLBACK, name])



class Migration(migrations.Migration):

    dependencies = [
        ("patients", "0017_phones_that_take_no_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name='procedure',
            name='emptied',
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AlterField(
            model_name='patient',
            name='birth_date',
            field=models.DateField(validators=[patients.models.fields.validate_birth_year]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='apap_max_mg',
            field=models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(500), django.core.validators.MaxValueValidator(4000)]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='bmd_t_score',
            field=models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-10), django.core.validators.MaxValueValidator(10)]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='brace_until',
            field=models.DateField(blank=True, null=True, validators=[patients.models.fields.validate_care_year]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='dressing_removed_at',
            field=models.DateTimeField(blank=True, null=True, validators=[patients.models.fields.validate_care_year]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='ended_at',
            field=models.DateTimeField(validators=[patients.models.fields.validate_care_year]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='hu_value',
            field=models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(-1000), django.core.validators.MaxValueValidator(3000)]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='next_visit_at',
            field=models.DateTimeField(blank=True, null=True, validators=[patients.models.fields.validate_care_year]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='pt_start_on',
            field=models.DateField(blank=True, null=True, validators=[patients.models.fields.validate_care_year]),
        ),
        migrations.AlterField(
            model_name='procedure',
            name='thinner_restart_on',
            field=models.DateField(blank=True, null=True, validators=[patients.models.fields.validate_care_year]),
        ),
        migrations.RunPython(bring_into_bounds, migrations.RunPython.noop),
    ]
