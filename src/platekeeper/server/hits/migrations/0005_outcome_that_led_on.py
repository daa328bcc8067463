from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hits", "0004_closed_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="hitstep",
            name="led_on",
            field=models.BooleanField(
                default=False,
                help_text="of an outcome: enforcement action, an investigation or a prosecution came of it (V.c)",
            ),
        ),
    ]
