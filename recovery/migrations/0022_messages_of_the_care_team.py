"""What the care team writes to a patient, and who read it: only ever added, the database sees to it."""

import datetime
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0043_planned_procedures'),
        ('recovery', '0021_what_a_note_is_about'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CareMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sent_at', models.DateTimeField()),
                ('text', models.TextField(max_length=1000)),
                ('language', models.CharField(choices=[('en', 'English'), ('es', 'Español')], max_length=8)),
                ('once', models.CharField(max_length=36)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='care_messages', to='patients.patient')),
                ('sent_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.staff')),
            ],
        ),
        migrations.CreateModel(
            name='CareMessageRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reads', to='recovery.caremessage')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='caremessage',
            index=models.Index(fields=['patient', '-sent_at'], name='care_messages_of_a_patient'),
        ),
        migrations.AddConstraint(
            model_name='caremessage',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='a_care_message_has_words'),
        ),
        migrations.AddConstraint(
            model_name='caremessage',
            constraint=models.CheckConstraint(condition=models.Q(('language__in', ('en', 'es'))), name='a_care_message_is_in_a_language_we_speak'),
        ),
        migrations.AddConstraint(
            model_name='caremessage',
            constraint=models.UniqueConstraint(fields=('patient', 'sent_by', 'once'), name='a_care_message_once_per_press'),
        ),
        migrations.AddConstraint(
            model_name='caremessage',
            constraint=models.CheckConstraint(condition=models.Q(('sent_at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('sent_at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='a_care_message_is_in_years_of_care'),
        ),
        migrations.AddConstraint(
            model_name='caremessageread',
            constraint=models.UniqueConstraint(fields=('message', 'user'), name='a_care_message_is_first_read_once'),
        ),
        migrations.AddConstraint(
            model_name='caremessageread',
            constraint=models.CheckConstraint(condition=models.Q(('at__gte', datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)), ('at__lt', datetime.datetime(2101, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))), name='a_reading_is_in_years_of_care'),
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION kypho_append_only();",
                f"DROP TRIGGER IF EXISTS {table}_append_only ON {table};",
            )
            for table in ("recovery_caremessage", "recovery_caremessageread")
        ),
    ]
