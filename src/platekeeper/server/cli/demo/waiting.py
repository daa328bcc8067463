"""What waits in the demo department when somebody signs in: a defect on an LPR, and a detail that the Chief decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from platekeeper.core.rules.defects import DefectKind
from platekeeper.core.rules.deployments import Asked, Kind
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing, footing
from platekeeper.server.procedures.deploy_lprs import ask
from platekeeper.server.procedures.report_defects import report_defect


def leave_waiting(*, at: datetime) -> None:
    """Let a member report a defect of the trailer, and the sergeant ask for a detail tonight."""
    member, sergeant = _footing("member", at=at), _footing("sergeant", at=at)
    trailer = lprs().get(kind=LPR.Kind.PORTABLE)
    words = "Gray film over the left half since the rain."
    report_defect(by=member, lpr=trailer, kind=DefectKind.LENS, words=words)
    asked = Asked(
        kind=Kind.CRIME_AREA, purpose="Thefts from parked cars, six in two weeks.", place="Harbor Road, ferry to bridge",
        since=at + timedelta(hours=1), until=at + timedelta(hours=9), lprs=1, people=1,
    )  # fmt: skip
    ask(sergeant, asked, in_charge=member.person, lprs=[lprs().get(kind=LPR.Kind.MOBILE)], people=[member.person])


def _footing(username: str, *, at: datetime) -> Footing:
    return footing(Person.objects.get(username=username), at=at)
