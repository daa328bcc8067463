"""What the department issues to a unit in the field: today's lists, by name and digest, its own entries, what is suppressed.

A signed line (`core.transfer`) speaks for the contents by their SHA-256, and they for each list's rows by theirs. So
what was fetched already need not come again, and nothing that was changed on the way is used. The contents are always whole:
an entry that was canceled is not in them any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from platekeeper.core.hotlists.loaded import Layout
from platekeeper.core.hotlists.own import OwnEntry
from platekeeper.core.rules.lists import ListRules
from platekeeper.core.transfer import Bundle, Sign, TransferError, check, opened, sealed

KIND = "hot-list"
GOOD_FOR = timedelta(hours=24)
"""How long a unit may use what was issued to it: the department's word is asked for every day (V.a, VII.d)."""


class Rows(msgspec.Struct, frozen=True):
    """A list's file, unpacked: the SHA-256 of its rows, their length, and how they are read."""

    sha256: str
    size: int
    format: str
    layout: Layout


class IssuedList(msgspec.Struct, frozen=True):
    """A list in force: a whole file and the changes on it, either of which may be missing."""

    slug: str
    name: str
    source: str
    delivery: int
    digest: str
    delivered_at: datetime
    rules: ListRules
    whole: Rows | None = None
    changed: Rows | None = None

    @property
    def files(self) -> list[Rows]:
        """Its files, the whole one first."""
        return [rows for rows in (self.whole, self.changed) if rows is not None]


class Issued(msgspec.Struct, frozen=True):
    """Everything that a unit matches against. `unit` is the LPR's number, `zone` the department's.

    Within `window` minutes a vehicle that is seen again is the same alarm (VII.e). What the department has is erased
    after so many seconds (V.b); None: not while the policy does not say when, or says never.
    """

    unit: int
    department: str
    zone: str
    window: int
    erased_after: float | None
    lists: tuple[IssuedList, ...]
    own: tuple[OwnEntry, ...]
    suppressed: Mapping[str, datetime]


def contents_of(issued: Issued) -> bytes:
    """Return it as bytes, the same whenever it is the same."""
    return msgspec.json.encode(issued, order="deterministic")


def issue_line(contents: bytes, *, unit: int, uid: str, made_at: datetime, public: bytes, sign: Sign) -> bytes:
    """Return the signed line that issues contents to a unit."""
    return sealed(
        {"unit": unit, "sha256": hashlib.sha256(contents).hexdigest()},
        kind=KIND, uid=uid, made_at=made_at, expires_at=made_at + GOOD_FOR, public=public, sign=sign,
    )  # fmt: skip


def read_issue(line: bytes, contents: bytes, *, unit: int, public: bytes) -> tuple[Bundle, Issued]:
    """Return what was issued to a unit, once it is seen that the department signed it. Raises `TransferError`."""
    bundle = opened(line)
    check(bundle, public)
    if bundle.kind != KIND:
        raise TransferError("This is no hot list.")
    if bundle.content.get("unit") != unit:
        raise TransferError("This hot list was issued to another unit.")
    if bundle.content.get("sha256") != hashlib.sha256(contents).hexdigest():
        raise TransferError("The contents are not those that were signed.")
    try:
        issued = msgspec.json.decode(contents, type=Issued)
    except msgspec.DecodeError as error:
        raise TransferError(f"The contents are not as this version knows them: {error}") from error
    return bundle, issued
