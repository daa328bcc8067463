"""A delivered file ready for matching: index and rows lie on disk, made once and mapped by every process that matches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from mmap import mmap
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings

from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS, incremental
from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.mapped import templated
from platekeeper.core.formats.hotlists.rows import HotListFormat, HotListLine, ParsedHotList, Progress
from platekeeper.core.matching import Entries, HotListIndex, taken_off
from platekeeper.server.storage import indexes, snapshots

VERSION = 1
"""Of the columns on disk; another number makes every index anew."""
CHANGES = "changes"
"""The format under which the sum of changes is kept: our own, and no file that is delivered."""
_REMOVED = "removed_"
_WITHDRAWN = "withdrawn"

Layout = Mapping[str, Mapping[str, str]]
NumbersOfEntries = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file's entries. `removed` is what it takes off a list, `withdrawn` which entries of the whole list that is."""

    name: str
    format: HotListFormat
    rows: bytes | mmap
    index: HotListIndex
    removed: Entries
    withdrawn: NumbersOfEntries

    @property
    def entries(self) -> Entries:
        """The entries, by the numbers that matches give."""
        return self.index.entries

    def line(self, number: int) -> HotListLine:
        """Return what the file says of an entry."""
        return self.format.line(self._read, int(self.entries.places[number]))

    def in_order(self, numbers: NumbersOfEntries) -> Iterator[HotListLine]:
        """Give what the file says of some entries, in its own order, read as they are asked for."""
        return map(self.line, numbers[np.argsort(self.entries.places[numbers])])

    def _read(self, offset: int, length: int) -> bytes:
        return self.rows[offset : offset + length]


def format_of(name: str, layout: Layout) -> HotListFormat:
    """Return a format with a list's own template. Raises ValueError for a template that makes no sense."""
    if name == CHANGES:
        return incremental.FORMAT
    found = HOT_LIST_FORMATS[name]
    columns, words = layout.get("columns", {}), layout.get("words", {})
    if isinstance(found, Delimited) and (columns or words):
        return templated(found, columns=columns, categories=words)
    return found


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
    withdrawn = _withdrawn(base, parsed)
    columns: dict[str, npt.NDArray[Any]] = {
        **index.columns(),
        **{f"{_REMOVED}{column}": values for column, values in parsed.removed.columns().items()},
        _WITHDRAWN: withdrawn,
    }
    name = name_of(digest, format=format, layout=layout, base=base)
    indexes.keep(settings.HOME.hot_list_indexes, name, columns=columns, rows=rows)
    return Loaded(name, reader, rows, index, parsed.removed, withdrawn), parsed


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


def _withdrawn(base: Loaded | None, parsed: ParsedHotList) -> NumbersOfEntries:
    """Return the entries of a whole list that changes take off it, or say anew."""
    if base is None:
        return np.empty(0, np.intp)
    again = np.flatnonzero(base.entries.standing_in(parsed.entries)) if len(parsed.entries) else np.empty(0, np.intp)
    return np.union1d(taken_off(base.entries, parsed.removed), again)
