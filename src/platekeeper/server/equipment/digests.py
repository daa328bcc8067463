"""What is kept so that an LPR can log in by HTTP digest, where its maker's firmware knows nothing else.

The key itself is not stored. Digest needs H(user:realm:key) at hand, so these are made while the key is, for both of the
names by which an LPR may call itself: its own, and its number (docs/decisions/0008).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

REALM = "LPR ingest"
"""Part of every stored digest: it can never change."""
ALGORITHMS: dict[str, Callable[[bytes], str]] = {
    # Not for security of ours: cameras know no other, and the key behind it is 256 random bits.
    "MD5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda text: hashlib.sha256(text).hexdigest(),
}


def digests_of(key: str, *, names: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return H(user:realm:key) by algorithm and user name."""
    return {
        algorithm: {name: digest(f"{name}:{REALM}:{key}".encode()) for name in names}
        for algorithm, digest in ALGORITHMS.items()
    }
