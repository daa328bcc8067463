"""What a department does to the clauses themselves: it adds one, strikes one, or words one its own way, with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from platekeeper.core.blanks import blanks_of
from platekeeper.core.clauses import Clause


class How(StrEnum):
    """What was done to a clause."""

    CHANGED = "changed"
    STRUCK = "struck"
    ADDED = "added"


class AmendmentError(ValueError):
    """The amendment offered is none; the message says what would be."""


PLACE = re.compile(r"\{([A-Za-z0-9_.]+)\}")
"""The place of a blank in a clause's text: its key in braces."""
_NEW = re.compile(r"(IV|V|VI|VII|VIII|IX)\.[a-z](\.[1-9]\d?)?")
_LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Amendment:
    """One amended clause. `text` is the department's own wording (none for a struck clause), `title` its own one-line
    title (of an added clause alone). Striking a clause does not switch off what the software enforces under it."""

    number: str
    how: How
    reason: str
    title: str = ""
    text: str = ""

    def as_data(self) -> dict[str, str]:
        """Return what a policy version stores under the clause's number."""
        return {"how": self.how.value, "reason": self.reason, "title": self.title, "text": self.text}

    @classmethod
    def from_data(cls, number: str, data: Mapping[str, str]) -> Amendment:
        """Return a stored amendment."""
        return cls(number, How(data["how"]), data["reason"], data["title"], data["text"])


def amended(number: str, *, how: str, reason: str, title: str = "", text: str = "") -> Amendment:
    """Return an amendment, or raise `AmendmentError`."""
    number, reason, title = number.strip(), " ".join(reason.split()), " ".join(title.split())
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    known = number in {clause.number for clause in Clause}
    if how == How.ADDED:
        if known:
            raise AmendmentError(f"There is a clause {number}; choose a free number, or change that clause.")
        if not _NEW.fullmatch(number):
            raise AmendmentError("Number a new clause as VI.n or VI.n.1, in one of the sections IV to IX.")
        if not title:
            raise AmendmentError("Give the new clause a title of one line.")
    elif not known:
        raise AmendmentError(f"There is no clause {number}.")
    wrong = sorted(
        set(PLACE.findall(text)) - ({blank.key for blank in blanks_of(Clause.by_number(number))} if known else set())
    )
    if wrong:
        raise AmendmentError(
            f"{{{wrong[0]}}} is no blank of this clause; a text can hold its own clause's blanks alone."
        )
    if how != How.STRUCK and not text:
        raise AmendmentError("Write the clause's text.")
    if len(text) > _LONGEST or len(title) > 120 or len(reason) > 400:
        raise AmendmentError(f"This is too long: text up to {_LONGEST} characters, title 120, reason 400.")
    if not reason:
        raise AmendmentError("Give the reason: whoever reads the policy will ask for it.")
    kept = ("", "") if how == How.STRUCK else (title if how == How.ADDED else "", text)
    return Amendment(number, How(how), reason, *kept)


def clauses_with(amendments: Mapping[str, Amendment]) -> list[Clause | Amendment]:
    """Return every clause there is, in the policy's order: the model's, struck or not, and those that were added."""
    added = [each for each in amendments.values() if each.how is How.ADDED]
    return sorted([*Clause, *added], key=lambda each: place_of(each.number))


@lru_cache(1024)
def place_of(number: str) -> tuple[int, tuple[tuple[int, str], ...]]:
    """Return where a clause stands, a key to sort by: added clauses follow what they are numbered after."""
    sections = [clause.section for clause in Clause]
    section, *rest = number.split(".")
    order = {clause.number: n for n, clause in enumerate(Clause)}
    if section not in {"IV", "V", "VI", "VII", "VIII", "IX"}:
        return sections.index(section), ((order[number], ""),)
    return sections.index(section), tuple((int(part), "") if part.isdigit() else (0, part) for part in rest)
