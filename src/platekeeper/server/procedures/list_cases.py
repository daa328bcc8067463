"""The department's case and call numbers come in from a file, so that a query's number can be checked (VIII.c)."""

from __future__ import annotations

import hashlib

from django.db import transaction

from platekeeper.core.case_numbers import parse
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.querylog import changes

DUTY = "IV.e.custodian"


def list_cases(by: Footing, content: bytes, *, replace: bool) -> int:
    """Take the numbers of a file in place of the list, or besides it; return how many the file has.

    Raises `CaseNumbersError`.
    """
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.CASE_NUMBERS_LISTED)
    numbers = parse(content)
    with transaction.atomic():
        changes.list_cases(numbers, replace=replace, at=by.at)
        append(
            at=by.at,
            by=by.actor,
            action=Action.CASE_NUMBERS_LISTED,
            clause=Clause.VIII_c,
            details={"numbers": len(numbers), "replaced": replace, "sha256": hashlib.sha256(content).hexdigest()},
            policy=by.policy.stamp,
        )
    return len(numbers)
