"""Files of reads and hits that leave the department: CSV, JSON lines and Parquet, all with the same columns.

Times are UTC (ISO 8601; in Parquet microseconds), degrees WGS 84. `id` is a keyed hash: it says nothing of the plate, and a
receiver knows by it what it has already. `image` (JPEG or PNG) is in JSON lines (base64) and Parquet (bytes) alone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import IO, Any

from platekeeper.core.tables import csv_lines

_AT_ONCE = 10_000


class Form(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


WITH_IMAGES = frozenset({Form.JSONL, Form.PARQUET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One read as it leaves. `hit` is the category of the entry it matched, `outcome` what became of it; empty for none."""

    id: str
    captured_at: datetime
    lpr: str
    latitude: float | None
    longitude: float | None
    plate: str
    state: str
    confidence: float | None
    direction: str = ""
    color: str = ""
    make: str = ""
    hit: str = ""
    outcome: str = ""
    image: bytes | None = None


COLUMNS = tuple(field.name for field in fields(Row) if field.name != "image")


def write(rows: Iterable[Row], form: Form, out: IO[bytes]) -> int:
    """Write rows and return how many; never more than some thousands are in memory at once."""
    match form:
        case Form.CSV:
            return _lines(csv_lines(COLUMNS, map(_texts, rows)), out) - 1
        case Form.JSONL:
            return _lines((json.dumps(_texts(row), ensure_ascii=False) + "\n" for row in rows), out)
        case Form.PARQUET:
            return _parquet(rows, out)


def _lines(lines: Iterator[str], out: IO[bytes]) -> int:
    count = 0
    for count, line in enumerate(lines, start=1):  # noqa: B007 - how many is what is returned
        out.write(line.encode())
    return count


def _texts(row: Row) -> dict[str, Any]:
    told = asdict(row) | {"captured_at": row.captured_at.isoformat()}
    image = told.pop("image")
    return told if image is None else {**told, "image": base64.b64encode(image).decode()}


def _parquet(rows: Iterable[Row], out: IO[bytes]) -> int:
    import pyarrow as pa  # only who writes Parquet waits for it: it is by far the largest of our libraries
    import pyarrow.parquet as pq

    text, number = pa.string(), pa.float64()
    types = {"captured_at": pa.timestamp("us", tz="UTC"), "latitude": number, "longitude": number, "confidence": number}
    schema = pa.schema([*((name, types.get(name, text)) for name in COLUMNS), ("image", pa.binary())])
    count, rest = 0, iter(rows)
    with pq.ParquetWriter(out, schema) as writer:
        while some := list(islice(rest, _AT_ONCE)):
            writer.write_table(pa.Table.from_pylist([asdict(row) for row in some], schema=schema))
            count += len(some)
    return count
