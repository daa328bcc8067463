"""Find partners, what they were asked, and the hot lists that go either way."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from platekeeper.server.partners.models import Offer, Partner, PartnerQuestion, PartnerStep, Subscription
from platekeeper.server.querylog.models import QueryLogEntry


def partners() -> QuerySet[Partner]:
    """Return every partner, each with its newest step as `standing`."""
    newest = PartnerStep.objects.filter(partner=OuterRef("pk")).order_by("-pk").values("kind")[:1]
    return Partner.objects.select_related("agency", "account").annotate(standing=Subquery(newest))


def connected() -> QuerySet[Partner]:
    """Return the partners whose connection is not stopped here."""
    return partners().exclude(standing=PartnerStep.Kind.STOPPED)


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
