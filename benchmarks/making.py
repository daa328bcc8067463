"""What the benchmarks measure with: lists of plates as rows of bytes, reads, and how much memory a process really takes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

LETTERS = np.frombuffer(b"ACEFHJKMNPRTUVWXY", np.uint8)  # none of them is misread for another
DIGITS = np.frombuffer(b"0123456789", np.uint8)
MISREAD = dict(zip(b"012568", b"DIZSGB", strict=True))
SPACE = 17**4 * 10**4
"""How many plates there are of the shape LLLDDDDL; number `n` of them is a permutation of `n`."""
COLLIDING = 0.2


def plates(count: int, *, first: int = 0) -> npt.NDArray[np.uint8]:
    """Return plates number `first` and on as rows of ten bytes, padded with zero bytes: all different, also when folded."""
    number = (np.arange(first, first + count, dtype=np.uint64) * np.uint64(611_953_909)) % np.uint64(SPACE)
    rows = np.zeros((count, 10), np.uint8)
    for place, kind in enumerate("LLLDDDDL"):
        among = LETTERS if kind == "L" else DIGITS
        rows[:, place] = among[(number % np.uint64(len(among))).astype(np.intp)]
        number //= np.uint64(len(among))
    return rows


def listed(count: int) -> npt.NDArray[np.uint8]:
    """Return the plates of a list; one in five is another's look-alike: the two are one key when folded."""
    unique = count - int(count * COLLIDING)
    rows = plates(count, first=0)
    twins = rows[: count - unique].copy()
    misread = np.arange(256, dtype=np.uint8)
    for digit, letter in MISREAD.items():
        misread[digit] = letter
    twins[:, 3:7] = misread[twins[:, 3:7]]
    # Plates of 3, 4, 7 and 9 only are misread for nothing: these twins get a ninth character and collide with nothing.
    same = (twins == rows[: count - unique]).all(axis=1)
    twins[same, 8] = DIGITS[9]
    rows[unique:] = twins
    return rows


def texts_of(rows: npt.NDArray[np.uint8]) -> list[str]:
    """Return rows of ten bytes as texts."""
    return [text.decode() for text in rows.view("S10").ravel().tolist()]


def reads(count: int, *, list_length: int, hits: int) -> list[str]:
    """Return plates driven past: `hits` of them evenly spread are on the list of that length, the others on none."""
    strangers = texts_of(plates(count, first=SPACE // 2))
    wanted = texts_of(plates(hits, first=0))
    assert list_length >= hits
    for number, plate in enumerate(wanted):
        strangers[number * count // hits] = plate
    return strangers


def memory() -> int:
    """Return this process's proportional set size in bytes: what is shared counts in part."""
    rollup = Path("/proc/self/smaps_rollup").read_text()
    return int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]) * 1024


def stay_on_one_core() -> None:
    """Keep this process on one core, where the system can."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
