import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("casefiles", "0004_set_aside"),
    ]

    operations = [
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
