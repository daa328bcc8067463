"""Our own plain wording of every clause, with its blanks in place: what the printed policy says."""

from __future__ import annotations

from platekeeper.core.clauses import Clause
from platekeeper.core.wording import administration, data, field, investigations, opening, operations

__all__ = ["HEADINGS", "WORDING"]

_TEXTS: dict[Clause, str] = {
    **opening.TEXT,
    **administration.TEXT,
    **operations.TEXT,
    **data.TEXT,
    **field.TEXT,
    **investigations.TEXT,
}

WORDING: dict[Clause, str] = {clause: _TEXTS[clause] for clause in Clause}
"""Every clause in the order of the policy. `{key}` stands for the blank of that key, `{chief}` for Chief or Sheriff."""

HEADINGS: dict[str, str] = {
    "I": "Purpose",
    "II": "Policy statement",
    "III": "Terms",
    "IV": "Administration",
    "V": "Operations",
    "VI": "LPR data",
    "VII": "In the field",
    "VIII": "Investigations",
    "IX": "Upkeep of LPRs",
}
"""Number of a section -> its heading; the header and the signature have none."""
