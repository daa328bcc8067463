"""From raw text to a plate: normalized strictly, the raw text kept beside it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

MAX_LENGTH = 10
"""Characters in a plate, the width of the field in hot list files."""

_READABLE = re.compile(rf"[A-Z0-9]{{1,{MAX_LENGTH}}}")
_FILLERS = re.compile(r"[\s.\-\u2010-\u2015\u00b7\u2022\u2027\u30fb]+")
_LOOK_ALIKE = str.maketrans("ODQILZSGB", "000112568")
JUNK = frozenset(
    {"NONE", "UNKNOWN", "UNK", "NOPLATE", "NOPLATES", "NOTAG", "NA", "NULL", "TEMP", "TEST", "PLATE", "MISSING",
     "123", "1234", "12345", "123456"}
)  # fmt: skip
"""What is written for want of a plate, beside one character repeated."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate's text: A to Z and 0 to 9, one to ten characters. Equality is by text; `raw` is what was given."""

    text: str
    raw: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True, eq=False)
class Unreadable:
    """Text that is no plate. Like NaN it equals nothing, not even itself: two unreadable plates are never the same car."""

    raw: str

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return hash((Unreadable, self.raw))


def parse_plate(raw: str) -> Plate | Unreadable:
    """Return the plate that `raw` names: width and case folded, spaces, hyphens and dots dropped; else `Unreadable`."""
    text = plate_text(raw)
    return Unreadable(raw) if text is None else Plate(text=text, raw=raw)


def plate_text(raw: str) -> str | None:
    """Return the text of the plate that `raw` names, None where it is unreadable."""
    if raw.isascii() and raw.isalnum() and len(raw) <= MAX_LENGTH:  # nearly always, and ten times as fast
        return raw.upper()
    text = _FILLERS.sub("", unicodedata.normalize("NFKC", raw).upper())
    return text if _READABLE.fullmatch(text) else None


def fold(text: str) -> str:
    """Fold the letter O to the digit 0, which files and cameras mix."""
    return text.replace("O", "0")


def look_alike(text: str) -> str:
    """Fold every character to the one it is misread for: O, D, Q to 0; I, L to 1; Z 2; S 5; G 6; B 8."""
    return text.translate(_LOOK_ALIKE)


def is_junk(plate: Plate) -> bool:
    """Say whether a plate is what clerks write for want of one: "0", "NONE", "XXXX", one character repeated."""
    return plate.text in JUNK or len(set(fold(plate.text))) == 1


STATES = frozenset(
    """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
    RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP US
    AB BC MB NB NL NS NT NU ON PE QC SK YT MX
    """.split()  # noqa: SIM905 - a list of a hundred quoted pairs says no more
)
"""Postal codes of the states, territories and provinces, US for the federal government, MX for Mexico."""
NCIC_CODES = {"PQ": "QC", "SN": "SK", "NF": "NL", "NK": "NB"}
"""What NCIC calls a province otherwise. Its NB is Nebraska, which files of its own making alone mean."""


@lru_cache(maxsize=1024)
def parse_state(raw: str | None) -> str | None:
    """Return the two letters of a state, territory or province, None if `raw` names none.

    Takes "NY", "ny", "us-ny", and "0H" for OH: files derived from NCIC write the letter O as a zero.
    """
    if raw in STATES:  # nearly always, and five times as fast
        return raw
    code = (raw or "").strip().upper().replace("_", "-").rpartition("-")[2].replace("0", "O")
    code = NCIC_CODES.get(code, code)
    return code if code in STATES else None


def parse_ncic_state(raw: str) -> str | None:
    """Return the state that a file of NCIC's making names: as `parse_state`, but for NB, which is Nebraska there."""
    return "NE" if raw.strip().upper() == "NB" else parse_state(raw)
