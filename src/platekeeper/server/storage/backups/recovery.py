"""The recovery key: made once, handed out in shares (SLIP-39, k of n), never stored; and what the server keeps of it.

Data keys are sealed to it with HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.share import Share

from platekeeper.server.storage.files import write_durably

MOST_HOLDERS = 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class WrongShares(Exception):
    """The shares do not give a recovery key, or not the one that is asked for; the message says what to do."""


@dataclass(frozen=True)
class Lock:
    """What the server keeps of a recovery key: `public` seals data keys, `mark` marks what the server wrote."""

    public: bytes
    mark: bytes

    @cached_property
    def fingerprint(self) -> str:
        """Return what names the recovery key: 16 hexadecimal characters."""
        return hashlib.sha256(b"platekeeper recovery key" + self.public).hexdigest()[:16]

    def seal(self, key: bytes, *, about: str) -> bytes:
        """Encrypt a data key so that only the recovery key opens it."""
        return _SUITE.encrypt(key, X25519PublicKey.from_public_bytes(self.public), about.encode())

    def marked(self, *parts: bytes | str) -> str:
        """Return the mark (hex) of some parts in their order: only this server, or the recovery key, can make it."""
        told = [part.encode() if isinstance(part, str) else part for part in parts]
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in told)
        return hmac.digest(self.mark, framed, "sha256").hex()

    def is_marked(self, mark: str, *parts: bytes | str) -> bool:
        """Say whether a mark is the one of these parts."""
        return hmac.compare_digest(mark.encode(), self.marked(*parts).encode())


@dataclass(frozen=True)
class RecoveryKey:
    """The key itself. Let go of it as soon as it has done its work."""

    secret: bytes

    @classmethod
    def make(cls) -> Self:
        """Make a key by chance."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def joined(cls, shares: Sequence[str]) -> Self:
        """Put a key together from its holders' shares; every one of them must fit. Raises `WrongShares`."""
        words = list(dict.fromkeys(" ".join(share.lower().split()) for share in shares))
        try:
            needed = Share.from_mnemonic(words[0]).member_threshold if words else 2
            given = [words[at : at + needed] for at in range(max(1, len(words) - needed + 1))]
            secrets_given: set[bytes] = {combine_mnemonics(each) for each in given}
        except (MnemonicError, ValueError) as error:
            raise WrongShares(f"These shares do not give a key: {error}") from error
        secret, *others = secrets_given
        if others or len(secret) != 32:
            raise WrongShares("These shares are not all of one recovery key.")
        return cls(secret)

    def split(self, *, needed: int, holders: int) -> list[str]:
        """Return as many shares as there are holders, 33 words each; `needed` of them give the key.

        Raises ValueError for numbers that make no sense.
        """
        if not (2 <= needed <= holders <= MOST_HOLDERS):
            raise ValueError(f"At least 2 shares are needed, and there are at most {MOST_HOLDERS} holders.")
        shares: list[str]
        (shares,) = generate_mnemonics(1, [(needed, holders)], self.secret, iteration_exponent=0)
        return shares

    @cached_property
    def lock(self) -> Lock:
        """Return what the server keeps."""
        return Lock(self._private.public_key().public_bytes_raw(), self._derived(b"mark"))

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return a sealed data key. Raises `WrongShares` for one that is not sealed to this key."""
        try:
            return _SUITE.decrypt(sealed, self._private, about.encode())
        except (InvalidTag, ValueError) as error:
            raise WrongShares("This recovery key does not open that data key.") from error

    @cached_property
    def _private(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self._derived(b"seal"))

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=b"platekeeper recovery " + purpose).derive(self.secret)


def keep_lock(place: Path, lock: Lock) -> None:
    """Put what the server keeps where it keeps it."""
    told = {"public": lock.public.hex(), "mark": lock.mark.hex()}
    write_durably(place, json.dumps(told).encode(), mode=0o600)


def kept_lock(place: Path) -> Lock | None:
    """Return what the server keeps; None before any recovery key was made."""
    try:
        told = json.loads(place.read_bytes())
    except FileNotFoundError:
        return None
    return Lock(bytes.fromhex(told["public"]), bytes.fromhex(told["mark"]))
