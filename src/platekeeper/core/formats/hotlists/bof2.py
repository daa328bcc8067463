"""The UK's BOF2: a ZIP of `{source}_{list}_{op}.dat`, sixteen columns without a heading.

What the file's name says of the rows, to add or to delete, becomes a column in front of them; STOP and SILENT say what a
hit does. A ZIP without a file of deletions is a whole list all the same, since BOF2 lists are kept by changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from platekeeper.core.categories import HitAction
from platekeeper.core.formats.hotlists.delimited import Delimited
from platekeeper.core.formats.hotlists.records import records
from platekeeper.core.formats.hotlists.rows import HotListFormatError
from platekeeper.core.formats.hotlists.unpacking import members, plain_text
from platekeeper.core.formats.hotlists.words import CATEGORY_WORDS

_DELETES = ("d", "del", "delete", "deleted", "deletes", "deletions", "rem", "remove", "removed")


@dataclass(frozen=True)
class _BOF2(Delimited):
    def rows(self, content: bytes) -> bytes:
        """Return the rows of every member, each with its operation in front."""
        found = {name: rows for name, rows in members(content, largest=self.largest).items() if not _is_other(name)}
        if not found:
            raise HotListFormatError("The ZIP holds no .dat file; a BOF2 list is {source}_{list}_{op}.dat.")
        return b"".join(
            _operation(name) + b"," + row + b"\n"
            for name in sorted(found, key=lambda name: _operation(name) == b"add")  # what is added again stays
            for row in _rows_of(plain_text(found[name]))
            if row.strip()
        )


def _rows_of(text: bytes) -> Iterator[bytes]:
    for record in records(text, 0, ","):
        if record.number > 1 or not record.cells or record.cells[0].strip().upper() != "VRM":  # some write a heading
            yield text[record.begin : record.end].rstrip(b"\r\n")


def _is_other(name: str) -> bool:
    return bool(name) and not name.lower().endswith(".dat")


def _operation(name: str) -> bytes:
    return b"remove" if name.lower().removesuffix(".dat").rpartition("_")[2] in _DELETES else b"add"


FORMAT = _BOF2(
    title="UK BOF2 (ZIP)",
    has_header=False,
    delimiter=",",
    columns=dict.fromkeys(
        (
            "operation", "plate", "make", "model", "color", "action", "markers", "category", "5x5x5", "reason",
            "agency", "expires", "reference", "gpms", "cad", "spare1", "spare2",
        ),
        (),
    ),
    categories=CATEGORY_WORDS,
    actions={"stop": HitAction.STOP, "silent": HitAction.SILENT},
    is_incremental=True,
    reaches="reference",
    day_first=True,
)  # fmt: skip
