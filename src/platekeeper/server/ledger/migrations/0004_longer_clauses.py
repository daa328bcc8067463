from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def lengthen(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite knows no lengths, and building its table anew would lose the triggers that keep the ledger append-only."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE ledger_ledgerentry ALTER COLUMN clause TYPE varchar(20)")


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_acts_by_function"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(lengthen, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="ledgerentry",
                    name="clause",
                    field=models.CharField(blank=True, db_index=True, max_length=20),
                ),
            ],
        ),
    ]
