import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("personnel", "0003_subjects_become_courses"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="training",
            name="subject",
        ),
        migrations.AlterField(
            model_name="training",
            name="course",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="trainings", to="personnel.course"
            ),
        ),
    ]
