"""The stores that procedures use, found under the department's home."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from platekeeper.server.storage.home import Home
from platekeeper.server.storage.sqlite.reads import ReadStore


def lpr_data() -> Path:
    """Return the folder of the reads, for what looks at them as columns."""
    folder: Path = settings.HOME.lpr_data
    return folder


def read_store() -> ReadStore:
    """Return the store of reads; cheap, and it keeps no file open."""
    return ReadStore(lpr_data())


def reads_left_behind(home: Home) -> ReadStore:
    """Return the store in the home's files, which a department moves away from."""
    return ReadStore(home.lpr_data)
