"""Rows that are only ever added: the database itself refuses to change or remove them."""

from django.db import migrations

REFUSE = """
CREATE OR REPLACE FUNCTION kypho_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


def protect(table: str) -> str:
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION kypho_append_only();"
    )


def release(table: str) -> str:
    return f"DROP TRIGGER IF EXISTS {table}_append_only ON {table};"


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION IF EXISTS kypho_append_only();"),
        migrations.RunSQL(protect("patients_accessevent"), release("patients_accessevent")),
    ]
