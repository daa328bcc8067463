"""Entries made in the field: after a broadcast, as directed, or because an alert must be entered (VII.f-g)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from platekeeper.core.categories import Category
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy
from platekeeper.core.rules.access import Authority, Standing, has_duty, is_trained
from platekeeper.core.rules.alerts import may_request_entry
from platekeeper.core.rules.decision import Allowed, Decision, Refused, first_refusal

DIRECTORS = "VII.f.directors"


class Ground(StrEnum):
    """Why a plate is entered in the field: what the policy requires first, then what it permits."""

    AMBER = "amber"
    MISSING_CHILD = "missing_child"
    MISSING_STUDENT = "missing_student"
    DISPATCH = "dispatch"
    BOLO = "bolo"
    DIRECTED = "directed"


@dataclass(frozen=True, slots=True)
class Usual:
    """What an entry on a ground is unless somebody says otherwise: its clause, category, and how long it stands."""

    clause: Clause
    category: Category
    stands: timedelta


USUAL: dict[Ground, Usual] = {
    Ground.AMBER: Usual(Clause.VII_g, Category.AMBER, timedelta(days=1)),
    Ground.MISSING_CHILD: Usual(Clause.VII_g, Category.MISSING_PERSON, timedelta(days=3)),
    Ground.MISSING_STUDENT: Usual(Clause.VII_g, Category.MISSING_PERSON, timedelta(days=3)),
    Ground.DISPATCH: Usual(Clause.VII_f_1, Category.CRIME_JUST_OCCURRED, timedelta(hours=12)),
    Ground.BOLO: Usual(Clause.VII_f_1, Category.CRIME_SUSPECT, timedelta(days=3)),
    Ground.DIRECTED: Usual(Clause.VII_f_2, Category.OTHER, timedelta(days=1)),
}
REQUIRED = frozenset(ground for ground, usual in USUAL.items() if usual.clause is Clause.VII_g)
"""The alerts that must be entered. They alone stand, where there is no network, before the ledger knows of them."""
LONGEST_IN_FIELD = timedelta(days=30)
"""An entry of the field stands no longer unseen: it is asked for as VI.a has it, or made again."""


def may_enter_in_field(who: Authority, policy: Policy, today: date) -> Decision:
    """Decide whether a person may enter plates in the field: a member who may ask for entries (VI.a), or staff in a
    position that directs them (VII.f.2), trained and authorized to reach LPR data (IV.c), for prior reads are shown."""
    if who.standing is not Standing.STAFF:
        return may_request_entry(who, policy, today)
    authorized = Refused(Clause.IV_c, "Staff enter plates once authorized to reach LPR data.")
    return first_refusal(
        has_duty(who, policy, DIRECTORS), Allowed() if who.staff_access else authorized, is_trained(who, policy, today)
    )


def may_stand_in_field(ground: Ground, director: Authority | None, policy: Policy, *, stands: timedelta) -> Decision:
    """Decide whether an entry may stand on its ground: a directed one names who may direct it (VII.f.2), and it ends."""
    if stands > LONGEST_IN_FIELD:
        return Refused(Clause.VII_f, f"An entry made in the field stands for {LONGEST_IN_FIELD.days} days at most.")
    if ground is not Ground.DIRECTED:
        return Allowed()
    if director is None:
        wanted = ", ".join(sorted(policy.positions(DIRECTORS))) if policy.needs(DIRECTORS) else "nobody yet"
        return Refused(
            Clause.VII_f_2, f"Name who directed or authorized the entry. The policy gives this to: {wanted}."
        )
    return has_duty(director, policy, DIRECTORS)
