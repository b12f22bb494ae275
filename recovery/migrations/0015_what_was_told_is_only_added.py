"""What a patient was told, and by which rules, is only ever added: the database sees to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("recovery", "0014_old_rows_are_proved"), ("patients", "0002_append_only")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER recovery_assessment_append_only BEFORE UPDATE OR DELETE ON recovery_assessment "
            "FOR EACH ROW EXECUTE FUNCTION kypho_append_only();",
            "DROP TRIGGER IF EXISTS recovery_assessment_append_only ON recovery_assessment;",
        ),
    ]
