import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casefiles", "0003_answers_taken_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="preserved",
            name="casefiles_preserved_once_in_a_case",
        ),
        migrations.AddField(
            model_name="preserved",
            name="set_aside_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="preserved",
            name="set_aside_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="preserved",
            name="set_aside_why",
            field=models.CharField(blank=True, max_length=240),
        ),
        migrations.AddConstraint(
            model_name="preserved",
            constraint=models.UniqueConstraint(
                condition=models.Q(("set_aside_at", None)),
                fields=("case", "key"),
                name="casefiles_preserved_once_in_a_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="preserved",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("set_aside_at", None), ("set_aside_by", None)),
                    models.Q(("set_aside_at__isnull", False), ("set_aside_by__isnull", False)),
                    _connector="OR",
                ),
                name="casefiles_set_aside_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="preserved",
            index=models.Index(
                fields=["case", "kind", "preserved_at", "set_aside_at", "key"], name="casefiles_copies_in"
            ),
        ),
        migrations.AlterField(
            model_name="preserved",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="preserved",
                to="casefiles.casefile",
            ),
        ),
    ]
