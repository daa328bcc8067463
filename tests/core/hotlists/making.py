"""Samples of every hot list format, and how tests write and read such files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from platekeeper.core.formats.hotlists import HOT_LIST_FORMATS
from platekeeper.core.formats.hotlists.rows import HotListFormat, HotListLine, ParsedHotList
from platekeeper.core.matching import Entries
from platekeeper.core.matching.entries import KIND_BITS, NO_END, STATE_BITS, TAIL_BITS
from platekeeper.core.matching.packing import text_of


def ny(plate: str, *, state: str = "NY", code: str = "V", make: str = "FORD", color: str = "YEL/BLK") -> str:
    """Return a line in the portal's layout."""
    return f"{plate:<10}{state:<2}{'PC':<3}{code}{make:<4}{color}"


def ncic(plate: str, *, state: str = "NY", code: str = "V", reason: str = "", number: str = "V123456789") -> str:
    """Return a line in NCIC's layout, with a description if there is one."""
    line = f"{code}{number[:9]:<9}NY0290000{'20260302'}{plate:<10}{state:<2}2026PC2019F0RDFUS4DBLU    "
    return line + f"{reason:<35}" if reason else line


def text(*lines: str, end: str = "\r\n") -> bytes:
    """Return lines as a file, the last one ended as well."""
    return "".join(line + end for line in lines).encode()


def csv(*rows: str, end: str = "\n") -> bytes:
    """Return rows as a file."""
    return text(*rows, end=end)


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP of named files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 2, 0, 0, 0)), content, compress_type=method)
    return packed.getvalue()


def bof2(vrm: str, *, action: str = "STOP", reason: str = "Stolen", expires: str = "03/04/2027", said: str = "") -> str:
    """Return a row of BOF2's sixteen columns."""
    return ",".join([vrm, "FORD", "FOCUS", "BLUE", action, "", reason, "111", said, "48-01", expires, "P1", *"    "])


SAMPLES: dict[str, list[bytes]] = {
    "new_york": [
        text("LPR HOT LIST", ny("ABC1234"), ny("AB-12 c", state="0H", code="X"), ny("0"), ny("ABC1234", state="NJ")),
        zipped(("LPRinfo.txt", text("LPR HOT LIST", ny("ABC1234"), ny("XYZ99", state="ON", code="R")))),
    ],
    "ncic": [
        text(ncic("ABC1234"), ncic("0AB12", state="0H", code="A"), ncic("QRS778", reason="ARMED AND DANGEROUS")),
        text(ncic("ABC1234"), ncic("abc-987", state="MX", code="T"), end="\n"),
    ],
    "mapped": [
        csv(
            "Plate,State,Category,Reason,Make,Effective Date,Expiry Date",
            'ABC1234,NY,stolen vehicle,"blue, two doors\nleft mirror gone",FORD,2026-03-01,2027-03-01',
            "XYZ-99,ny,overdue library book,,,,",
            "ABC1234,NJ,gang,na\u00efve caf\u00e9,,,2027-01-01T12:00:00-05:00",
        ),
        csv("tag\tlis", "ABC1234\t0H", "DEF5678\tQZ"),
    ],
    "incremental": [
        csv("plate,state,category,action", "ABC1234,NY,gang,add", "DEF5678,NJ,,remove", "GHI999,,stolen,", "JKL1,,,D")
    ],
    "genetec": [
        csv(
            "Category;PlateState;PlateNumber;EffectiveDate;ExpiryDate",
            "Stolen Vehicle;NY;ABC1234;2026-03-01;2027-03-01",
            "Parking;QC;F12 ABC;;9999-12-31",
        )
    ],
    "rekor": [csv("Plate Number,Description,State/Province", "ABC1234,Stolen vehicle,NY", "XYZ99,owes 300 dollars,ON")],
    "bof2": [
        zipped(
            ("pnc_stolen_add.dat", text(bof2("AB12 CDE"), bof2("XY34 ZZZ", action="SILENT", reason="Intel"))),
            ("pnc_stolen_del.dat", text(bof2("GH56 JKL"))),
        ),
        text(bof2("AB12 CDE")),
    ],
}


def parsed(name: str | HotListFormat, content: bytes) -> ParsedHotList:
    """Unpack and parse a file."""
    reader = HOT_LIST_FORMATS[name] if isinstance(name, str) else name
    return reader.parse(reader.rows(content), progress=lambda done, of: None)


def lines(name: str | HotListFormat, content: bytes) -> list[HotListLine]:
    """Return what a file says of its entries, in its own order: each read again from its place."""
    reader = HOT_LIST_FORMATS[name] if isinstance(name, str) else name
    rows = reader.rows(content)
    entries = reader.parse(rows, progress=lambda done, of: None).entries
    return [reader.line(lambda at, length: rows[at : at + length], place) for place in sorted(entries.places.tolist())]


def only(name: str | HotListFormat, content: bytes) -> HotListLine:
    """Return what a file says of its only entry."""
    (line,) = lines(name, content)
    return line


def left_out(name: str | HotListFormat, content: bytes) -> list[tuple[int, str]]:
    """Return number and reason of the lines left out."""
    return [(line.number, line.reason) for line in parsed(name, content).skipped]


def packed(entries: Entries) -> Iterator[tuple[str, int, int, int]]:
    """Give what the columns of entries say: folded plate, code of the state, kind, and place."""
    for word, variant, place in zip(entries.words.tolist(), entries.variants.tolist(), entries.places, strict=True):
        state, kind = word >> KIND_BITS & 2**STATE_BITS - 1, word & 2**KIND_BITS - 1
        yield text_of(word >> TAIL_BITS, variant), state, kind, int(place)


def times(entries: Entries) -> list[tuple[int, int]]:
    """Return begin and end of every entry in seconds, in the order of the columns."""
    begins = entries.begins if len(entries.begins) else np.zeros(len(entries), np.uint32)
    ends = entries.ends if len(entries.ends) else np.full(len(entries), NO_END, np.uint32)
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def day(year: int, month: int, of_month: int) -> datetime:
    """Return the beginning of a day."""
    return datetime(year, month, of_month, tzinfo=UTC)
