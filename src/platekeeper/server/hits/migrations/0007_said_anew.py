from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hits", "0006_steps_of_a_hit"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="hitstep",
            name="hits_each_step_once",
        ),
        migrations.AddConstraint(
            model_name="hitstep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("confirmation_asked", "stopped", "recalled"))),
                fields=("hit", "kind"),
                name="hits_each_step_once",
            ),
        ),
    ]
