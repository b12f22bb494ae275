"""Nothing reads or writes a patient's tier (recovery.wording.patient_status says how somebody is); texts find their patient by index.

The column stays, with a default of its own, for the processes of the last release that run beside this one during an
update. A later release drops it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0026_old_rows_are_proved")]

    operations = [
        migrations.RemoveConstraint(model_name="patient", name="a_patient_has_a_known_tier"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE patients_patient ALTER COLUMN tier SET DEFAULT 'on_track'",
                    "ALTER TABLE patients_patient ALTER COLUMN tier DROP DEFAULT",
                )
            ],
            state_operations=[migrations.RemoveField(model_name="patient", name="tier")],
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="patients_by_phone"
            ),
        ),
    ]
