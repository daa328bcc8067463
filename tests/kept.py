"""Records that many tests begin with: made once in a process by the code that makes them, then put back row by row."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import connection, transaction

P = ParamSpec("P")
T = TypeVar("T")
_NEVER_EMPTY = {"auth", "contenttypes"}  # migrating fills them


@dataclass(frozen=True, slots=True)
class _Made:
    returned: bytes
    rows: list[tuple[str, list[tuple[Any, ...]]]]  # by the statement that inserts them


def kept(make: Callable[P, T]) -> Callable[P, T]:
    """Keep what a function makes of empty records, by its arguments, and put that back when records are empty again.

    Rows keep their numbers: the database counts on from them. Records that have rows already get what it makes of them.
    """
    known: dict[bytes, _Made] = {}

    @wraps(make)
    def made(*given: P.args, **named: P.kwargs) -> T:
        if not _is_empty():
            return make(*given, **named)
        key = pickle.dumps((given, named))
        if key in known:
            _insert(known[key].rows)
        else:
            known[key] = _Made(pickle.dumps(make(*given, **named)), _rows())
        returned: T = pickle.loads(known[key].returned)
        return returned

    return made


@cache
def _tables() -> list[str]:
    every = apps.get_models(include_auto_created=True)
    return [f'"{each._meta.db_table}"' for each in every if each._meta.app_label not in _NEVER_EMPTY]


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in _tables()))
        return not cursor.fetchone()[0]


def _rows() -> list[tuple[str, list[tuple[Any, ...]]]]:
    found = []
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT * FROM {table}")
            if rows := cursor.fetchall():
                columns = ", ".join(f'"{column[0]}"' for column in cursor.description)
                found.append((f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(rows[0]))})", rows))
    return found


def _insert(rows: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, each in rows:
            cursor.executemany(statement, each)
