from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

UNITS = {"VI.k.floor": "days", "VI.k.ceiling": "days", "VI.m.every": "hours"}


def type_anew(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A number of days becomes a period; what was adopted was in force at once. Digests stay as the ledger has them."""
    for version in apps.get_model("policy", "PolicyVersion").objects.all():
        version.values = {
            key: f"{value} {UNITS[key]}" if key in UNITS and isinstance(value, int) else value
            for key, value in version.values.items()
        }
        version.effective_at = version.adopted_at
        version.save(update_fields=["values", "effective_at"])


class Migration(migrations.Migration):
    dependencies = [
        ("policy", "0002_effective_days_amendments_and_reviews"),
    ]

    operations = [
        migrations.RunPython(type_anew, migrations.RunPython.noop),
    ]
