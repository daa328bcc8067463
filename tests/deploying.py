"""Details and mutual aid as the cast asks for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platekeeper.core.rules.deployments import Asked, Kind
from platekeeper.server.deployments.models import Deployment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import deploy_lprs
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from tests.cast import Cast

HOUR = timedelta(hours=1)


def on(cast: Cast, role: str, *, at: datetime | None = None) -> Footing:
    """Return what somebody stands on, now unless a moment is given."""
    return footing(cast.people()[role], at=at or datetime.now(UTC))


def asked_of(kind: Kind, *, at: datetime, **changed: Any) -> Asked:
    """Return what is asked for, for four hours from `at`."""
    aid: dict[str, Any] = (
        {"agency": "Mill County Sheriff's Office", "sought": "A red van with a ladder."} if kind.is_aid else {}
    )
    given: dict[str, Any] = {
        "purpose": "Thefts from cars at night.", "place": "Canal Street between Bridge and Mill", "since": at,
        "until": at + 4 * HOUR, "lprs": 1, "people": 2, "offense": "robbery", "case_number": "26-114",
    }  # fmt: skip
    return Asked(kind=kind, **(given | aid | changed))


def detail(
    cast: Cast, *, by: str = "sergeant", kind: Kind = Kind.CRIME_AREA, at: datetime | None = None, authorized: bool = False,
    lpr: LPR | None = None, **changed: Any,
) -> Deployment:  # fmt: skip
    """Ask for a detail of the officer and the rookie with one LPR, from now on; the officer is in charge."""
    at = at or datetime.now(UTC)
    made = deploy_lprs.ask(
        on(cast, by, at=at), asked_of(kind, at=at, **changed), in_charge=cast.officer, lprs=[lpr or cast.lpr],
        people=[cast.officer, cast.rookie],
    )  # fmt: skip
    if authorized:
        deploy_lprs.authorize(on(cast, "sergeant" if kind.is_aid else "chief", at=at), made)
    return made


def refused(act: Callable[[], object]) -> str:
    """Return the clause and the reason of a refusal, which the ledger has."""
    with pytest.raises(RefusedAction) as told:
        act()
    clause = told.value.refusal.clause.number
    assert LedgerEntry.objects.filter(outcome="refused", clause=clause).exists()
    return f"{clause} {told.value.refusal.reason}"
