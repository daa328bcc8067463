"""The signed bundle in which a unit or a member hands something over that was made where there was no network.

One line of canonical JSON: `{"bundle": {...}, "signature": "..."}`. The signature (Ed25519) is over the bundle's canonical
bytes behind a heading of their own, so nothing else that the key signs can pass for a bundle. A file has a line a bundle: a
unit appends to it, and what a power cut left unfinished costs that line alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from platekeeper.core.ledger import canonical

Sign = Callable[[bytes], bytes]
"""Ed25519: what is signed -> 64 bytes."""
HEADING = b"platekeeper transfer v1\0"
LARGEST, LONGEST_LINE, MOST_LINES = 512 * 1024, 8 * 1024, 500
"""Bytes of a file and of a line, and lines of a file."""
_UID = re.compile(r"[0-9a-f]{32}")
_FIELDS = {"kind", "uid", "key", "made_at", "expires_at", "content"}


class TransferError(ValueError):
    """What came is no bundle, or not as it was signed; the message says which."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a signature speaks for: of what kind, its own number, by which key, when, good until when, and what it holds.

    `uid` is 128 random bits in hexadecimal: the same number is the same thing, however often it comes.
    """

    kind: str
    uid: str
    key: str
    made_at: datetime
    expires_at: datetime
    content: Mapping[str, Any]
    signature: bytes = b""

    @property
    def said(self) -> bytes:
        """The bytes that are signed."""
        return HEADING + canonical(_plain(self))


def fingerprint(public: bytes) -> str:
    """Return how a bundle names the key (32 bytes) that signed it: SHA-256, hexadecimal."""
    return hashlib.sha256(public).hexdigest()


def sealed(
    content: Mapping[str, Any],
    *,
    kind: str,
    uid: str,
    made_at: datetime,
    expires_at: datetime,
    public: bytes,
    sign: Sign,
) -> bytes:
    """Return one line, without its end, that hands `content` over: plain data without floats."""
    bundle = Bundle(kind, uid, fingerprint(public), made_at, expires_at, content)
    signature = base64.b64encode(sign(bundle.said)).decode()
    return canonical({"bundle": _plain(bundle), "signature": signature})


def lines(content: bytes) -> Iterator[bytes]:
    """Give the lines of a file that hold something. Raises `TransferError` for a file larger than such files are."""
    if len(content) > LARGEST:
        raise TransferError(f"The file is larger than {LARGEST // 1024} KB.")
    found = [line for line in content.split(b"\n") if line.strip()]
    if len(found) > MOST_LINES:
        raise TransferError(f"The file has {len(found):,} lines; {MOST_LINES} are the most.")
    yield from found


def opened(line: bytes, *, longest: int = LONGEST_LINE) -> Bundle:
    """Return what a line of at most `longest` bytes holds, its signature not checked yet. Raises `TransferError`.

    The line must be the one form that its content has, so a change of any byte is found.
    """
    line = line.removesuffix(b"\r")
    if len(line) > longest:
        raise TransferError("The line is longer than a bundle.")
    try:
        read = json.loads(line)
        if set(read) != {"bundle", "signature"} or set(read["bundle"]) != _FIELDS or canonical(read) != line:
            raise TransferError("This is no signed bundle, or it was written over.")
        found = read["bundle"]
        bundle = Bundle(
            kind=_text(found, "kind"), uid=_text(found, "uid"), key=_text(found, "key"),
            made_at=_moment(found, "made_at"), expires_at=_moment(found, "expires_at"),
            content=dict(found["content"]), signature=_signature(_text(read, "signature")),
        )  # fmt: skip
    except TransferError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
        raise TransferError("This is no signed bundle: it is cut off, or not JSON as bundles are written.") from error
    if not _UID.fullmatch(bundle.uid):
        raise TransferError("The bundle has no number of its own.")
    return bundle


def check(bundle: Bundle, public: bytes) -> None:
    """Raise `TransferError` unless the key (32 bytes) signed exactly this."""
    if bundle.key != fingerprint(public):
        raise TransferError("The bundle names another key.")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bundle.signature, bundle.said)
    except (InvalidSignature, ValueError) as error:
        raise TransferError("The signature does not hold: it was changed after it was signed.") from error


def _plain(bundle: Bundle) -> dict[str, Any]:
    return {
        "kind": bundle.kind,
        "uid": bundle.uid,
        "key": bundle.key,
        "made_at": _written(bundle.made_at),
        "expires_at": _written(bundle.expires_at),
        "content": dict(bundle.content),
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(found: Mapping[str, Any], name: str) -> datetime:
    moment = datetime.fromisoformat(_text(found, name))
    if moment.tzinfo is None or _written(moment) != found[name] or not 2000 <= moment.year <= 2200:
        raise TransferError(f"`{name}` is no moment as bundles write it.")
    return moment


def _signature(text: str) -> bytes:
    signature = base64.b64decode(text, validate=True)
    if base64.b64encode(signature).decode() != text:  # spare bits at the end would let two texts be one signature
        raise TransferError("The signature is not written as bundles write it.")
    return signature


def _text(found: Mapping[str, Any], name: str) -> str:
    text = found[name]
    if not isinstance(text, str):
        raise TransferError(f"`{name}` is no text.")
    return text
