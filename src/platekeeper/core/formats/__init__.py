"""File and payload formats: one module each, a pure parser of bytes. A new one is written and named here."""

from __future__ import annotations

from collections.abc import Callable

from platekeeper.core.formats import new_york
from platekeeper.core.formats.hotlist import ParsedHotList

HOT_LIST_FORMATS: dict[str, Callable[[bytes], ParsedHotList]] = {
    "new_york": new_york.parse,
}
"""Hot list formats by the name that deliveries record. A camera format is called by its own address in `server/api`."""
