"""What staff write down about a patient although no alert waits: only ever added, the database sees to it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0014_rows_set_aside'),
        ('patients', '0016_hospital_stays_and_folded_names'),
        ('recovery', '0006_a_log_from_a_shared_phone'),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('contacted', 'Spoke with the patient'), ('evaluated', 'Examined in person'), ('not_reached', 'Called, not reached'), ('note', 'Note')], max_length=12)),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('once', models.CharField(blank=True, max_length=36)),
                ('alert', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='alerts.alert')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='patients.patient')),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.staff')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', '-at'], name='contacts_of_a_patient')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['contacted', 'evaluated', 'not_reached', 'note'])), name='a_contact_is_of_a_known_kind'), models.CheckConstraint(condition=models.Q(('kind', 'not_reached'), models.Q(('note', ''), _negated=True), _connector='OR'), name='only_a_call_without_an_answer_needs_no_words'), models.UniqueConstraint(condition=models.Q(('once', ''), _negated=True), fields=('patient', 'staff', 'once'), name='a_contact_once_per_press')],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER recovery_patientcontact_append_only BEFORE UPDATE OR DELETE ON recovery_patientcontact "
            "FOR EACH ROW EXECUTE FUNCTION kypho_append_only();",
            "DROP TRIGGER IF EXISTS recovery_patientcontact_append_only ON recovery_patientcontact;",
        ),
    ]
