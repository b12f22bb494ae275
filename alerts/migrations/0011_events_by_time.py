from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0010_oncall_overrides_swaps_and_hand_over")]

    operations = [
        migrations.AddIndex(
            model_name="alertevent",
            index=models.Index(fields=["at"], name="events_by_time"),
        ),
    ]
