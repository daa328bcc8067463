from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0002_destroyed_backups"),
    ]

    operations = [
        migrations.AddField(
            model_name="backup",
            name="reached",
            field=models.BooleanField(
                default=True, help_text="the folder could be written: it may hold a part, at least"
            ),
        ),
    ]
