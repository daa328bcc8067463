"""What a department does, from its founding to its first tour, in order: facts in, what is done and what is next out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from platekeeper.core.clauses import Clause

HELD = (
    "IV.a.users", "IV.e.custodian", "IV.f.inventory", "IV.i.trainers", "VI.a.decider", "VI.e.auditors", "VI.j.manager",
    "VI.m.keeper", "VII.e.supervisors", "VII.e.dispatch", "VII.h.1.to", "VII.h.2.checker",
)  # fmt: skip
"""The duties that somebody holds before officers can work: without one of them something stops, or nobody looks."""


class Name(StrEnum):
    """The steps."""

    FILL = "fill"
    ADOPT = "adopt"
    PEOPLE = "people"
    POSITIONS = "positions"
    TRAINING = "training"
    LPR = "lpr"
    HOT_LIST = "hot_list"
    READS = "reads"
    RECOVERY_KEY = "recovery_key"
    BACKUP = "backup"
    MAIL = "mail"
    SET_UP = "set_up"
    TOUR = "tour"


@dataclass(frozen=True, slots=True)
class Founding:
    """What the records and the machine show of a department that begins."""

    blanks_waiting: int  # that nobody has filled, or that a profile proposed and nobody confirmed
    adopted: bool
    in_force: bool
    people: int  # active accounts of the department
    unheld: Sequence[str]  # of `HELD`, what nobody active holds
    trained: bool  # somebody who may use LPRs
    lprs: int  # in service
    keyed: int  # of them, that have a key
    delivered: bool  # a hot list
    heard: bool  # an LPR sent reads
    recovery_key: bool
    backed_up: bool
    mail: bool
    to_act_on: int | None  # findings of the set-up that cannot wait; None where nobody has looked
    toured: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step: `duty` names the blanks whose positions can take it; without one it is done where the server runs."""

    name: Name
    clause: Clause
    duty: tuple[str, ...]
    is_done: bool


_GOVERN = ("signature.authority",)
_IN_ORDER: tuple[tuple[Name, Clause, tuple[str, ...], Callable[[Founding], bool]], ...] = (
    (Name.FILL, Clause.II, (*_GOVERN, "IV.g.reviewer"), lambda found: found.adopted or not found.blanks_waiting),
    (Name.ADOPT, Clause.signature, _GOVERN, lambda found: found.in_force),
    (Name.PEOPLE, Clause.IV_b, _GOVERN, lambda found: found.people > 1),
    (Name.POSITIONS, Clause.IV_e, _GOVERN, lambda found: not found.unheld),
    (Name.TRAINING, Clause.IV_i, ("IV.i.trainers",), lambda found: found.trained),
    (Name.LPR, Clause.IV_f, ("IV.f.inventory",), lambda found: found.keyed > 0),
    (Name.HOT_LIST, Clause.V_a, ("IV.e.custodian",), lambda found: found.delivered),
    (Name.READS, Clause.V_b, ("IV.f.inventory",), lambda found: found.heard),
    (Name.RECOVERY_KEY, Clause.VI_m, ("VI.m.keeper",), lambda found: found.recovery_key),
    (Name.BACKUP, Clause.VI_m, ("VI.m.keeper",), lambda found: found.backed_up),
    (Name.MAIL, Clause.VI_e, (), lambda found: found.mail),
    (Name.SET_UP, Clause.IV_h, (), lambda found: found.to_act_on == 0),
    (Name.TOUR, Clause.VII_h, ("IV.a.users",), lambda found: found.toured),
)
FOUNDERS = frozenset({Name.FILL, Name.ADOPT, Name.PEOPLE, Name.POSITIONS})
"""What can be done before a policy is in force: the draft says who."""


def steps(found: Founding) -> list[Step]:
    """Return every step in order."""
    return [Step(name, clause, duty, done(found)) for name, clause, duty, done in _IN_ORDER]


def next_step(steps: Sequence[Step]) -> Step | None:
    """Return the first step that is open; None once all are done."""
    return next((step for step in steps if not step.is_done), None)
