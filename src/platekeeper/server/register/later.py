"""Clauses of which this version keeps no records yet, each with the reason. Work that keeps them shrinks this set."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

_UPKEEP = "there are no reports of damage or maintenance yet"

LATER: dict[Clause, str] = {
    Clause.IX_c: _UPKEEP,
    Clause.IX_d: _UPKEEP,
}
"""Clause -> why there is no evidence of it. None of these may be here once records exist from which it could be computed."""
