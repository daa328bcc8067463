"""Leaves are found by subject and time. The index by subject alone goes without the table being made anew, as Django would
on SQLite: the triggers that guard the ledger would go with the old one."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop what was made for the subject alone; PostgreSQL has a second one, for beginnings."""
    model = apps.get_model("ledger", "LedgerEntry")
    for name in schema_editor._constraint_names(model, ["subject"], index=True):  # type: ignore[attr-defined]
        schema_editor.execute(f'DROP INDEX "{name}"')


class Migration(migrations.Migration):
    dependencies = (("ledger", "0003_acts_of_a_time"),)
    operations = (
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(fields=["subject", "at"], name="ledger_of_a_subject"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="ledgerentry",
                    name="subject",
                    field=models.CharField(blank=True, help_text="what was acted on, such as hit:12", max_length=80),
                )
            ],
        ),
    )
