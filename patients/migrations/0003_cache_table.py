"""The table of the database cache: rate limits and one-time codes hold across processes."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("patients", "0002_append_only")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
