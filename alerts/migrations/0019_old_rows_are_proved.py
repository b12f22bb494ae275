"""Moments of alerts and shifts that cannot be right are moved into years of care, and the rules proved."""

from django.db import migrations

from patients.mending import prove

ALERT = (
    "opened_at",
    "next_step_at",
    "clock_started_at",
    "ack_expires_at",
    "call_back_by",
    "next_check_at",
    "snoozed_until",
)


def mend(apps, schema_editor):
    prove(schema_editor, "alerts_alert", "times_of_an_alert_are_in_years_of_care", moments=ALERT)
    prove(schema_editor, "alerts_oncallshift", "a_shift_is_in_years_of_care", moments=("starts_at", "ends_at"))


class Migration(migrations.Migration):
    dependencies = [("alerts", "0018_reason_of_a_sign")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
