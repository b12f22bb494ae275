"""Rows that are only ever added: the database itself refuses to change or remove them."""

from django.db import migrations


def protect(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION kypho_append_only();"
    )


def release(table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {table}_append_only ON {table};"


class Migration(migrations.Migration):
    dependencies = [("recovery", "0001_initial"), ("patients", "0002_append_only")]

    operations = [
        migrations.RunSQL(protect("recovery_dailylog"), release("recovery_dailylog")),
    ]
