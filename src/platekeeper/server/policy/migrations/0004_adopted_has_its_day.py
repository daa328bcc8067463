from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("policy", "0003_values_typed_anew"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="policyversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("adopted_at", None), ("digest", ""), ("effective_at", None)),
                    models.Q(
                        ("adopted_at__isnull", False),
                        ("effective_at__isnull", False),
                        models.Q(("digest", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="policy_adopted_has_digest",
            ),
        ),
    ]
