"""Queries and answers of LPR data as text in the style of Nlets (LPQ, LPR).

Modeled is what Nlets publishes of its older text form (service.nlets.org, "Legacy Text Examples - License Plate Reader"):
the header `LPQ.<ORI>.<destination>.TXT`, and the elements LIC, LOC, BEG, END, LMI, MAX, EID, DAT, IMQ, periods between them.
The text of an answer is published nowhere: ours has the header LPR and a line a read out of the same prefixes. This is no
connection to Nlets: it is for text that an operator copies from a terminal, or back to one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from platekeeper.core.formats.outgoing import Row

_HEADER = re.compile(r"LPQ\.([A-Z0-9]{9})\.([A-Z0-9]{2}|[A-Z0-9]{9})\.TXT\s+(.+)", re.DOTALL)
_ELEMENT = re.compile(r"([A-Z]{3})/([^./\n]*)")
_KNOWN = {"LIC", "LOC", "BEG", "END", "LMI", "MAX", "EID", "DAT", "IMQ"}
_LONGEST, _MOST = 1_000, 99_999


class NletsError(ValueError):
    """The text is no query of LPR data; the message names the element and says what to do."""


@dataclass(frozen=True, slots=True)
class LicenseQuery:
    """What an LPQ asks: a plate within days (UTC; `until` is exclusive), or the one read that `event` names."""

    ori: str
    destination: str
    plate: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None
    look_alikes: bool = False
    most: int = 0
    event: str = ""
    images: bool = False


def parse(text: str) -> LicenseQuery:
    """Read an LPQ. Raises `NletsError`."""
    if len(text) > _LONGEST:
        raise NletsError(f"An LPQ has {_LONGEST} characters at most.")
    found = _HEADER.fullmatch(text.strip().upper())
    if found is None:
        raise NletsError("An LPQ begins with LPQ.<sender's ORI>.<destination>.TXT and a line break.")
    given: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in found[3].split("."))):
        element = _ELEMENT.fullmatch(part)
        if element is None or element[1] not in _KNOWN:
            raise NletsError(f"“{part[:20]}” is no element of an LPQ: write LIC/ABC123, each ended by a period.")
        if element[1] in given:
            raise NletsError(f"{element[1]}/ stands there twice.")
        given[element[1]] = element[2].strip()
    if bool(given.get("LIC")) == bool(given.get("EID")):
        raise NletsError("Give LIC/ and a plate, or EID/ and the number of a read.")
    if not re.fullmatch(r"[A-Z0-9]{0,10}", given.get("LIC", "")):
        raise NletsError("LIC/ has up to ten letters and digits.")
    since, until = _day("BEG", given), _day("END", given)
    if "DAT" in given:
        since = until = _day("DAT", given)
    if since and until and since > until:
        raise NletsError("BEG/ is later than END/.")
    most = given.get("MAX", "0")
    if not (most.isascii() and most.isdigit() and int(most) <= _MOST):
        raise NletsError(f"MAX/ is a number up to {_MOST}.")
    return LicenseQuery(
        ori=found[1], destination=found[2], plate=given.get("LIC", ""), state=given.get("LOC", ""), since=since,
        until=None if until is None else until + timedelta(days=1), look_alikes=given.get("LMI") == "TRUE", most=int(most),
        event=given.get("EID", ""), images=given.get("IMQ") == "TRUE",
    )  # fmt: skip


def query(asked: LicenseQuery) -> str:
    """Write an LPQ."""
    last = None if asked.until is None else asked.until - timedelta(days=1)
    elements = [
        ("LIC", asked.plate), ("LOC", asked.state), ("BEG", f"{asked.since:%Y%m%d}" if asked.since else ""),
        ("END", f"{last:%Y%m%d}" if last else ""), ("LMI", "TRUE" if asked.look_alikes else ""),
        ("MAX", str(asked.most or "")), ("EID", asked.event), ("IMQ", "TRUE" if asked.images else ""),
    ]  # fmt: skip
    told = ".".join(f"{name}/{value}" for name, value in elements if value)
    return f"LPQ.{asked.ori}.{asked.destination}.TXT\n{told}"


def answer(rows: Iterable[Row], *, ori: str, to: str) -> Iterator[str]:
    """Give the lines of an LPR: one a read, or NOT ON FILE; `ori` is ours, `to` that of who asked. No images."""
    yield f"LPR.{ori}.{to}.TXT\n"
    empty = True
    for row in rows:
        empty = False
        yield f"{_line(row)}\n"
    if empty:
        yield "NOT ON FILE\n"


def _line(row: Row) -> str:
    place = "" if row.latitude is None or row.longitude is None else f"{row.latitude:.5f} {row.longitude:.5f}"
    at = row.captured_at.astimezone(UTC)
    elements = [
        ("EID", row.id), ("LIC", row.plate), ("LOC", row.state), ("DAT", f"{at:%Y%m%d@%H%M%S}"), ("LPR", _plain(row.lpr)),
        ("GEO", place.replace(".", ",")), ("DIR", _plain(row.direction)), ("HIT", _plain(row.hit)),
    ]  # fmt: skip
    return ".".join(f"{name}/{value}" for name, value in elements if value)


def _plain(text: str) -> str:
    """Return text in which no period, slash or line break could pass for the form's own."""
    return re.sub(r"[./\s]+", " ", text).strip().upper()


def _day(name: str, given: dict[str, str]) -> datetime | None:
    text = given.get(name, "")
    if not text:
        return None
    try:
        return datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise NletsError(f"{name}/ is a day such as 20260612.") from error
