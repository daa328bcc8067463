"""References to reads that somebody found: signed for the query and the person, since a read has no page of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest

from platekeeper.server.casefiles.models import CaseFile
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


def key_of(read: StoredRead) -> str:
    """Return what tells a read from the others on its page; it leads nowhere."""
    return f"{read.day.isoformat()}.{read.rowid}"


def choice_kept(chosen: Iterable[StoredRead], *, number: str, on: dict[str, str]) -> str:
    """Return the query of an address that shows a page of reads again, `chosen` still ticked for the case of a number."""
    return urlencode({**on, "chosen": ",".join(map(key_of, chosen)), "number": number[:40]})


def choice_of(request: HttpRequest) -> set[str]:
    """Return the keys of the reads that were chosen before the page was shown again."""
    return set(request.GET.get("chosen", "").split(","))


def case_wanted(request: HttpRequest) -> dict[str, str]:
    """Return, for the page, the case number that was given when the page was left, and whether no case has it."""
    number = request.GET.get("number", "")[:40]
    missing = number if number and not CaseFile.objects.filter(number=number).exists() else ""
    return {"number": number, "missing_case": missing}
