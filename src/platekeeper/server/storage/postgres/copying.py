"""Rows on their way into a partition, as binary COPY takes them."""

from __future__ import annotations

from collections.abc import Iterable

from platekeeper.server.storage.columns import ALL_COLUMNS, IMAGE_COLUMNS, ROW_COLUMNS
from platekeeper.server.storage.postgres import distributed
from platekeeper.server.storage.postgres.connections import Connection
from platekeeper.server.storage.postgres.parts import Part
from platekeeper.server.storage.rows import ReadRow

_WHOLE = dict.fromkeys(("number", "lpr", "at", "received", "image_offset", "image_length"), "int8")
_BYTES = dict.fromkeys(("id", "digest", "salt", "batch"), "bytea")
_FRACTIONS = dict.fromkeys(("state_confidence", "confidence", "latitude", "longitude"), "float8")
_TYPES = _WHOLE | _BYTES | _FRACTIONS | {"stage": "int2"}
_TYPES_IN_ORDER = [*(_TYPES.get(name, "text") for name in ("number", *ROW_COLUMNS, *IMAGE_COLUMNS)), "int2"]
_COLUMNS = f"{ALL_COLUMNS}, step"


def copy_rows(connection: Connection, part: Part, rows: Iterable[tuple[object, ...]]) -> None:
    """Put rows (number, row, image, step) into a part inside the caller's transaction."""
    columns, types = _COLUMNS, _TYPES_IN_ORDER
    if part.spread:
        columns, types, rows = f"{_COLUMNS}, {distributed.KEY}", [*types, "text"], map(_with_key, rows)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {part.name} ({columns}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _with_key(row: tuple[object, ...]) -> tuple[object, ...]:
    read = ReadRow._make(row[1 : 1 + len(ROW_COLUMNS)])
    return (*row, distributed.spread_of(read.folded, read.lpr))
