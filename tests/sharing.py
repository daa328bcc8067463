"""MOUs and orders for the tests, made as people make them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures import manage_mous
from platekeeper.server.procedures.authority import footing
from platekeeper.server.sharing.lookups import mous
from platekeeper.server.sharing.models import Mou, Order
from tests.cast import Cast

PDF = b"%PDF-1.7 signed by both"


def make_mou(cast: Cast, *, at: datetime, agency: Agency | None = None, attested: bool = True, **changed: Any) -> Mou:
    """Draft an MOU with the outsider's agency that shares everything but for audits, in force for a month."""
    custodian, chief = footing(cast.custodian, at=at), footing(cast.chief, at=at)
    facts: dict[str, Any] = {
        "title": "Stolen vehicles", "shares": set(Share), "purposes": {"investigation", "stolen", "wanted", "missing"},
        "barred": {"audit"}, "terms": Terms(days=90), "document": PDF, "begins_on": custodian.today,
        "ends_on": custodian.today + timedelta(days=29),
    }  # fmt: skip
    mou = manage_mous.draft_mou(custodian, agency=agency or cast.outsider.agency, **(facts | changed))
    if attested:
        manage_mous.attest(custodian, mou, ours=False, note="Sheriff Mills")
        manage_mous.attest(chief, mou, ours=True)
    return mou


def end_mous(cast: Cast, *, at: datetime) -> None:
    """End the MOUs that are, so that nothing leaves."""
    for mou in mous():
        manage_mous.end(footing(cast.chief, at=at), mou, why="a test of what comes then")


def make_order(cast: Cast, *, at: datetime, **changed: Any) -> Order:
    """Record a subpoena for hits in favor of the outsider's agency."""
    custodian = footing(cast.custodian, at=at)
    facts: dict[str, Any] = {
        "kind": Order.Kind.SUBPOENA, "court": "Mill County Court", "number": "26-107", "shares": {Share.HITS},
        "scope": "all hits of plate BRG 4112 in March", "issued_on": custodian.today,
        "ends_on": custodian.today + timedelta(days=13), "document": PDF,
    }  # fmt: skip
    return manage_mous.record_order(custodian, agency=cast.outsider.agency, **(facts | changed))
