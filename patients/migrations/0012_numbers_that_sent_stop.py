from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("patients", "0011_devices_of_staff")]

    operations = [
        migrations.CreateModel(
            name="StoppedNumber",
            fields=[
                ("number", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("stopped_at", models.DateTimeField()),
            ],
        ),
    ]
