from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0007_staff_phones_are_contact_methods'),
    ]

    operations = [
        migrations.AddField(
            model_name='procedure',
            name='allergies',
            field=models.CharField(blank=True, default='', max_length=300),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='procedure',
            name='home_instructions',
            field=models.TextField(blank=True, default='', max_length=2000),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='procedure',
            name='medicine_instructions',
            field=models.TextField(blank=True, default='', max_length=2000),
            preserve_default=False,
        ),
    ]
