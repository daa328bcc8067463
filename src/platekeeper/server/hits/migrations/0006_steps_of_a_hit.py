import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hits", "0005_outcome_that_led_on"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="hitstep",
            index=models.Index(fields=["hit", "kind", "at"], name="hits_steps_of_a_hit"),
        ),
        migrations.AlterField(
            model_name="hitstep",
            name="hit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="steps",
                to="hits.hit",
            ),
        ),
    ]
