"""Something that waits for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from platekeeper.server.web.waiting.singular import SINGULAR


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how many, what it is, and where."""

    count: int
    what: str
    url_name: str

    @property
    def words(self) -> str:
        """What it is, as it is said of so many."""
        return SINGULAR.get(self.what, self.what) if self.count == 1 else self.what


def some(found: Iterable[Waiting]) -> list[Waiting]:
    """Return those of which there are any."""
    return [each for each in found if each.count]
