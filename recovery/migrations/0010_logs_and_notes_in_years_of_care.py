"""New rows are held to the bounds from here on; what was written before stays as it is."""

import datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("alerts", "0017_alerts_and_shifts_in_years_of_care"),
        ("patients", "0019_bounds_of_what_is_stored"),
        ("recovery", "0009_keys_of_phones_and_sealed_logs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='clinicsetting',
            constraint=models.CheckConstraint(condition=models.Q(('effective_from__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('effective_from__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ended_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ended_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='a_setting_counts_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='dailylog',
            constraint=models.CheckConstraint(condition=models.Q(('answered_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('answered_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('received_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('received_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='a_log_is_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='reminder',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('due_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='a_note_is_due_in_years_of_care'),
        ),
    ]
