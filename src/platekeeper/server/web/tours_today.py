"""The supervisor's page of today: who is on the road with what, what was overridden, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import is_trained, trained_until
from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.freshness import is_of_today
from platekeeper.core.rules.tours import LONGEST
from platekeeper.core.rules.user_logs import State
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits import lookups as hits
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import authorities_of, holders
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures import override_tour
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.run_tour import day_began, lists_on_units, with_own_list
from platekeeper.server.userlog.lookups import attested_since, open_tours, overrides, unfinished_logs
from platekeeper.server.userlog.models import Tour, TourOverride
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.training_keeping import SOON
from platekeeper.server.web.user_logs import shown


@dataclass(frozen=True, slots=True)
class ListOfLPR:
    """How the hot list stands on an LPR in the field: whose list it is, since when, and whether it is of today.

    `at` is None for a unit of which nobody has said anything, today where it has a list of its own.
    """

    lpr: LPR
    whose: Literal["own", "on the unit", "ours"]
    at: datetime | None
    today: bool


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Somebody who may use LPRs, and whose training has lapsed, is missing or lapses soon."""

    person: Person
    until: date | None
    refusal: Refused | None


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show supervisors the day."""
    by = footing_of(request)
    by.demand(override_tour.may_supervise_tours(by), attempted=Action.OVERRIDE_DECIDED)
    logs = [shown(by, log) for log in unfinished_logs()]
    asked = list(overrides(since=day_began(by)))
    context = {
        "to_decide": [(each, each.member_id == by.person.pk) for each in asked if each.granted is None],
        "decided": [(each, each.member_id == by.person.pk) for each in asked if each.granted is not None],
        "on_road": [(tour, by.at - tour.begun_at > LONGEST) for tour in _with_overrides()],
        "lists": _lists(by),
        "fixed": lprs().filter(kind=LPR.Kind.FIXED, in_service=True).count(),
        "to_check": [row for row in logs if row.facts.state is State.FORWARDED],
        "to_complete": [row for row in logs if row.facts.state is not State.FORWARDED],
        "open_hits": hits.open_count(),
        "overdue_hits": hits.overdue_count(at=by.at),
        "departures": hits.departures().count(),
        "lapsing": _lapsing(by),
    }
    return render(request, "tours/today.html", context)


@require_POST
def decide(request: HttpRequest, override_id: int) -> HttpResponse:
    """Override what stands in a member's way today, or do not; or withdraw that it was overridden."""
    by, asked = footing_of(request), get_object_or_404(TourOverride, pk=override_id)
    said, reason = request.POST.get("grant"), request.POST.get("reason", "")
    if said == "withdraw":
        override_tour.withdraw_override(by, asked, reason=reason)
        messages.success(request, _("The override is withdrawn."))
    else:
        override_tour.decide_override(by, asked, grant=said == "1", reason=reason)
        messages.success(request, _("Overridden for today.") if said == "1" else _("Not overridden."))
    return redirect("tours_today")


def _with_overrides() -> list[Tour]:
    return list(open_tours().order_by("begun_at").prefetch_related("checks__override__decided_by"))


def _lists(by: Footing) -> list[ListOfLPR]:
    """Return how the hot list stands on each LPR in the field that is in service."""
    delivery, word = newest_delivery(), attested_since(day_began(by))
    ours = delivery.delivered_at if delivery else None
    is_fresh = bool(is_of_today(ours, at=by.at, zone=by.policy.zone))
    in_field = list(lprs().filter(in_service=True).exclude(kind=LPR.Kind.FIXED))
    own, units = set(with_own_list(by, in_field)), lists_on_units(delivery, at=by.at)

    def standing(lpr: LPR) -> ListOfLPR:
        if lpr in own:
            return ListOfLPR(lpr, "own", word.get(lpr.pk), lpr.pk in word)
        if lpr.pk in units:
            said_at, has_it = units[lpr.pk]
            return ListOfLPR(lpr, "on the unit", said_at, has_it and is_fresh)
        return ListOfLPR(lpr, "ours", ours, is_fresh)

    return [standing(lpr) for lpr in in_field]


def _lapsing(by: Footing) -> list[Lapsing]:
    users = list(holders(by.policy.positions("IV.a.users"), at=by.at, today=by.today))
    authorities, found = authorities_of(users, at=by.at, today=by.today), []
    for person in users:
        who = authorities[person.pk]
        until, decision = trained_until(who, by.policy), is_trained(who, by.policy, by.today)
        if isinstance(decision, Refused) or (until is not None and until <= by.today + SOON):
            found.append(Lapsing(person, until, _refusal(decision)))
    return sorted(found, key=lambda each: (each.until or date.min, each.person.name))


def _refusal(decision: Decision) -> Refused | None:
    return decision if isinstance(decision, Refused) else None


urlpatterns: list[URLPattern] = [
    path("", today, name="tours_today"),
    path("overrides/<int:override_id>/", decide, name="tour_override_decide"),
]
