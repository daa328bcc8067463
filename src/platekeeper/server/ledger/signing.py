"""The private half of the key that signs checkpoints: a file of the department's home, never in the database."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platekeeper.server.storage.files import write_durably


class KeyMissing(Exception):
    """The file with the signing key is gone, or is not the key that the ledger knows."""


def new_key() -> Ed25519PrivateKey:
    """Return a new key."""
    return Ed25519PrivateKey.generate()


def public_of(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 bytes of the public half."""
    return key.public_key().public_bytes_raw()


def save(key: Ed25519PrivateKey, folder: Path) -> None:
    """Put a key on disk, under the name of its public half; it is there before anything speaks of it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(_place(folder, public_of(key)), key.private_bytes_raw().hex().encode(), mode=0o600)


def load(public: bytes, folder: Path) -> Ed25519PrivateKey:
    """Return the private half of a public key. Raises `KeyMissing`."""
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(_place(folder, public).read_text()))
    except (OSError, ValueError) as error:
        raise KeyMissing(
            f"The ledger's signing key is not in the department's home: {folder.name}/{_place(folder, public).name} is "
            "missing or unreadable. Put it back, or change the key."
        ) from error
    if public_of(key) != public:
        raise KeyMissing("The file of the ledger's signing key holds another key.")
    return key


def forget(public: bytes, folder: Path) -> None:
    """Remove the private half of a key that has ended: what it signed still verifies, and it signs nothing any more."""
    _place(folder, public).unlink(missing_ok=True)


def _place(folder: Path, public: bytes) -> Path:
    return folder / f"{public.hex()[:16]}.key"
