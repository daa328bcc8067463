"""A delivered file ready for matching: index and rows lie on disk, made once and mapped by every process that matches."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy.typing as npt
from django.conf import settings

from platekeeper.core.formats.hotlists.rows import ParsedHotList, Progress
from platekeeper.core.hotlists.loaded import Layout, Loaded, format_of, withdrawn
from platekeeper.core.matching import Entries, HotListIndex
from platekeeper.server.storage import indexes, snapshots

VERSION = 2
"""Of the columns on disk; another number makes every index anew."""
_REMOVED = "removed_"
_WITHDRAWN = "withdrawn"


def make(
    content: bytes, *, digest: str, format: str, layout: Layout, base: Loaded | None = None, progress: Progress
) -> tuple[Loaded, ParsedHotList]:
    """Parse a file as delivered and put it on disk for matching. Raises `HotListFormatError`; then nothing is kept.

    `base` is the whole list on which a sum of changes stands.
    """
    reader = format_of(format, layout)
    rows = reader.rows(content)
    parsed = reader.parse(rows, progress=progress)
    index = HotListIndex(parsed.entries)
    gone = withdrawn(base, parsed)
    columns: dict[str, npt.NDArray[Any]] = {
        **index.columns(),
        **{f"{_REMOVED}{column}": values for column, values in parsed.removed.columns().items()},
        _WITHDRAWN: gone,
    }
    name = name_of(digest, format=format, layout=layout, base=base)
    indexes.keep(settings.HOME.hot_list_indexes, name, columns=columns, rows=rows)
    return Loaded(name, reader, rows, index, parsed.removed, gone), parsed


def opened(digest: str, *, format: str, layout: Layout, base: Loaded | None = None) -> Loaded:
    """Return a file's index, made anew from what was delivered if it is gone. Raises `storage.snapshots.SnapshotDamaged`."""
    name = name_of(digest, format=format, layout=layout, base=base)
    try:
        columns = indexes.mapped(settings.HOME.hot_list_indexes, name)
        rows = indexes.mapped_rows(settings.HOME.hot_list_indexes, name)
    except indexes.IndexMissing:
        content = snapshots.read(settings.HOME.hot_lists, digest)
        return make(content, digest=digest, format=format, layout=layout, base=base, progress=lambda _done, _of: None)[
            0
        ]
    removed = {column.removeprefix(_REMOVED): values for column, values in columns.items() if _REMOVED in column}
    return Loaded(
        name=name,
        format=format_of(format, layout),
        rows=rows,
        index=HotListIndex.from_columns(columns),
        removed=Entries.from_columns(removed),
        withdrawn=columns[_WITHDRAWN],
    )


def name_of(digest: str, *, format: str, layout: Layout, base: Loaded | None = None) -> str:
    """Return the name under which an index is kept: the same file read in the same way has the same."""
    told = json.dumps([VERSION, digest, format, layout, base.name if base else ""], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
