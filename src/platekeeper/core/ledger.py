"""The ledger's hashes: a Merkle tree over canonical JSON (RFC 6962, section 2.1) with salted commitments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

_COMMITMENT = b"platekeeper commitment v1\0"


def canonical(value: Any) -> bytes:
    """Return the one byte form of plain data: JSON in UTF-8, keys sorted, no spaces.

    Takes str, int, bool, None, lists (or tuples) and dicts with str keys; anything else, floats included, is a TypeError.
    """
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check(value: Any) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case list() | tuple():
            for item in value:
                _check(item)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise TypeError(f"a key must be text, not {type(key).__name__}")
                _check(item)
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of no leaves, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level, sha256 = list(leaves), hashlib.sha256
    # Pairing neighbours and carrying the odd one up gives the same tree as splitting at the largest power of two.
    while len(level) > 1:
        # `node_hash`, written out: batches of reads have a thousand leaves
        paired = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0]


def commitment(salt: bytes, field: str, value: str) -> str:
    """Return the hexadecimal SHA-256 that stands for a field's value until its salt and value are shown."""
    parts = (salt, field.encode(), value.encode())
    return hashlib.sha256(_COMMITMENT + b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()
