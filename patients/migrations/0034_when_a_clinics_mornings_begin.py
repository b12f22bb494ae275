"""The one key of a clinic's settings becomes a column: when its mornings begin. What is no time of day means eight.

The column of the settings stays, with a default of its own, for the processes of the last release that run beside this
one during an update. A later release drops it.
"""

import datetime

from django.db import migrations, models

TAKEN_OVER = r"""
UPDATE patients_clinic SET morning = (settings->>'digest_at')::time
WHERE settings->>'digest_at' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
"""


class Migration(migrations.Migration):
    dependencies = [('patients', '0033_limits_are_counted_in_a_table_of_their_own')]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="morning",
            field=models.TimeField(default=datetime.time(8), db_default=datetime.time(8)),
        ),
        migrations.RunSQL(TAKEN_OVER, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE patients_clinic ALTER COLUMN settings SET DEFAULT '{}'",
                    "ALTER TABLE patients_clinic ALTER COLUMN settings DROP DEFAULT",
                )
            ],
            state_operations=[migrations.RemoveField(model_name="clinic", name="settings")],
        ),
    ]
