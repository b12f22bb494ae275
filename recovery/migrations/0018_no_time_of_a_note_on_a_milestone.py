"""Nothing reads or writes when a milestone's note was sent: its reminder says so.

The column stays, for the processes of the last release that run beside this one during an update. A later release
drops it.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recovery", "0017_how_many_logs_a_phone_has")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="milestone", name="note_sent_at")],
        ),
    ]
