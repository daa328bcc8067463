"""Lengths of time that a database reckons itself: SQLite has no type of them, and Django does it row by row in Python."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import FloatField, Func
from django.db.models.sql.compiler import SQLCompiler


class Seconds(Func):
    """A moment as seconds, reckoned by the database itself, within a thousandth."""

    output_field = FloatField()
    arity = 1

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any) -> tuple[str, Any]:
        """Days since noon of a day long ago, in SQLite."""
        return self.as_sql(compiler, connection, template="(julianday(%(expressions)s) * 86400.0)", **more)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any) -> tuple[str, Any]:
        """Seconds since 1970, in PostgreSQL. `extract` would go by way of exact decimals, and take far longer."""
        return self.as_sql(compiler, connection, template="date_part('epoch', %(expressions)s)", **more)
