"""The folder of a unit: who it is, whose it is, and what it keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platekeeper.field.files import write_durably


class NotEnrolled(Exception):
    """The unit does not know its department yet; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Enrollment:
    """Whose unit this is: its number and name there, the server, the unit's key to it, and the department's public keys.

    `signs` checks what the department says, `opens` is what reads are sealed to: 32 bytes each in hexadecimal.
    """

    server: str
    key: str
    department: str
    unit: int
    name: str
    signs: str
    opens: str
    authorities: str = ""


@dataclass(frozen=True, slots=True)
class UnitHome:
    """The places in the folder."""

    folder: Path

    @property
    def spool(self) -> Path:
        """Reads until the department has them."""
        return self.folder / "spool.sqlite3"

    @property
    def hot_lists(self) -> Path:
        """What was issued to the unit."""
        return self.folder / "hot-lists"

    @property
    def page(self) -> Path:
        """The port of the alarm page on loopback, while a unit is on duty in this folder."""
        return self.folder / "page"

    @property
    def enrollment(self) -> Enrollment:
        """Whose unit this is. Raises `NotEnrolled`."""
        try:
            return Enrollment(**json.loads((self.folder / "unit.json").read_text()))
        except FileNotFoundError as missing:
            raise NotEnrolled("This unit belongs to nobody yet. Begin with: platekeeper-field enroll") from missing
        except (ValueError, TypeError) as broken:
            raise NotEnrolled("unit.json is not what was written there. Enroll the unit again.") from broken

    def enroll(self, enrollment: Enrollment) -> None:
        """Take down whose unit this is; it holds the key, so nobody else may read it."""
        write_durably(self.folder / "unit.json", json.dumps(asdict(enrollment), indent=1).encode())

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the unit's own key, made at the first call: what it hands in on removable media is signed with it."""
        if not self._key.exists():
            self.renew_key()
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._key.read_text()))

    def renew_key(self) -> None:
        """Give the unit another key of its own; the one before is gone, and nothing is signed with it any more."""
        write_durably(self._key, Ed25519PrivateKey.generate().private_bytes_raw().hex().encode())

    @property
    def _key(self) -> Path:
        return self.folder / "unit.key"
