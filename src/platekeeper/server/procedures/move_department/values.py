"""A row as the source has it, and as the target takes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Field, JSONField, Model

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
Row = tuple[Any, ...]


def rows(model: type[Model], alias: str, *, after: Any = None, limit: int | None = None) -> Iterator[Row]:
    """Yield a table's rows by their keys, as Python has them; at most `limit` of them, after the key `after`."""
    query = model._base_manager.using(alias).order_by("pk")
    if after is not None:
        query = query.filter(pk__gt=after)
    names = [field.attname for field in model._meta.concrete_fields]
    for row in query.values_list(*names)[:limit].iterator(chunk_size=500):
        yield tuple(plain(value) for value in row)


def plain(value: Any) -> Any:
    """Return a value that compares across engines and that PostgreSQL can hold: NUL is no character to it."""
    if isinstance(value, str):
        return _NO_TEXT.sub("\ufffd", value) if _NO_TEXT.search(value) else value
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, dict):
        return {plain(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def for_target(fields: Sequence[Field[Any, Any]], row: Row) -> list[Any]:
    """Return a row as the target's driver takes it."""
    return [_prepared(field, value) for field, value in zip(fields, row, strict=True)]


def _prepared(field: Field[Any, Any], value: Any) -> Any:
    if value is None and isinstance(field, JSONField) and not field.null:
        return connection.ops.adapt_json_value(None, field.encoder)  # JSON's own null, not SQL's
    return field.get_db_prep_save(value, connection)
