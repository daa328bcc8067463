"""Entries made in the field where there was no network: signed there, handed in later (VII.f-g).

This is what a field unit writes. An entry of VII.g stands on the unit from the moment it is made; any other one waits there
and begins once it is handed in, because the ledger must know of it first.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from platekeeper.core.formats.reads import storable
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.transfer import Bundle, Sign, TransferError, sealed

KIND = "field-entry"
GOOD_FOR = timedelta(days=7)
"""How long after it was made a signed entry is taken: a file found in a drawer enters nobody's plate."""
_LONGEST = 240
_SECONDS = 400 * 86_400


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """What a member entered: `member` and `director` are login names; `stands` is how long, None for what is usual."""

    member: str
    plate: str
    ground: Ground
    jurisdiction: str = ""
    reason: str = ""
    authority: str = ""
    case_number: str = ""
    director: str = ""
    stands: timedelta | None = None


def sign_entry(entry: SignedEntry, *, uid: str, made_at: datetime, public: bytes, sign: Sign) -> bytes:
    """Return the line that hands an entry in; `uid` is 128 random bits in hexadecimal, new for every entry."""
    content: dict[str, Any] = {**asdict(entry), "ground": entry.ground.value}
    content["stands"] = None if entry.stands is None else entry.stands // timedelta(seconds=1)
    return sealed(content, kind=KIND, uid=uid, made_at=made_at, expires_at=made_at + GOOD_FOR, public=public, sign=sign)


def read_entry(bundle: Bundle) -> SignedEntry:
    """Return the entry that a bundle holds. Raises `TransferError`."""
    if bundle.kind != KIND:
        raise TransferError(f"The bundle holds {bundle.kind[:40]!r}, not an entry.")
    content = dict(bundle.content)
    seconds = content.pop("stands", None)
    try:
        ground = Ground(content.pop("ground", ""))
        words = list(content.values())
        if not all(isinstance(word, str) and len(word) <= _LONGEST and storable(word) == word for word in words):
            raise ValueError
        if seconds is not None and (type(seconds) is not int or not 0 < seconds <= _SECONDS):
            raise ValueError
        return SignedEntry(**content, ground=ground, stands=None if seconds is None else timedelta(seconds=seconds))
    except (ValueError, TypeError) as error:
        raise TransferError("The bundle does not hold an entry as this version knows them.") from error
