"""Checkpoints are signed here (C2SP `signed-note`, `tlog-checkpoint`); the signer is handed in."""

from __future__ import annotations

import base64
from collections.abc import Callable

from platekeeper.verify import SIGNED, checkpoint_text, key_id

Sign = Callable[[bytes], bytes]
"""Ed25519: what is signed -> 64 bytes."""


def checkpoint(*, origin: str, size: int, root: bytes, public: bytes, sign: Sign) -> str:
    """Return the signed note over a tree head. The key's name is the origin, as the format has it."""
    if not origin or any(each.isspace() or each == "+" for each in origin):
        raise ValueError("an origin has no spaces and no plus sign")
    text = checkpoint_text(origin, size, root)
    signature = key_id(origin, public) + sign(text.encode())
    return f"{text}\n{SIGNED}{origin} {base64.b64encode(signature).decode()}\n"
