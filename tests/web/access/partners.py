"""Who may see the partners, connect and stop them, and let hot lists go either way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platekeeper.server.partners.lookups import is_connected, offers, subscriptions
from platekeeper.server.partners.models import Subscription
from platekeeper.server.procedures import connect_partners, offer_lists, subscribe_lists
from platekeeper.server.procedures.authority import footing
from tests.cast import Cast
from tests.partnering import connected, invitation


def _now() -> datetime:
    return datetime.now(UTC)


def _partner(cast: Cast) -> list[Any]:
    return [connected(cast, at=_now()).pk]


def _standing(cast: Cast) -> list[Any]:
    """Return a partner whose connection is not stopped."""
    partner = connected(cast, at=_now())
    if not is_connected(partner):
        connect_partners.resume(footing(cast.chief, at=_now()), partner)
    return [partner.pk]


def _stopped(cast: Cast) -> list[Any]:
    partner = connected(cast, at=_now())
    if is_connected(partner):
        connect_partners.stop(footing(cast.chief, at=_now()), partner, why="a look at it")
    return [partner.pk]


def _unoffered(cast: Cast) -> list[Any]:
    for each in offers():
        offer_lists.end_offer(footing(cast.chief, at=_now()), each)
    return _partner(cast)


def _offered(cast: Cast) -> list[Any]:
    partner = connected(cast, at=_now())
    made = offers().first() or offer_lists.offer_list(footing(cast.chief, at=_now()), partner, name="own")
    return [made.pk]


def _unsubscribed(cast: Cast) -> list[Any]:
    for each in subscriptions():
        subscribe_lists.unsubscribe(footing(cast.custodian, at=_now()), each)
    return [*_partner(cast), "list0"]


def _subscription(cast: Cast) -> Subscription:
    partner = connected(cast, at=_now())
    return subscriptions().first() or subscribe_lists.subscribe(
        footing(cast.custodian, at=_now()), partner, name="own", title="Own entries", purpose="stolen"
    )


def _everything(cast: Cast) -> list[Any]:
    _offered(cast)
    return [_subscription(cast).partner_id]


def _nothing(cast: Cast) -> list[Any]:
    connected(cast, at=_now())
    return []


def _theirs(cast: Cast) -> dict[str, Any]:
    return {"agency": cast.outsider.agency_id, "invitation": invitation(at=_now())}


_READERS, _LISTS = {"chief", "custodian", "auditor"}, {"custodian"}
_SUBSCRIBED = {"list0-offered": "own", "list0-title": "Own entries", "list0-purpose": "stolen"}
ROWS: dict[str, dict[str, Any]] = {
    "api_partner": {"public": True},
    "partners": {"args": _nothing, "allowed": _READERS},
    "partner_invite": {
        "method": "post",
        "data": {"address": "https://lpr.example.gov"},
        "status": 200,
        "allowed": {"chief"},
    },
    "partner_connect": {"method": "post", "data": _theirs, "status": 200, "allowed": {"chief"}},
    "partner": {"args": _everything, "allowed": _READERS},
    "partner_stop": {
        "method": "post",
        "args": _standing,
        "data": {"why": "too much"},
        "allowed": {"chief", "custodian"},
    },
    "partner_resume": {"method": "post", "args": _stopped, "allowed": {"chief"}},
    "partner_offer": {"method": "post", "args": _unoffered, "data": {"name": "own"}, "allowed": {"chief"}},
    "partner_offer_end": {"method": "post", "args": _offered, "allowed": {"chief"}},
    "partner_lists": {"method": "post", "args": _partner, "allowed": _LISTS},
    "partner_subscribe": {"method": "post", "args": _unsubscribed, "data": _SUBSCRIBED, "allowed": _LISTS},
    "partner_unsubscribe": {"method": "post", "args": lambda cast: [_subscription(cast).pk], "allowed": _LISTS},
    "partner_fetch": {"method": "post", "args": lambda cast: [_subscription(cast).pk], "allowed": _LISTS},
}
