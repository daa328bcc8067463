"""Hot list formats: one module each with a `FORMAT`. A new one is written and gets its row here."""

from __future__ import annotations

from platekeeper.core.formats.hotlists import bof2, genetec, mapped, ncic, new_york, rekor
from platekeeper.core.formats.hotlists.rows import HotListFormat

HOT_LIST_FORMATS: dict[str, HotListFormat] = {
    "new_york": new_york.FORMAT,
    "ncic": ncic.FORMAT,
    "mapped": mapped.FORMAT,
    "incremental": mapped.INCREMENTAL,
    "genetec": genetec.FORMAT,
    "rekor": rekor.FORMAT,
    "bof2": bof2.FORMAT,
}
"""Hot list formats by the name that deliveries record."""
