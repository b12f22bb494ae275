"""New rows are held to the bounds from here on; old ones were brought into them."""

import datetime

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    # NOT VALID is a short lock, and no old row can stop the update.
    dependencies = [("patients", "0018_what_is_stored_can_be_read")]

    operations = [
        AddConstraintNotValid(
            model_name='caregiver',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('expires_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('removed_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('removed_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='a_helpers_right_is_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='clinic',
            constraint=models.CheckConstraint(condition=models.Q(('timezone__regex', '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z0-9_+/-]{1,50}$')), name='a_clinic_is_in_a_zone_of_a_place'),
        ),
        AddConstraintNotValid(
            model_name='clinicoverride',
            constraint=models.CheckConstraint(condition=models.Q(('set_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('set_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ended_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ended_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='an_override_is_set_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('granted_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('granted_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('withdrawn_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('withdrawn_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='an_agreement_is_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('timezone__regex', '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z0-9_+/-]{1,50}$')), name='a_patient_is_in_a_zone_of_a_place'),
        ),
        AddConstraintNotValid(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('birth_date__gte', datetime.date(1900, 1, 1)), ('birth_date__lte', datetime.date(2100, 12, 31))), name='a_birth_date_is_in_years_people_live'),
        ),
        AddConstraintNotValid(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('phone_confirmed_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('phone_confirmed_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('phone_wrong_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('phone_wrong_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('waiting_since__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('waiting_since__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('last_log_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('last_log_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('plan_due_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('plan_due_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='times_of_a_patient_are_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='procedure',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('ended_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('closed_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('closed_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('next_visit_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('next_visit_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('dressing_removed_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('dressing_removed_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='times_of_a_recovery_are_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='procedure',
            constraint=models.CheckConstraint(condition=models.Q(('brace_until__gte', datetime.date(2000, 1, 1)), ('brace_until__lte', datetime.date(2100, 12, 31)), ('thinner_restart_on__gte', datetime.date(2000, 1, 1)), ('thinner_restart_on__lte', datetime.date(2100, 12, 31)), ('pt_start_on__gte', datetime.date(2000, 1, 1)), ('pt_start_on__lte', datetime.date(2100, 12, 31))), name='dates_of_a_recovery_are_in_years_of_care'),
        ),
        AddConstraintNotValid(
            model_name='procedure',
            constraint=models.CheckConstraint(condition=models.Q(('hu_value__gte', -1000), ('hu_value__lte', 3000), ('bmd_t_score__gte', -10), ('bmd_t_score__lte', 10), ('apap_max_mg__gte', 500), ('apap_max_mg__lte', 4000)), name='numbers_of_a_record_are_possible'),
        ),
    ]
