"""What every page knows: the department, its policy, and what this person may open."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from platekeeper.core.rules.alerts import may_see_hot_lists
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.server.hotlist.lookups import canceled_since, newest_delivery, unseen
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.guests import is_guest, mous_of_guest
from platekeeper.server.web.idle import locks_after
from platekeeper.server.web.navigation import navigation
from platekeeper.server.web.screens import footing_of


def department(request: HttpRequest) -> dict[str, Any]:
    """Return the context that base.html needs."""
    shared: dict[str, Any] = {"is_demo": settings.DEMO, "identity": settings.IDENTITY.names}
    if not isinstance(getattr(request, "user", None), Person):
        return shared
    by = footing_of(request)
    guest, delivery = is_guest(by), newest_delivery()
    fresh = is_of_today(delivery.delivered_at if delivery else None, at=by.at, zone=by.policy.zone)
    return {
        **shared,
        "footing": by,
        "department_name": by.policy.text("III.name"),
        "stale_hot_list": fresh if isinstance(fresh, Refused) and not guest else None,
        "sees_hot_lists": may_see_hot_lists(by.authority, by.policy, by.today),
        "navigation": navigation(by, path=request.path),
        "guest_under": mous_of_guest(by) if guest else None,
        "locks_after": locks_after(request),
        **entries_to_see(by),
    }


def entries_to_see(by: Footing) -> dict[str, int]:
    """Return how many entries sent to this person on duty they have not seen, and of how many not that they are canceled."""
    return {
        "entries_to_see": unseen(by.person, at=by.at).count(),
        "entries_canceled": canceled_since(by.person, at=by.at).count(),
    }
