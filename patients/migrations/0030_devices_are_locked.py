import json
from hashlib import sha256

from django.db import migrations, models

import patients.vault.fields


def lock(apps, schema_editor):
    """Endpoint and keys of each browser into one locked text; its address becomes a mark (mark_of)."""
    rows = apps.get_model("patients", "ContactMethod").objects.filter(kind="push")
    for row in rows.iterator():
        row.subscription = json.dumps({"endpoint": row.address, **row.push_keys})
        row.address = f"push:{sha256(row.address.encode()).hexdigest()}"
        row.save(update_fields=["subscription", "address"])


def unlock(apps, schema_editor):
    """As it was."""
    rows = apps.get_model("patients", "ContactMethod").objects.filter(kind="push")
    for row in rows.iterator():
        row.push_keys = json.loads(row.subscription)
        row.address = row.push_keys.pop("endpoint")
        row.save(update_fields=["push_keys", "address"])


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0029_how_far_the_trail_has_left'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="contactmethod", name="a_device_has_a_name_and_its_keys"),
        migrations.AddField(
            model_name="contactmethod",
            name="subscription",
            field=patients.vault.fields.LockedText(
                blank=True, bound_to=("user_id",), default="", max_length=3000, place="push subscription"
            ),
        ),
        migrations.RunPython(lock, unlock),
        migrations.RemoveField(model_name="contactmethod", name="push_keys"),
        migrations.AddConstraint(
            model_name="contactmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "push"), _negated=True),
                    models.Q(
                        models.Q(("subscription", ""), _negated=True), models.Q(("label", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="a_device_has_a_name_and_its_keys",
            ),
        ),
    ]
