"""Which database a command works on, settled before Django reads its settings."""

from __future__ import annotations

import os

from platekeeper.server.storage.databases import OWNER_URL, URL

WEB_URL = "PLATEKEEPER_WEB_URL"
"""How a process that works as the owner knows whom the server works as."""


def as_owner() -> None:
    """Let this process work as the owner, where one is named."""
    if owner := os.environ.pop(OWNER_URL, ""):
        os.environ[WEB_URL], os.environ[URL] = os.environ.get(URL, ""), owner
