"""The policy in force, as plain data that rules can be asked against."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from platekeeper.core.amendments import Amendment
from platekeeper.core.blanks import BLANKS
from platekeeper.core.durations import length_of
from platekeeper.core.ledger import canonical
from platekeeper.core.rules.decision import Allowed, Decision, Refused

CHIEFS = {"police": "Chief", "sheriff_department": "Sheriff", "sheriff_office": "Sheriff"}
NAMES = {
    "police": "Police Department",
    "sheriff_department": "Sheriff's Department",
    "sheriff_office": "Sheriff's Office",
}


def digest_of(values: Mapping[str, Any], amendments: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hexadecimal) of a policy's content in canonical JSON."""
    return hashlib.sha256(canonical({"values": dict(values), "amendments": dict(amendments)})).hexdigest()


def carried_over(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that the next version begins with: all but those that belong to one version alone."""
    return {key: value for key, value in values.items() if not BLANKS[key].of_version}


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of the policy. An unfilled blank refuses what needs it; it never defaults."""

    number: int
    digest: str
    values: Mapping[str, Any] = field(default_factory=dict)
    amendments: Mapping[str, Amendment] = field(default_factory=dict)

    @property
    def stamp(self) -> tuple[int, str]:
        """What every record keeps of the policy it was judged under."""
        return self.number, self.digest

    def needs(self, *keys: str) -> Decision:
        """Refuse, naming clause and blank, unless every blank named is filled."""
        for key in keys:
            if key not in self.values:
                blank = BLANKS[key]
                return Refused(
                    blank.clause,
                    f"The policy does not say yet: {blank.label}. Fill this blank on the Policy page.",
                    mend=key,
                )
        return Allowed()

    def positions(self, key: str) -> frozenset[str]:
        """Return the titles that a blank names, none while it is unfilled."""
        return frozenset(self.values.get(key, ()))

    def whole(self, key: str) -> int:
        """Return a whole number; raise `KeyError` while it is unfilled (ask `needs` first)."""
        return int(self.values[key])

    def period(self, key: str) -> timedelta | None:
        """Return the length of a period, None for "never"; raise `KeyError` while it is unfilled (ask `needs` first)."""
        return length_of(self.values[key])

    def said_period(self, key: str) -> timedelta | None:
        """Return the length of a period, None for "never" and while the policy does not say."""
        return self.period(key) if self.needs(key) else None

    def text(self, key: str) -> str:
        """Return a text or choice, empty while it is unfilled."""
        return str(self.values.get(key, ""))

    @property
    def zone(self) -> ZoneInfo:
        """The department's time zone; UTC until the policy names one."""
        return ZoneInfo(self.text("III.zone") or "UTC")

    @property
    def chief(self) -> str:
        """ "Chief" or "Sheriff", as the kind of department has it (III)."""
        return CHIEFS.get(self.text("III.kind"), "Chief or Sheriff")

    @property
    def department(self) -> str:
        """The department's whole name, such as "Harbor Falls Police Department"; empty before it is named."""
        return f"{self.text('III.name')} {NAMES.get(self.text('III.kind'), '')}".strip()


NO_POLICY = Policy(number=0, digest="", values={})
"""Before the first adoption: every blank is unfilled, so everything that needs one is refused."""
