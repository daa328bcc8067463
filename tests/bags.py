"""Packets as they are handed out, and as somebody makes them who changes what is in one."""

from __future__ import annotations

from platekeeper import verify
from platekeeper.server.procedures.export_packet import Exported


def bagged(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of a bag anew: its payload and `bag-info.txt`, with tag files that fit them."""
    payload = {path: content for path, content in files.items() if path.startswith("data/") or path == "bag-info.txt"}
    return payload | verify.tag_files(payload)


def content_of(packed: Exported) -> bytes:
    """Return the ZIP file of a packet, and let go of it."""
    with packed.file as file:
        return file.read()
