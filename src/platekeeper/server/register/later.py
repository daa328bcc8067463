"""Clauses of which this version keeps no records yet, each with the reason. Work that keeps them shrinks this set."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

LATER: dict[Clause, str] = {
    Clause.V_d: "special operations and details are not recorded yet",
}
"""Clause -> why there is no evidence of it. None of these may be here once records exist from which it could be computed."""
