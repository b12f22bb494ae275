"""What is kept as JSON is held to its bounds; old rows are brought into them by the next migration."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations

import patients.models.json_bounds


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0024_what_an_installation_is'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='clinicoverride',
            constraint=patients.models.json_bounds.JsonRule(name='an_override_is_inside_its_bounds', sql='CASE WHEN ended_at IS NOT NULL THEN true WHEN key IN (\'no_drive_until\', \'no_work_until\') THEN jsonb_typeof(value) = \'string\' AND value #>> \'{}\' ~ \'^((20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])|until_cleared)$\' WHEN key IN (\'heavy_cleared_on\', \'strenuous_cleared_on\') THEN jsonb_typeof(value) = \'string\' AND value #>> \'{}\' ~ \'^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$\' WHEN key IN (\'site_swelling_grace_hours\') THEN CASE WHEN jsonb_typeof(value) = \'number\' THEN (value #>> \'{}\')::numeric BETWEEN 0 AND 72 ELSE false END WHEN key IN (\'fever_threshold_f\') THEN CASE WHEN jsonb_typeof(value) = \'number\' THEN (value #>> \'{}\')::numeric BETWEEN 99 AND 100.3 ELSE false END WHEN key IN (\'fever_threshold_c\') THEN CASE WHEN jsonb_typeof(value) = \'number\' THEN (value #>> \'{}\')::numeric BETWEEN 37.2 AND 37.9 ELSE false END WHEN key IN (\'ice_ok\') THEN jsonb_typeof(value) = \'boolean\' WHEN key IN (\'quiet_hours\') THEN jsonb_typeof(value) = \'array\' AND NOT jsonb_path_exists(value, \'$[*] ? (@.type() != "string" || !(@ like_regex "^([01][0-9]|2[0-3]):[0-5][0-9]$"))\') AND jsonb_path_exists(value, \'strict $ ? (@.size() == 2)\') WHEN key IN (\'milestone_not_before_hours\') THEN jsonb_typeof(value) = \'object\' AND NOT jsonb_path_exists(value, \'$.* ? (@.type() != "number" || @ < 0 || @ > 8784)\') ELSE false END'),
        ),
        AddConstraintNotValid(
            model_name='procedure',
            constraint=patients.models.json_bounds.JsonRule(name='medicines_on_hold_have_days_in_years_of_care', sql='jsonb_typeof(meds_on_hold) = \'array\' AND NOT jsonb_path_exists(meds_on_hold, \'$[*] ? (@.type() != "object" || (@.restart_on != null && (@.restart_on.type() != "string" || !(@.restart_on like_regex "^(20[0-9]{2}|2100)-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"))))\')'),
        ),
    ]
