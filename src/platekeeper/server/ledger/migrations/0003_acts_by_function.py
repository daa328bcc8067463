"""The acts are named by a function from now on, so that a new one needs no migration; no table changes."""

from __future__ import annotations

from django.db import migrations, models

import platekeeper.server.ledger.actions


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [
        migrations.AlterField(
            "LedgerEntry",
            "action",
            models.CharField(choices=platekeeper.server.ledger.actions.action_choices, db_index=True, max_length=32),
        ),
    ]
