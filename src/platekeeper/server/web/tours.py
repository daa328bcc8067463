"""Tours of duty: what an officer opens in the car before driving off (V.a, VII.a-b, VII.h)."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.rules.decision import Decision, Refused
from platekeeper.core.rules.tours import Purpose, may_end
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import run_tour
from platekeeper.server.userlog.lookups import open_tours, tours, tours_of
from platekeeper.server.web.forms.tours import TourForm
from platekeeper.server.web.screens import footing_of

LAST = 10
"""How many of one's own tours the page lists."""


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Show one's open tour, or begin one; what stands in the way is said before anybody presses."""
    by = footing_of(request)
    by.demand(run_tour.may_see_tours(by), attempted=Action.TOUR_BEGUN)
    delivery = newest_delivery()
    judged = run_tour.judge(by, lprs(), purpose=Purpose.PATROL, delivery=delivery)
    free = sorted((lpr for lpr, decision in judged if decision), key=lambda lpr: lpr.kind != LPR.Kind.MOBILE)
    form = TourForm(request.POST if request.method == "POST" else None, offered=free)
    if request.method == "POST" and form.is_valid():
        run_tour.begin_tour(by, lpr=form.cleaned_data["lpr"], purpose=form.cleaned_data["purpose"])
        messages.success(request, _("Your tour has begun."))
        return redirect("tours")
    forgotten = open_tours().exclude(member=by.person) if may_end(by.authority, by.policy, is_own=False) else []
    context = {
        "tour": tours_of(by.person).filter(ended_at=None).first(),
        "form": form,
        "free": free,
        "delivery": delivery,
        "in_the_way": _in_the_way(judged),
        "last": tours_of(by.person).exclude(ended_at=None)[:LAST],
        "forgotten": forgotten,
    }
    return render(request, "tours/tours.html", context)


@require_POST
def end(request: HttpRequest, tour_id: int) -> HttpResponse:
    """End a tour."""
    run_tour.end_tour(footing_of(request), get_object_or_404(tours(), pk=tour_id))
    messages.success(request, _("The tour has ended."))
    return redirect("tours")


def _in_the_way(judged: Sequence[tuple[LPR, Decision]]) -> list[tuple[Refused, list[str]]]:
    """Return each refusal with the LPRs that it concerns, none named where it concerns them all."""
    found: dict[Refused, list[str]] = {}
    for lpr, decision in judged:
        if isinstance(decision, Refused):
            found.setdefault(decision, []).append(lpr.name)
    return [(refusal, names if len(names) < len(judged) else []) for refusal, names in found.items()]


urlpatterns: list[URLPattern] = [
    path("", own, name="tours"),
    path("<int:tour_id>/end/", end, name="tour_end"),
]
