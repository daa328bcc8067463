"""The New York State Integrated Justice Portal's file: `LPRinfo.zip`, or the bare file that lies in it.

Fixed width after one header line, 0-based and end-exclusive: plate 0-10, state 10-12, plate type 12-15, list code 15,
make 16-20, colour 20 to the end.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from platekeeper.core.categories import Category
from platekeeper.core.formats.hotlist import HotListFormatError, HotListLine, ParsedHotList, SkippedLine
from platekeeper.core.plates import Plate, is_junk, parse_plate, parse_state

LARGEST = 1_500_000_000
"""Bytes that a file may unpack to: some 30 million lines."""
CODES = {
    "M": Category.MISSING_PERSON,
    "P": Category.STOLEN_PLATE,
    "R": Category.STOLEN_PLATE,  # stolen Canadian plate
    "S": Category.SEX_OFFENDER,
    "T": Category.TERRORIST,
    "V": Category.STOLEN_VEHICLE,
    "W": Category.WANTED_PERSON,
    "X": Category.REGISTRATION,  # suspended or falsified registration
    "Z": Category.REGISTRATION,  # client ID suspended
}
"""List code to category. The policy's own definition counts registrations, so X and Z are loaded, too (III)."""
_SHORTEST = 16  # through the list code
_MOST_FAULTY = 0.2
_DELIVER_AGAIN = "Ask for the file again; the list in force stays in force."


def parse(content: bytes, *, largest: int = LARGEST) -> ParsedHotList:
    """Parse a delivery. Raises `HotListFormatError`; then nothing of it counts.

    Single lines that make no sense are skipped with number and reason. A file that breaks off, or of which every fifth
    line makes no sense, is refused whole.
    """
    text = _decoded(_unpacked(content, largest))
    rows = [row.rstrip("\r\x1a") for row in text.rstrip("\x1a").removesuffix("\n").split("\n")]
    if len(rows) < 2:
        raise HotListFormatError(f"The file holds a header at most and no plates. {_DELIVER_AGAIN}")
    if len(rows[-1]) < _SHORTEST and rows[-1].strip():
        raise HotListFormatError(f"Line {len(rows)} breaks off: the file is not whole. {_DELIVER_AGAIN}")
    lines: list[HotListLine] = []
    skipped: list[SkippedLine] = []
    faults = 0
    seen: set[str] = set()
    for number, row in enumerate(rows[1:], start=2):
        if not row.strip():
            continue
        parsed = _line(number, row)
        if isinstance(parsed, SkippedLine):
            faults += parsed.reason != _JUNK
            skipped.append(parsed)
        elif parsed.key in seen:
            skipped.append(SkippedLine(number, "repeated", row))
        else:
            seen.add(parsed.key)
            lines.append(parsed)
    if not lines or faults > _MOST_FAULTY * (len(rows) - 1):
        where = f", the first is line {skipped[0].number} ({skipped[0].reason})" if skipped else ""
        raise HotListFormatError(
            f"{faults} of {len(rows) - 1} lines make no sense as the New York layout{where}. Check that this is the "
            f"portal's LPR file. {_DELIVER_AGAIN}"
        )
    return ParsedHotList(lines=tuple(lines), skipped=tuple(skipped))


_JUNK = "junk plate"


def _line(number: int, row: str) -> HotListLine | SkippedLine:
    if len(row) < _SHORTEST:
        return SkippedLine(number, "shorter than the list code", row)
    code = row[15]
    category = CODES.get(code)
    if category is None:
        return SkippedLine(number, f"unknown list code {code!r}", row)
    plate = parse_plate(row[0:10])
    if not isinstance(plate, Plate):
        return SkippedLine(number, "no plate" if not row[0:10].strip() else "unreadable plate", row)
    if is_junk(plate):
        return SkippedLine(number, _JUNK, row)
    return HotListLine(
        number=number,
        plate=plate,
        state=parse_state(row[10:12]),
        raw_state=row[10:12].strip(),
        plate_type=row[12:15].strip(),
        code=code,
        category=category,
        make=row[16:20].strip(),
        colour=row[20:].strip(),
    )


def _unpacked(content: bytes, largest: int) -> bytes:
    if not content.startswith(b"PK"):
        if len(content) > largest:
            raise HotListFormatError(f"The file is larger than {largest} bytes.")
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                raise HotListFormatError(f"The ZIP holds {len(members)} files; the portal's holds one.")
            if members[0].flag_bits & 0x1:
                raise HotListFormatError("The ZIP is encrypted. Deliver it without a password.")
            with archive.open(members[0]) as file:
                # Read to one byte past the cap: what the ZIP says of its own size is not to be trusted.
                unpacked = file.read(largest + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise HotListFormatError(f"The ZIP is broken or not whole ({error}). {_DELIVER_AGAIN}") from error
    if len(unpacked) > largest:
        raise HotListFormatError(f"The ZIP unpacks to more than {largest} bytes.")
    return unpacked


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise HotListFormatError(
            "The file is not plain text (it looks like UTF-16 or binary). Save it as ASCII or UTF-8."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise HotListFormatError(
            f"Line {line} holds a byte that is neither ASCII nor UTF-8. Save the file as ASCII or UTF-8."
        ) from error
