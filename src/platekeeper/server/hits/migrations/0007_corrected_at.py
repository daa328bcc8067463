from django.db import migrations, models

_FILL = """
UPDATE hits_hit SET corrected_at = (
  SELECT MIN("at") FROM hits_hitstep WHERE hit_id = hits_hit.id AND kind = 'read_corrected'
) WHERE corrected_at IS NULL AND id IN (SELECT hit_id FROM hits_hitstep WHERE kind = 'read_corrected')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("hits", "0006_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="hit",
            name="corrected_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.RemoveConstraint(
            model_name="hit",
            name="hits_one_a_read_and_entry",
        ),
        migrations.AddConstraint(
            model_name="hit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrected_at", None)),
                fields=("read_id", "entry_key"),
                name="hits_one_a_read_and_entry",
            ),
        ),
    ]
