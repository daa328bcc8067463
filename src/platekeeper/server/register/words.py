"""What the register says, kept as words and values: `str` says it in the language of the page being written (decision 38).

A count stands before whole words for what was counted, in every language, so that each has its own gender and plural.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, gettext, ngettext


class Said:
    """Words of the catalogue with their values: Said("next review by {0}", day)."""

    __slots__ = ("values", "words")

    def __init__(self, words: str, *values: object) -> None:
        self.words, self.values = words, values

    def __str__(self) -> str:
        return gettext(self.words).format(*self.values)

    @property
    def is_of_none(self) -> bool:
        """Whether it says that there was nothing."""
        if self.words.startswith("{0}"):
            return is_of_none(self.values[0])
        return self.words.startswith("no ")


@dataclass(frozen=True, slots=True)
class Counted:
    """A count before its words, for one and for more: "no logs forwarded", "1 log forwarded", "1,300 logs forwarded".

    In the catalogue the count is {0}: "{0} log forwarded". Values in the words begin with {1}.
    """

    count: int
    one: str
    more: str
    values: tuple[object, ...] = ()
    none: str = "no"
    style: str = ","

    def __str__(self) -> str:
        # English has a word for none that goes with whatever was counted; elsewhere it has a gender
        is_english = (get_language() or "en").startswith("en")
        number = f"{self.count:{self.style}}" if self.count or not is_english else self.none
        return ngettext(f"{{0}} {self.one}", f"{{0}} {self.more}", self.count).format(number, *self.values)

    @property
    def is_of_none(self) -> bool:
        """Whether it says that there was nothing, and not that nothing was wrong."""
        return not self.count and self.none == "no"


class Joined:
    """What is said one after the other; what says nothing is passed over."""

    __slots__ = ("by", "parts")

    def __init__(self, *parts: object, by: str = ", ") -> None:
        self.parts, self.by = parts, by

    def __str__(self) -> str:
        return self.by.join(filter(None, map(str, self.parts)))

    @property
    def is_of_none(self) -> bool:
        """Whether it begins with that there was nothing."""
        return is_of_none(self.parts[0])


@dataclass(frozen=True, slots=True)
class Sentence:
    """What begins with a capital."""

    said: object

    def __str__(self) -> str:
        words = str(self.said)
        return words[:1].upper() + words[1:]


def many(count: int, one: str, more: str) -> Counted:
    """Return a count with what was counted: "no queries", "1 query", "3 queries"."""
    return Counted(count, one, more)


def some(count: int, words: str) -> Counted:
    """Return how many of those just named: "none open", "2 open"."""
    return Counted(count, words, words, none="none", style="")


def is_of_none(said: object) -> bool:
    """Say whether words begin with that there was nothing: of nothing nothing could be wrong."""
    return isinstance(said, Said | Counted | Joined) and said.is_of_none
