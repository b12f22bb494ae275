"""Staff phones were where SMS went: each becomes a contact method, verified when a code was typed in before."""

from django.db import migrations
from django.utils import timezone


def keep_staff_phones(apps, schema_editor):
    User = apps.get_model("patients", "User")
    ContactMethod = apps.get_model("patients", "ContactMethod")
    staff = User.objects.filter(staff_roles__isnull=False, phone__isnull=False).exclude(phone="").distinct()
    now = timezone.now()
    ContactMethod.objects.bulk_create(
        [
            ContactMethod(
                user=user, kind="sms", address=str(user.phone), verified_at=now if user.phone_verified else None
            )
            for user in staff
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_contact_methods")]

    operations = [migrations.RunPython(keep_staff_phones, migrations.RunPython.noop)]
