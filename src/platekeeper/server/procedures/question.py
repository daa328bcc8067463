"""What is asked of stored reads, and why, before anything is decided (VI.c-g, VIII)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from platekeeper.core.partial import PatternError, PlatePattern, parse_pattern
from platekeeper.core.rules.inquiries import Inquiry, is_bulk
from platekeeper.server.storage.terms import MOST_PARTIALS, MOST_PLATES

AHEAD = timedelta(minutes=5)
"""How far the clock of an LPR may be ahead, and its reads be found all the same."""


def patterns_in(plate: str) -> tuple[PlatePattern, ...]:
    """Return the plates that are written, with commas, semicolons or lines between. Raises `PatternError`."""
    texts = [each for each in re.split(r"[,;\n]+", plate) if each.strip()]
    if len(texts) > MOST_PLATES:
        raise PatternError(f"Ask for {MOST_PLATES} plates at once at most.")
    patterns = tuple(dict.fromkeys(parse_pattern(each) for each in texts))
    if sum(not each.is_complete for each in patterns) > MOST_PARTIALS:
        raise PatternError(f"Ask for {MOST_PARTIALS} partial plates at once at most.")
    return patterns


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked and why. `plate` is complete or partial, as typed, or several, with commas between; none: any plate.
    No `lprs` means all of them. `besides`: more terms, as `core.search.asked` reads them.

    `none_prohibited` and the rest: see `core.rules.inquiries.Inquiry`. `recipients`: who else gets the result (VIII.c).
    `tool`: what a tool asks instead of the reads of a plate (`core.investigations.terms`).
    """

    plate: str
    since: datetime
    until: datetime
    purpose: str
    offense: str
    case_number: str
    justification: str
    lprs: tuple[int, ...] = ()
    requestor: str = ""
    requestor_agency: str = ""
    recipients: str = ""
    none_prohibited: bool = False
    is_exigent: bool = False
    exigent: str = ""
    besides: Mapping[str, Any] = field(default_factory=dict)
    tool: Mapping[str, Any] | None = None

    def patterns(self) -> tuple[PlatePattern, ...]:
        """Return the plates that are asked for, none for any. Raises `PatternError`."""
        if self.tool is not None:
            return ()
        return patterns_in(self.plate)

    @property
    def is_bulk(self) -> bool:
        """Whether so much is asked at once that the password is asked for once more. Raises `PatternError`."""
        return is_bulk(self.patterns()) if self.tool is None else not self.plate

    def inquiry(self) -> Inquiry:
        """Return what the rules ask about."""
        return Inquiry(
            plate=self.plate,
            purpose=self.purpose,
            offense=self.offense,
            case_number=self.case_number,
            justification=self.justification,
            since=self.since,
            until=self.until,
            none_prohibited=self.none_prohibited,
            is_exigent=self.is_exigent,
            exigent=self.exigent,
            requestor=self.requestor,
            requestor_agency=self.requestor_agency,
        )

    def terms(self) -> dict[str, Any]:
        """Return the exact terms as the log keeps them."""
        if self.tool is not None:
            return dict(self.tool)
        plates = [each.text for each in self.patterns()]
        return {
            "plate": ", ".join(plates),
            "lprs": list(self.lprs),
            "since": self.since.astimezone(UTC).isoformat(),
            "until": self.until.astimezone(UTC).isoformat(),
            **({"plates": plates} if len(plates) > 1 else {}),
            **self.besides,
        }
