"""Checkpoints and certificates are signed here (C2SP `signed-note`, `tlog-checkpoint`); the signer is handed in."""

from __future__ import annotations

import base64
from collections.abc import Callable

from platekeeper.verify import SIGNED, checkpoint_text, key_id

Sign = Callable[[bytes], bytes]
"""Ed25519: what is signed -> 64 bytes."""


def checkpoint(*, origin: str, size: int, root: bytes, public: bytes, sign: Sign) -> str:
    """Return the signed note over a tree head. The key's name is the origin, as the format has it."""
    return _signed(checkpoint_text(origin, size, root), origin=origin, public=public, sign=sign)


def certificate(*, origin: str, said: str, leaf: int, public: bytes, sign: Sign) -> str:
    """Return the signed note over a certificate, one line of canonical JSON, and the leaf that names its SHA-256.

    Its first line is not the origin of a checkpoint, and its second no number: neither note can pass for the other.
    """
    return _signed(certificate_text(origin, said, leaf), origin=origin, public=public, sign=sign)


def certificate_text(origin: str, said: str, leaf: int) -> str:
    """Return the text that is signed."""
    return f"{origin}/disposal\n{said}\n{leaf}\n"


def _signed(text: str, *, origin: str, public: bytes, sign: Sign) -> str:
    if not origin or any(each.isspace() or each == "+" for each in origin):
        raise ValueError("an origin has no spaces and no plus sign")
    signature = key_id(origin, public) + sign(text.encode())
    return f"{text}\n{SIGNED}{origin} {base64.b64encode(signature).decode()}\n"
