"""Something that waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how many, what it is, and where."""

    count: int
    what: str | Promise
    url_name: str


def some(found: Iterable[Waiting]) -> list[Waiting]:
    """Return those of which there are any."""
    return [each for each in found if each.count]
