"""The department's keys towards its units in the field: one signs what they are given, one opens what they hand in.

A file of the department's home, made when it is first needed, backed up with the other secrets, never in the database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from platekeeper.server.storage.files import write_durably
from platekeeper.server.storage.locks import held


@dataclass(frozen=True, slots=True)
class FieldKeys:
    """Both private keys."""

    signs: Ed25519PrivateKey
    opens: X25519PrivateKey

    @property
    def public(self) -> tuple[bytes, bytes]:
        """The public halves, 32 bytes each: what checks a signature, and what a unit seals to."""
        return self.signs.public_key().public_bytes_raw(), self.opens.public_key().public_bytes_raw()


def field_keys(place: Path) -> FieldKeys:
    """Return the keys, making them if there are none yet."""
    if not place.exists():
        with held(place.with_suffix(".lock")):
            if not place.exists():
                _make(place)
    told = json.loads(place.read_text())
    return FieldKeys(
        Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["signs"])),
        X25519PrivateKey.from_private_bytes(bytes.fromhex(told["opens"])),
    )


def _make(place: Path) -> None:
    told = {
        "signs": Ed25519PrivateKey.generate().private_bytes_raw().hex(),
        "opens": X25519PrivateKey.generate().private_bytes_raw().hex(),
    }
    write_durably(place, json.dumps(told).encode(), mode=0o600)
