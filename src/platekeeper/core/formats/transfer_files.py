"""The manifest that goes with a routine transfer, and the receipt that comes back: signed lines, as `core.transfer` has them.

{"bundle": {"kind": "files", ..., "content": {"from", "to", "ground", "what", "purpose", "days", "files": [...]}}, ...}
{"bundle": {"kind": "files receipt", ..., "content": {"manifest": "<SHA-256 of the manifest's line>"}}, "signature": ...}
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from platekeeper.core.transfer import Bundle, Sign, TransferError, check, opened, sealed

MANIFEST, RECEIPT = "files", "files receipt"
_GOOD_FOR = timedelta(days=3650)


def manifest(content: Mapping[str, Any], *, uid: str, at: datetime, public: bytes, sign: Sign) -> bytes:
    """Return the signed line that says what a transfer is and names each file with its digest."""
    return sealed(content, kind=MANIFEST, uid=uid, made_at=at, expires_at=at + _GOOD_FOR, public=public, sign=sign)


def receipt(of: bytes, *, uid: str, at: datetime, public: bytes, sign: Sign) -> bytes:
    """Return the signed line with which a receiver says that all that a manifest names came whole."""
    content = {"manifest": hashlib.sha256(of).hexdigest()}
    return sealed(content, kind=RECEIPT, uid=uid, made_at=at, expires_at=at + _GOOD_FOR, public=public, sign=sign)


def checked_receipt(line: bytes, *, of: bytes, public: bytes) -> Bundle:
    """Return a receipt once it is found to be for this manifest and by this key. Raises `TransferError`."""
    found = opened(line.strip())
    if found.kind != RECEIPT or dict(found.content) != {"manifest": hashlib.sha256(of).hexdigest()}:
        raise TransferError("This is no receipt for this transfer.")
    check(found, public)
    return found
