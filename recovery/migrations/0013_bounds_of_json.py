"""What is kept as JSON is held to its bounds; old rows are brought into them by the next migration."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations

import patients.models.json_bounds


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0025_bounds_of_json'),
        ('recovery', '0012_when_a_restart_day_was_set'),
    ]

    operations = [
        AddConstraintNotValid(
            model_name='clinicsetting',
            constraint=patients.models.json_bounds.JsonRule(name='numbers_of_a_setting_are_possible', sql='NOT jsonb_path_exists(value, \'$.** ? (@.type() == "number" && (@ < 0 || @ > 100000))\')'),
        ),
    ]
