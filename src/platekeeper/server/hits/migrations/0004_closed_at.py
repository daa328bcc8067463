from django.db import migrations, models

_FILL = """
UPDATE hits_hit SET closed_at = (
  SELECT MIN("at") FROM hits_hitstep WHERE hit_id = hits_hit.id AND kind IN ('outcome', 'recalled')
) WHERE closed_at IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("hits", "0003_plate_as_it_was_sent"),
    ]

    operations = [
        migrations.AddField(
            model_name="hit",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="hit",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["closed_at", "repeat_of"], name="hits_open"
            ),
        ),
    ]
