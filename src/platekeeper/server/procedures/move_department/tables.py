"""What is moved: every table of ours and of the libraries', those first that others refer to."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter

from django.apps import apps
from django.db import connection, connections
from django.db.models import AutoField, CharField, IntegerField, Max, Min, Model
from django.db.models.functions import Length

SOURCE = "left_behind"
"""The alias of the SQLite records that the department moves away from."""
NOT_MOVED = {"django_session": "people sign in again", "usersessions_usersession": "people sign in again"}
"""Table -> why it begins empty."""


def tables() -> list[type[Model]]:
    """Return the models of all tables that are moved, each after those it refers to."""
    models = [each for each in apps.get_models(include_auto_created=True) if not each._meta.proxy]
    sorter = TopologicalSorter({model: _referred_to(model) - {model} for model in models})
    return [model for model in sorter.static_order() if model._meta.db_table not in NOT_MOVED]


def all_tables() -> list[str]:
    """Return the names of all tables that Django's models have."""
    return [each._meta.db_table for each in apps.get_models(include_auto_created=True) if not each._meta.proxy]


def in_pieces(model: type[Model]) -> bool:
    """Say whether a table can be copied a piece at a time by its key: whole numbers, and no row refers to a later one."""
    return isinstance(model._meta.pk, (AutoField, IntegerField)) and model not in _referred_to(model)


def unfit() -> Iterator[str]:
    """Yield in words what SQLite let pass and PostgreSQL will not: texts too long, numbers too large."""
    for model in tables():
        texts = {f: f.max_length for f in model._meta.concrete_fields if isinstance(f, CharField) and f.max_length}
        numbers = {f: _range(f) for f in model._meta.concrete_fields if isinstance(f, IntegerField)}
        longest = {f"longest_{f.attname}": Max(Length(f.attname)) for f in texts}
        ends = {f"{end.name}_{f.attname}": end(f.attname) for f in numbers for end in (Min, Max)}
        if not longest | ends:
            continue
        found = model._base_manager.using(SOURCE).aggregate(**longest, **ends)
        for field, most in texts.items():
            if (found[f"longest_{field.attname}"] or 0) > most:
                yield f"{model._meta.db_table}.{field.column} holds a text longer than {most}"
        for number, (low, high) in numbers.items():
            least, most_found = (found[f"{end.name}_{number.attname}"] or 0 for end in (Min, Max))
            if (low is not None and least < low) or (high is not None and most_found > high):
                yield f"{model._meta.db_table}.{number.column} holds a number outside {low} to {high}"


def numbers_given() -> dict[str, int]:
    """Return the highest number that each table of the source ever gave a row: none of them may come back."""
    with connections[SOURCE].cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return dict(cursor.fetchall())


def _range(field: IntegerField[int, int]) -> tuple[int | None, int | None]:
    low, high = connection.ops.integer_field_range(field.get_internal_type())
    return low, high


def _referred_to(model: type[Model]) -> set[type[Model]]:
    related = (field.related_model for field in model._meta.concrete_fields if field.is_relation)
    return {each for each in related if isinstance(each, type)}
