from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recovery", "0007_contacts_without_an_alert")]

    operations = [
        migrations.AddField(
            model_name="dailylog",
            name="left_over",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
