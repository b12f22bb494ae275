"""Staff have a sign-in for each clinic; one that is nobody's but a clinic's own from before is that clinic's."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Lower

# Who is a patient or helper too keeps one sign-in for both, as before.
THEIRS = """
UPDATE patients_user SET works_at_id = s.clinic_id FROM patients_staff s
WHERE s.user_id = patients_user.id
AND NOT EXISTS (SELECT FROM patients_staff o WHERE o.user_id = s.user_id AND o.id <> s.id)
AND NOT EXISTS (SELECT FROM patients_patient p WHERE p.user_id = s.user_id)
AND NOT EXISTS (SELECT FROM patients_caregiver c WHERE c.user_id = s.user_id)
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0031_sessions_are_locked")]

    operations = [
        migrations.RemoveConstraint(model_name="user", name="one_user_per_email"),
        migrations.AddField(
            model_name="user",
            name="works_at",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patients.clinic",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                Lower("email"),
                models.F("works_at"),
                condition=~models.Q(email=""),
                name="one_user_per_email_and_clinic",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(THEIRS, migrations.RunSQL.noop),
    ]
