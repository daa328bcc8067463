"""References to reads that somebody found: signed for the query and the person, since a read has no page of its own."""

from __future__ import annotations

from datetime import date

from django.core import signing

from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.inquire import PAGES_OPEN_FOR
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.storage.rows import StoredRead

_SALT = "platekeeper.query.image"


def named(read: StoredRead, *, entry_id: int, person: Person) -> str:
    """Return a reference to a read in a person's own results."""
    return signing.dumps([read.day.isoformat(), read.rowid], salt=f"{_SALT}.{entry_id}.{person.pk}")


def read_named(ref: str, *, entry_id: int, person: Person) -> StoredRead | None:
    """Return the read of a reference; None once it is disposed of. Raises `signing.BadSignature`, as for an old one."""
    day, rowid = signing.loads(ref, salt=f"{_SALT}.{entry_id}.{person.pk}", max_age=PAGES_OPEN_FOR)
    return read_store().get(date.fromisoformat(day), rowid)
