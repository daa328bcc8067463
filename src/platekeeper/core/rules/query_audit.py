"""What makes a query worth a reviewer's look (VI.e), and the random sample beside it. A reason is no verdict."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from platekeeper.core.rules.reasons import is_vague

HIGH = 3
"""From this score on an entry is reviewed whatever the draw says."""
MANY, WINDOW = 5, 30
"""Searches of one plate, or without a case, by one person: so many within so many days are worth a look."""
USUAL_FROM = 20
"""So many queries must be known of a person before hours of theirs are called unusual."""

_NO_CASE = "0 00 000 0000 1 123 1234 12345 na none nil no null nocase pending tba tbd test unknown x xx xxx"
_PLACEHOLDERS = frozenset(_NO_CASE.split())


class Why(StrEnum):
    """The kinds of reason."""

    OWN_PLATE = "own_plate"
    COLLEAGUES_PLATE = "colleagues_plate"
    EXIGENT = "exigent"
    VAGUE = "vague"
    REPEATED = "repeated"
    SAME_PLATE = "same_plate"
    CASELESS = "caseless"
    CORRECTED = "corrected"
    CASE_UNKNOWN = "case_unknown"
    NO_OUTCOME = "no_outcome"
    ODD_HOUR = "odd_hour"


WEIGHTS: dict[Why, int] = {
    Why.OWN_PLATE: 5,
    Why.COLLEAGUES_PLATE: 4,
    Why.EXIGENT: 4,
    Why.VAGUE: 3,
    Why.REPEATED: 2,
    Why.SAME_PLATE: 2,
    Why.CASELESS: 2,
    Why.CORRECTED: 2,
    Why.CASE_UNKNOWN: 1,
    Why.NO_OUTCOME: 1,
    Why.ODD_HOUR: 1,
}
"""How much each kind weighs: what alone is worth a look weighs `HIGH`, what is so only with others less."""


@dataclass(frozen=True, slots=True)
class QueryFacts:
    """One query as its reviewer should know it. What is not known keeps its default and gives no reason.

    `same_words`, `same_plate`, `caseless`: other queries of this person with these words for another matter, of this very
    plate (of several, the most searched), or without a case number, this one included in the last two, within `WINDOW`
    days. `hour`: in the department's zone; `hours`: how many of the person's other queries fell into each hour of the day.
    `corrected_from`: the case number before this person corrected it, None if they did not; it is judged as that of now is.
    `case_known`: None where there is nothing to check a number against. `case_idle`: the case is old, and nothing came of it.
    """

    justification: str = ""
    offense: str = ""
    case_number: str = ""
    corrected_from: str | None = None
    same_words: int = 0
    same_plate: int = 0
    caseless: int = 0
    hour: int | None = None
    hours: tuple[int, ...] = ()
    own_plate: bool = False
    colleagues_plate: bool = False
    case_known: bool | None = None
    case_idle: bool = False
    exigent: bool = False
    exigent_reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a query is worth a look, and how much that weighs."""

    why: Why
    words: str

    @property
    def weight(self) -> int:
        """How much it weighs."""
        return WEIGHTS[self.why]


def reasons_of(facts: QueryFacts) -> tuple[Reason, ...]:
    """Return every reason to look at a query, the weightiest first."""
    return tuple(sorted(_reasons(facts), key=lambda reason: -reason.weight))


def score(reasons: Iterable[Reason]) -> int:
    """Return what reasons weigh together."""
    return sum(reason.weight for reason in reasons)


def is_placeholder(case_number: str) -> bool:
    """Say whether a case number is none: empty, or what people write to get past a field."""
    return re.sub(r"[\W_]", "", case_number).casefold() in _PLACEHOLDERS | {""}


def sample(numbers: Collection[int], *, seed: str, size: int) -> list[int]:
    """Draw at random without choosing: the `size` numbers with the least SHA-256 of "seed:number", in their order.

    Anybody with the seed and the numbers draws the same.
    """

    def lot(number: int) -> bytes:
        return hashlib.sha256(f"{seed}:{number}".encode()).digest()

    return sorted(sorted(numbers, key=lot)[:size])


def _reasons(facts: QueryFacts) -> Iterator[Reason]:
    if facts.own_plate:
        yield Reason(Why.OWN_PLATE, "The plate is the member's own.")
    if facts.colleagues_plate:
        yield Reason(Why.COLLEAGUES_PLATE, "The plate is a colleague's.")
    if facts.exigent and not facts.exigent_reviewed:
        yield Reason(Why.EXIGENT, "It ran as exigent, and nobody has reviewed that.")
    if is_vague(facts.justification, restated=(facts.offense,)):
        yield Reason(
            Why.VAGUE, f"The justification says nothing of its own: “{facts.justification.strip() or 'nothing'}”."
        )
    if facts.same_words:
        yield Reason(
            Why.REPEATED, f"The same words justify {_more(facts.same_words)} of this member for other matters."
        )
    if facts.same_plate >= MANY:
        yield Reason(
            Why.SAME_PLATE, f"This member searched a plate of this query {facts.same_plate} times in {WINDOW} days."
        )
    numbers = [facts.case_number] if facts.corrected_from is None else [facts.case_number, facts.corrected_from]
    if any(map(is_placeholder, numbers)) and facts.caseless >= MANY:
        yield Reason(Why.CASELESS, f"One of {facts.caseless} searches of this member without a case in {WINDOW} days.")
    if facts.corrected_from is not None:
        was, now = (number.strip() or "none" for number in (facts.corrected_from, facts.case_number))
        yield Reason(Why.CORRECTED, f"The member corrected the number that it was under: {was} became {now}.")
    if facts.case_known is False:
        yield Reason(
            Why.CASE_UNKNOWN,
            f"The number {facts.case_number.strip() or 'of no case'} is no case or call that is known.",
        )
    if facts.case_idle:
        yield Reason(
            Why.NO_OUTCOME, "The case is old, and nothing came of it: nothing preserved, no arrest, no disposition."
        )
    if _is_odd_hour(facts):
        yield Reason(Why.ODD_HOUR, f"Searched after {facts.hour}:00, when this member usually searches nothing.")


def _is_odd_hour(facts: QueryFacts) -> bool:
    """An hour is odd if none of many other queries of the person fell into it or the ones beside it."""
    if facts.hour is None or sum(facts.hours) < USUAL_FROM:
        return False
    return not any(facts.hours[(facts.hour + shift) % 24] for shift in (-1, 0, 1))


def _more(count: int) -> str:
    return "another query" if count == 1 else f"{count} other queries"
