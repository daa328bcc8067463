"""Reads of a street for the benchmarks: 90 days of them, the same ones whenever they are asked for.

Half of the reads are of regulars, few of whom pass often; the others pass once. Of 50 million reads some 28 million
plates are different. Plates have the shapes of several states.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from platekeeper.core.formats.reads import FINAL
from platekeeper.server.storage.days import MICROSECONDS_A_DAY, start_of

DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(90)]
READS_OF_AN_LPR = 166_667
Rows = list[tuple[Any, ...]]
"""Values of `columns.ALL_COLUMNS`."""

_REGULAR, _REGULARS = 0.52, 0.08  # of the reads; plates for each read
_SHAPES = {"LLLDDDD": 50, "DLLLDDD": 15, "LLLDDD": 10, "DDDLLL": 8, "DDLLDDD": 7, "LLLLDD": 5, "LDDLLD": 5}
_LETTERS = np.frombuffer(b"ABCDEFGHIJKLMN0PQRSTUVWXYZ", np.uint8)  # folded
_DIGITS = np.frombuffer(b"0123456789", np.uint8)
_VEHICLES = [f'{{"color": "{color}", "make": "{make}"}}' for color in ("red", "black", "white", "blue")
             for make in ("Ford", "Honda", "Toyota")] + ["{}"]  # fmt: skip
_WAYS = ("north", "east", "south", "west")


def plates_of(numbers: npt.NDArray[np.uint64]) -> list[str]:
    """Return the plates of these numbers; a number has always the same one."""
    mixed = (numbers + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    shapes = np.repeat(np.arange(len(_SHAPES)), list(_SHAPES.values()))[(mixed % np.uint64(100)).astype(np.intp)]
    rest = mixed // np.uint64(100)
    rows = np.zeros((len(numbers), 10), np.uint8)
    for shape, kinds in enumerate(_SHAPES):
        mine = np.flatnonzero(shapes == shape)
        left = rest[mine]
        for place, kind in enumerate(kinds):
            among = _LETTERS if kind == "L" else _DIGITS
            rows[mine, place] = among[(left % np.uint64(len(among))).astype(np.intp)]
            left //= np.uint64(len(among))
    return [text.decode() for text in rows.view("S10").ravel().tolist()]


def lprs_of(reads: int) -> int:
    """Return how many LPRs read so much: 300 for 50 million."""
    return max(1, reads // READS_OF_AN_LPR)


def rows_of(day: date, reads: int) -> Rows:
    """Return the reads of a day, in the order of arrival, when there are `reads` over all days."""
    place = DAYS.index(day)
    rng = np.random.default_rng((reads, place))
    first, last = reads * place // len(DAYS), reads * (place + 1) // len(DAYS)
    count = last - first
    strangers = np.arange(first, last, dtype=np.uint64) + np.uint64(reads)
    regulars = (rng.random(count) ** 2 * reads * _REGULARS).astype(np.uint64)
    plates = plates_of(np.where(rng.random(count) < _REGULAR, regulars, strangers))
    times = (np.sort(rng.integers(0, MICROSECONDS_A_DAY, count)) + start_of(day)).tolist()
    lprs = rng.integers(1, lprs_of(reads) + 1, count).tolist()
    noise, vehicles, begins = rng.bytes(56 * count), rng.integers(0, len(_VEHICLES), count).tolist(), start_of(day)
    rows: Rows = []
    for number, (plate, at, lpr, vehicle) in enumerate(zip(plates, times, lprs, vehicles, strict=True)):
        random = noise[56 * number : 56 * number + 56]
        rows.append(
            (begins + number * 100, random[:16], random[16:24], lpr, at, at + 1_000_000, "offset", "America/New_York",
             plate, plate, plate, "NY", 0.8, 0.9, "[]", _VEHICLES[vehicle], _WAYS[lpr % 4], 43 + lpr % 17 / 100,
             -76 - lpr % 19 / 100, f"{at:x}-{lpr}", "standard", FINAL, random[24:40], random[40:], None, None, None, None)
        )  # fmt: skip
    return rows
