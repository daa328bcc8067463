"""Django's `migrate`, with each migration and the note that it was done in one transaction.

Django notes one that leaves foreign keys or indexes to its end after the commit of its tables. Killed in between, it makes
the tables again and fails, and so does every `migrate` from then on.
"""

from __future__ import annotations

from django.core.management.commands import migrate
from django.db import transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class WholeMigrations(MigrationExecutor):
    """Applies a migration whole, or not at all."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Apply a migration and note it."""
        if not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        self.connection.disable_constraint_checking()  # SQLite's schema editor wants it, and cannot within a transaction
        try:
            with transaction.atomic(using=self.connection.alias):
                return super().apply_migration(state, migration, fake, fake_initial)
        finally:
            self.connection.enable_constraint_checking()


migrate.MigrationExecutor = WholeMigrations  # type: ignore[attr-defined] # the command makes its own, of this name
Command = migrate.Command
