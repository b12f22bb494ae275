"""How people want their notes, the opt-in to short logs, and hospital stays that a patient or helper said."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0034_when_a_clinics_mornings_begin'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='hospitalstay',
            name='a_stay_is_ended_by_a_named_person_after_it_began',
        ),
        migrations.AddField(
            model_name='caregiver',
            name='note_ways',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='hospitalstay',
            name='end_said_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hospitalstay',
            name='said_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='patient',
            name='log_hours',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='patient',
            name='note_ways',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), blank=True, db_default=[], default=list, size=None),
        ),
        migrations.AddField(
            model_name='patient',
            name='short_logs',
            field=models.CharField(blank=True, choices=[('sms', 'Text messages, answered with 1, 2 or 3'), ('call', 'Automatic calls, answered by pressing keys')], db_default='', default='', max_length=4),
        ),
        migrations.AlterField(
            model_name='hospitalstay',
            name='checked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.staff'),
        ),
        migrations.AlterField(
            model_name='hospitalstay',
            name='noted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.staff'),
        ),
        migrations.AddConstraint(
            model_name='caregiver',
            constraint=models.CheckConstraint(condition=models.Q(('note_ways__contained_by', ['sms', 'email', 'push'])), name='a_helpers_notes_come_by_known_ways'),
        ),
        migrations.AddConstraint(
            model_name='hospitalstay',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_said_by__isnull', True), ('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__gte', models.F('since')), ('ended_at__isnull', False), models.Q(models.Q(('end_said_by__isnull', True), ('ended_by__isnull', False)), models.Q(('end_said_by__isnull', False), ('ended_by__isnull', True)), _connector='OR')), _connector='OR'), name='a_stay_is_ended_by_a_named_person_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='hospitalstay',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('noted_by__isnull', False), ('said_by__isnull', True)), models.Q(('noted_by__isnull', True), ('said_by__isnull', False)), _connector='OR'), name='a_stay_is_noted_by_a_named_person'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('short_logs', ''), models.Q(('short_logs__in', ['sms', 'call']), models.Q(('phone', ''), _negated=True)), _connector='OR'), name='short_logs_go_to_a_phone'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('log_hours__contained_by', [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]), ('log_hours__len__lte', 2), ('note_ways__contained_by', ['sms', 'email', 'push'])), name='a_patients_notes_come_by_known_ways_and_by_day'),
        ),
    ]
