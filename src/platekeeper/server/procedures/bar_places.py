"""Places where collecting is barred (IV.h): clinics, worship, schools, courts; reads inside are counted and nothing else."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import QuerySet

from platekeeper.core.barred import inside
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.barred import may_bar, may_be_barred, may_see_barred
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.search.drawn import drawn
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.changes import append
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.reads import changes
from platekeeper.server.reads.models import BarredPlace


def may_see_places(by: Footing) -> Decision:
    """Decide who sees the places and their counts."""
    return may_see_barred(by.authority, by.policy)


def look(
    by: Footing, *, area: str, why: str, since: datetime | None = None, until: datetime | None = None
) -> list[LPR]:
    """Return the LPRs that stand in an area that is to be barred: what they read there is lost for good."""
    _demand(by, why=why, begins=since or by.at, until=until)
    standing = [(lpr, lpr.latitude, lpr.longitude) for lpr in lprs_on_the_map()]
    norths, easts = (np.array([each[side] for each in standing], np.float64) for side in (1, 2))
    return [each[0] for each, within in zip(standing, inside(drawn(area), norths, easts), strict=True) if within]


def lprs_on_the_map() -> QuerySet[LPR]:
    """Return the LPRs in service of which it is known where they stand."""
    return lprs().filter(in_service=True, latitude__isnull=False, longitude__isnull=False)


def bar(
    by: Footing,
    *,
    name: str,
    kind: str,
    area: str,
    why: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> BarredPlace:
    """Bar a place, from now on unless a later moment is given. The intake of every process honors it with its next batch."""
    begins = since or by.at
    _demand(by, why=why, begins=begins, until=until)
    with transaction.atomic():
        place = changes.bar(
            name=name.strip(), kind=kind, area=area, why=why.strip(), since=begins, until=until, at=by.at, by=by.person,
            policy=by.policy.stamp,
        )  # fmt: skip
        ends = until.isoformat() if until else ""
        told: dict[str, object] = {
            "name": place.name, "kind": kind, "area": area, "since": begins.isoformat(), "until": ends,
        }  # fmt: skip
        _log(by, Action.PLACE_BARRED, place, told)
    return place


def let_collect(by: Footing, place: BarredPlace) -> None:
    """Let a place be collected at again, from now on."""
    by.demand(may_bar(by.authority, by.policy), attempted=Action.PLACE_OPENED, subject=_subject(place))
    with by.act(Action.PLACE_OPENED, subject=_subject(place)):
        if not changes.end_barring(place, at=by.at, by=by.person):
            raise RefusedAction(Refused(Clause.IV_h, "It is barred no more already."))
        _log(by, Action.PLACE_OPENED, place, {"name": place.name})


def _demand(by: Footing, *, why: str, begins: datetime, until: datetime | None) -> None:
    by.demand(
        may_bar(by.authority, by.policy),
        may_be_barred(since=begins, until=until, at=by.at, why=why),
        attempted=Action.PLACE_BARRED,
    )


def _subject(place: BarredPlace) -> str:
    return f"barred:{place.pk}"


def _log(by: Footing, action: Action, place: BarredPlace, details: dict[str, object]) -> None:
    append(
        at=by.at,
        by=by.actor,
        action=action,
        clause=Clause.IV_h,
        subject=_subject(place),
        details=details,
        policy=by.policy.stamp,
    )
