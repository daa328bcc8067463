"""The stores that procedures use, found under the department's home."""

from __future__ import annotations

from django.conf import settings

from platekeeper.server.storage.reads import ReadStore


def read_store() -> ReadStore:
    """Return the store of reads; cheap, and it keeps no file open."""
    return ReadStore(settings.HOME.lpr_data)
