"""What a rule answers: allowed, or refused under a clause for a reason that can be read out loud."""

from __future__ import annotations

from dataclasses import dataclass

from platekeeper.core.clauses import Clause

TRAINING = "training"
"""The `mend` of a refusal that training or a bulletin mends."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The facts permit the action."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Refused:
    """The facts forbid the action; screen, log and test cite the same clause and reason.

    `mend` says what would mend it, where one thing would: the key of a blank to fill, or `TRAINING`.
    """

    clause: Clause
    reason: str
    mend: str = ""

    def __bool__(self) -> bool:
        return False


Decision = Allowed | Refused


def first_refusal(*decisions: Decision) -> Decision:
    """Return the first refusal in the order given, or `Allowed()` when there is none."""
    return next((decision for decision in decisions if isinstance(decision, Refused)), Allowed())
