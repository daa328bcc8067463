"""Find partners, what they were asked, and the hot lists that go either way."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from platekeeper.server.partners.models import Offer, Partner, PartnerQuestion, PartnerStep, Subscription
from platekeeper.server.querylog.models import QueryLogEntry


def partners() -> QuerySet[Partner]:
    """Return every partner."""
    return Partner.objects.select_related("agency", "account")


def connected() -> QuerySet[Partner]:
    """Return the partners whose connection is not stopped here: their newest step says so."""
    newest = PartnerStep.objects.filter(partner=OuterRef("partner")).order_by("-pk").values("pk")[:1]
    stopped = PartnerStep.objects.filter(pk=Subquery(newest), kind=PartnerStep.Kind.STOPPED)
    return partners().exclude(pk__in=stopped.values("partner"))


def is_connected(partner: Partner) -> bool:
    """Say whether a connection stands, as the database has it now."""
    return connected().filter(pk=partner.pk).exists()


def questions_of(entry: QueryLogEntry) -> QuerySet[PartnerQuestion]:
    """Return what partners were asked with a query, with what they answered as far as it is kept."""
    return PartnerQuestion.objects.filter(entry=entry).select_related("partner__agency", "answer")


def offers() -> QuerySet[Offer]:
    """Return the hot lists on offer."""
    return Offer.objects.filter(ended_at=None).select_related("partner__agency")


def subscriptions() -> QuerySet[Subscription]:
    """Return the subscriptions that have not ended."""
    return Subscription.objects.filter(ended_at=None).select_related("partner__agency", "hot_list")


def heard_since(partner: Partner, moment: datetime) -> int:
    """Count the requests that were taken from a partner since a moment."""
    return partner.heard.filter(at__gte=moment).count()
