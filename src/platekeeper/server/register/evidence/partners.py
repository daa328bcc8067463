"""Connections with other departments' servers, beside all that left (VI.l)."""

from __future__ import annotations

from django.db.models import QuerySet

from platekeeper.core.rules.sharing import DIRECTOR
from platekeeper.server.partners.models import PartnerStep
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.register.evidence import sharing
from platekeeper.server.register.evidence.basis import Evidence, Fault, both, judged, unfit
from platekeeper.server.register.history import holds
from platekeeper.server.register.period import Period
from platekeeper.server.register.questions import Of
from platekeeper.server.register.words import Said, many

_LETS_GO = (PartnerStep.Kind.CONNECTED, PartnerStep.Kind.RESUMED)


def shared(period: Period) -> Evidence:
    """Judge VI.l: had all that left a ground, and was every partner connected by the position that directs sharing?"""
    told = sharing.shared(period)
    asked = QueryLogEntry.objects.filter(period.within("begun_at")).exclude(by__partner=None)
    if not PartnerStep.objects.filter(at__lte=period.at).exists():
        return told
    return both(
        told,
        judged(
            many(asked.count(), "search of a partner", "searches of partners"),
            Said("{0} of them refused", f"{asked.filter(state=QueryLogEntry.State.REFUSED).count():,}"),
            Fault(
                unfit(period, _taken, holds(DIRECTOR), by="by", moment="at"),
                "partners connected by somebody who did not hold the position",
            ),
            activity=asked.count() + _taken(period).count(),
        ),
    )


def _taken(of: Of) -> QuerySet[PartnerStep]:
    return PartnerStep.objects.filter(of.within("at"), kind__in=_LETS_GO)
