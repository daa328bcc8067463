"""The clause register: every clause with the department's answer, the rule that keeps it, and live evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.server.register import evidence
from platekeeper.server.register.evidence import Evidence

Look = Callable[[Policy, datetime], Evidence]


@dataclass(frozen=True, slots=True)
class Entry:
    """How a clause is kept: the rule or procedure by name, and where the evidence comes from."""

    rule: str
    look: Look


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the register. `evidence` is None for a clause that this version does not keep yet."""

    clause: Clause
    answers: tuple[tuple[str, str], ...]
    rule: str
    evidence: Evidence | None


_ACCESS = ("IV.b", "IV.c", "IV.h", "VI.b", "VIII.a", "VIII.b")
_QUERIES = Entry("core.rules.inquiries.may_run, procedures.search_lpr_data", evidence.query_log)
_REACH = Entry("core.rules.access.may_inquire", partial(evidence.refusals, _ACCESS))
_USE = Entry("core.rules.access.may_use_lpr", evidence.training)
_FRESH = Entry("core.rules.freshness.is_of_today", evidence.hot_list)
_PRIOR = Entry("procedures.enter_alert, procedures.search_lpr_data.prior_reads", evidence.prior_reads)
_ENTER = Entry("core.rules.entries.may_enter", evidence.own_entries)

KEPT: dict[Clause, Entry] = {
    Clause.IV_a: _USE,
    Clause.IV_b: _REACH,
    Clause.IV_c: _REACH,
    Clause.IV_e: Entry("procedures.manage_hot_lists, procedures.load_hot_list", evidence.lists),
    Clause.IV_f: Entry("procedures.manage_equipment", evidence.inventory),
    Clause.IV_i: _USE,
    Clause.V_a: _FRESH,
    Clause.V_b: Entry("procedures.receive_reads", evidence.uploads),
    Clause.VI_a: _ENTER,
    Clause.VI_b: _REACH,
    Clause.VI_c: _QUERIES,
    Clause.VI_f: _QUERIES,
    Clause.VI_g: Entry("procedures.search_lpr_data", evidence.on_behalf),
    Clause.VI_j: Entry("procedures.work_dead_letters", evidence.dead_letters),
    Clause.VI_m: Entry("procedures.back_up", evidence.backups),
    Clause.VII_b: _USE,
    Clause.VII_d: _FRESH,
    Clause.VII_e: Entry("core.rules.hits.may_stop", evidence.stops),
    Clause.VII_e_1: Entry(
        "core.rules.hits.may_verify_image", partial(evidence.steps, ("image_verified", "image_differs"))
    ),
    Clause.VII_e_2: Entry(
        "core.rules.hits.may_ask_confirmation", partial(evidence.steps, ("confirmed", "not_confirmed"))
    ),
    Clause.VII_f: _ENTER,
    Clause.VII_f_2: _ENTER,
    Clause.VII_f_3: _PRIOR,
    Clause.VII_g: _PRIOR,
    Clause.VIII_a: _REACH,
    Clause.VIII_b: _REACH,
    Clause.VIII_c: _QUERIES,
    Clause.VIII_d: _QUERIES,
}
"""The clauses that this version keeps. The others are listed all the same, and never green."""


def register(policy: Policy, *, at: datetime, days_stored: Sequence[str]) -> list[Line]:
    """Return the whole register, clause by clause in the policy's order."""
    kept = {
        **KEPT,
        Clause.VI_k: Entry(
            "core.rules.retention, procedures.dispose_lpr_data", partial(evidence.retention, list(days_stored))
        ),
    }
    lines = []
    for clause in Clause:
        entry = kept.get(clause)
        lines.append(
            Line(
                clause=clause,
                answers=_answers(clause, policy),
                rule=entry.rule if entry else "",
                evidence=entry.look(policy, at) if entry else None,
            )
        )
    return lines


def _answers(clause: Clause, policy: Policy) -> tuple[tuple[str, str], ...]:
    return tuple(
        (blank.label, f"{_words(policy.values[key])} {blank.unit}".strip() if key in policy.values else "")
        for key, blank in BLANKS.items()
        if blank.clause is clause
    )


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
