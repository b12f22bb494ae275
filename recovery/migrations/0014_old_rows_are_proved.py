"""Moments of settings and notes that cannot be right are moved into years of care, and the rules proved.

A log is what somebody said: it is never changed. One that breaks the rule is named, and the rule holds for new ones.
"""

from django.db import migrations

from patients.mending import prove


def mend(apps, schema_editor):
    setting = ("effective_from", "ended_at")
    prove(schema_editor, "recovery_clinicsetting", "a_setting_counts_in_years_of_care", moments=setting)
    prove(schema_editor, "recovery_clinicsetting", "numbers_of_a_setting_are_possible")
    prove(schema_editor, "recovery_reminder", "a_note_is_due_in_years_of_care", moments=("due_at",))
    prove(schema_editor, "recovery_dailylog", "a_log_is_in_years_of_care")


class Migration(migrations.Migration):
    dependencies = [("recovery", "0013_bounds_of_json")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
