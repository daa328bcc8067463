from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def carry_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was trained becomes a course; a position began when its person was added; an account that is off was disabled."""
    names = ("Course", "Training", "Holding", "Person", "Disabling")
    Course, Training, Holding, Person, Disabling = (apps.get_model("personnel", name) for name in names)
    now = timezone.now()
    for training in Training.objects.all():
        kept = {"kind": "initial", "added_at": training.recorded_at}
        training.course = Course.objects.get_or_create(title=training.subject, defaults=kept)[0]
        training.save(update_fields=["course"])
    for holding in Holding.objects.select_related("person"):
        holding.given_at = holding.person.added_at
        holding.save(update_fields=["given_at"])
    Disabling.objects.bulk_create(
        Disabling(person=person, disabled_at=now) for person in Person.objects.filter(is_active=False)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("personnel", "0002_moments_courses_and_bulletins"),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
    ]
