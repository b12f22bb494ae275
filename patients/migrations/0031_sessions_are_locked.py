import hashlib
import json

import django.db.models.deletion
from django.conf import settings
from django.core import signing
from django.db import migrations, models

import patients.vault.fields
from patients.values.browser_names import device_words

# Of the libraries that kept them before. A new database never had these tables.
OLD = ("usersessions_usersession", "django_session")
SIGNED_FOR = "django.contrib.sessions.SessionStore"
READ_ONCE = """
    SELECT s.session_key, s.session_data, s.expire_date, u.created_at, u.last_seen_at, u.user_agent
    FROM django_session s LEFT JOIN usersessions_usersession u USING (session_key) WHERE s.expire_date > now()
"""


def read_once(apps, schema_editor):
    """Whoever is signed in stays so: each session is read once, and written anew with its key hashed."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s)", [list(OLD)])
        if cursor.fetchone()[0] < len(OLD):
            return
        cursor.execute(READ_ONCE)
        rows = cursor.fetchall()
    people = set(apps.get_model("patients", "User").objects.values_list("pk", flat=True))
    for key, data, expires_at, since, last_used, agent in rows:
        try:
            kept = signing.loads(data, salt=SIGNED_FOR)
        except signing.BadSignature:
            continue  # nobody could use it either
        _keep(apps, people, key, kept, expires_at, since, last_used, agent)


def _keep(apps, people, key, kept, expires_at, since, last_used, agent):
    user = int(kept["_auth_user_id"]) if "_auth_user_id" in kept else None
    if user is not None and user not in people:
        return
    if since:
        kept.setdefault("signed_in_at", int(since.timestamp()))
        kept.setdefault("last_seen", int(last_used.timestamp()))
        kept.setdefault("device", device_words(agent))
    apps.get_model("patients", "Session").objects.create(
        name=hashlib.sha256(b"kypho session 1" + key.encode()).hexdigest()[:40],
        data=json.dumps(kept, separators=(",", ":")),
        expires_at=expires_at,
        user_id=user,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0030_devices_are_locked'),
    ]

    operations = [
        migrations.CreateModel(
            name="Session",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                (
                    "data",
                    patients.vault.fields.LockedText(
                        bound_to=("name",), max_length=None, place="patients_session.data"
                    ),
                ),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(read_once, migrations.RunPython.noop),
        # Keys in the clear, in the rows of before and in their free space.
        *(migrations.RunSQL(f'DROP TABLE IF EXISTS "{table}"', migrations.RunSQL.noop) for table in OLD),
    ]
