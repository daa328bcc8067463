"""Clauses of which this version keeps no records yet, each with the reason. Work that keeps them shrinks this set."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

_LOG = "tours are kept, the Daily User Log of each comes later"
_UPKEEP = "there are no reports of damage or maintenance yet"

LATER: dict[Clause, str] = {
    Clause.VII_c: "use and parking of LPR vehicles are not recorded yet",
    Clause.VII_h_1: f"{_LOG}, and then it is forwarded",
    Clause.VII_h_2: f"{_LOG}, and then its entries are checked",
    Clause.VII_h_3: f"{_LOG}, and then it is preserved in the case",
    Clause.VII_h_4: f"{_LOG}, and then it waits for the final disposition",
    Clause.IX_a: f"{_LOG}, and with it the aim of the camera",
    Clause.IX_c: _UPKEEP,
    Clause.IX_d: _UPKEEP,
}
"""Clause -> why there is no evidence of it. None of these may be here once records exist from which it could be computed."""
