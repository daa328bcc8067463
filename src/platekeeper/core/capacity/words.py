"""Large numbers as a reader takes them in. Units are decimal, as disks are sold."""

from __future__ import annotations


def spoken_count(number: float) -> str:
    """Return a number of reads."""
    return f"{number / 1e9:,.1f} billion" if number >= 1e9 else f"{number / 1e6:,.1f} million"


def spoken_bytes(number: float) -> str:
    """Return a size."""
    for unit, name in ((1e15, "PB"), (1e12, "TB"), (1e9, "GB")):
        if number >= unit:
            return f"{number / unit:,.1f} {name}"
    return f"{number / 1e6:,.1f} MB"


def spoken_bits(number: float) -> str:
    """Return a speed of a network."""
    return f"{number / 1e9:,.1f} Gbit/s" if number >= 1e9 else f"{number / 1e6:,.1f} Mbit/s"
