"""Django's `migrate`, with each migration and the note that it was done in one transaction, and new models rendered once.

Django notes one that leaves foreign keys or indexes to its end after the commit of its tables. Killed in between, it makes
the tables again and fails, and so does every `migrate` from then on.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState


class GrowingState(ProjectState):
    """Renders a new model beside those that are there. Django renders all that are related to it once more: nearly all are,
    by who did what, and a new department waits for that. Code in a migration sees all of them rendered anew (`is_delayed`).
    """

    def add_model(self, model_state: ModelState) -> None:
        """Add a model."""
        apps = self.__dict__.pop("apps", None)
        super().add_model(model_state)
        if apps is not None:
            self.__dict__["apps"], self.is_delayed = apps, True
            apps.render_multiple([model_state])


class WholeMigrations(MigrationExecutor):
    """Applies a migration whole, or not at all."""

    def _migrate_all_forwards(self, state: ProjectState, *args: Any, **kwargs: Any) -> ProjectState:
        growing = GrowingState(models=state.models, real_apps=state.real_apps)
        return super()._migrate_all_forwards(growing, *args, **kwargs)  # type: ignore[misc,no-any-return]

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
