"""The database itself refuses to change or delete a leaf, on SQLite and on PostgreSQL."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_SQLITE = """
CREATE TRIGGER ledger_no_{lower} BEFORE {upper} ON ledger_ledgerentry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
"""
_POSTGRESQL = """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger_ledgerentry
FOR EACH ROW EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger_ledgerentry
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
"""


def guard(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_POSTGRESQL)
        return
    for statement in ("update", "delete"):
        schema_editor.execute(_SQLITE.format(lower=statement, upper=statement.upper()))


class Migration(migrations.Migration):
    dependencies = (("ledger", "0001_initial"),)
    operations = (migrations.RunPython(guard, migrations.RunPython.noop),)
