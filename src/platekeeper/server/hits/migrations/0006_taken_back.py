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
        migrations.RemoveConstraint(
            model_name="hitstep",
            name="hits_each_step_once",
        ),
        migrations.AlterField(
            model_name="hitstep",
            name="kind",
            field=models.CharField(
                choices=[
                    ("shown", "shown"),
                    ("image_verified", "image agrees with the vehicle"),
                    ("image_differs", "image differs from the vehicle"),
                    ("confirmation_asked", "confirmation asked of dispatch"),
                    ("confirmed", "confirmed"),
                    ("not_confirmed", "not confirmed"),
                    ("stopped", "stop made"),
                    ("stop_taken_back", "stop taken back"),
                    ("outcome", "outcome recorded"),
                    ("reopened", "opened again"),
                    ("recalled", "recalled"),
                    ("recall_seen", "recall seen"),
                    ("read_corrected", "read corrected by the LPR"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="hitstep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("confirmation_asked", "recalled"))),
                fields=("hit", "kind"),
                name="hits_each_step_once",
            ),
        ),
    ]
