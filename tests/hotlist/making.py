"""Hot list files in the New York layout, and what else tests of hot lists begin with."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.hotlists.wanted import WantedHit
from platekeeper.core.matching import PlateBatch
from platekeeper.core.moments import microseconds
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.matcher import current
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.enter_alert import request_entry
from platekeeper.server.procedures.entries import EntryResult
from platekeeper.server.procedures.load_hot_list import load_hot_list
from platekeeper.server.procedures.signed_entries import enroll_key
from tests.cast import Cast

NOW = datetime.now(UTC).replace(hour=16, minute=0, second=0, microsecond=250_000)


def line(plate: str, *, state: str = "NY", code: str = "V", make: str = "FORD", color: str = "BLK") -> str:
    """Return one line of the portal's file."""
    return f"{plate:<10}{state:<2}{'PC':<3}{code}{make:<4}{color}"


def file(*lines: str) -> bytes:
    """Return a whole file: header, lines, the ends of lines that the portal writes."""
    return "".join(f"{each}\r\n" for each in ("LPR HOT LIST", *lines)).encode()


def plates(count: int, *, first: int = 0) -> Iterable[str]:
    """Return plates of which none is another's look-alike."""
    return (f"HVK{number:06d}" for number in range(first, first + count))


def zipped(content: bytes, *, name: str = "LPRinfo.txt") -> bytes:
    """Return the ZIP that the portal puts around its file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def deliver(content: bytes, *, by: Person, at: datetime = NOW) -> HotListDelivery:
    """Deliver a file by a person."""
    return load_hot_list(footing(by, at=at), file_name="LPRinfo.txt", content=content, at=at)


def ask(
    by: Person,
    plate: str,
    *,
    category: Category = Category.CRIME_SUSPECT,
    jurisdiction: str = "NY",
    reason: str = "left the scene of a crash",
    authority: str = "desk officer",
    hit_action: HitAction = HitAction.STOP,
    at: datetime = NOW,
    lasts: timedelta = timedelta(days=7),
) -> EntryResult:
    """Ask for an entry that begins at once."""
    return request_entry(
        footing(by, at=at),
        plate=plate,
        jurisdiction=jurisdiction,
        category=category,
        reason=reason,
        authority=authority,
        case_number="26-1182",
        hit_action=hit_action,
        effective_at=at,
        expires_at=at + lasts,
    )


def seen(plate: str, *, state: str | None = "NY", at: datetime = NOW + timedelta(minutes=1)) -> list[WantedHit]:
    """Return what a read of a plate matches now."""
    return current().match(PlateBatch([plate]), states=[state], at=[microseconds(at)])


records = [pytest.mark.django_db, pytest.mark.records]
"""The marks of a test of records."""


def made_a_unit(cast: Cast, lpr: LPR) -> None:
    """Enroll a key for an LPR, which makes it a unit in the field."""
    public = hashlib.sha256(lpr.name.encode()).hexdigest()
    enroll_key(footing(cast.administrator, at=NOW), public=public, lpr=lpr)
