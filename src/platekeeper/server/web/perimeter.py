"""The deployment map: a scene, a ring of travel time, and posts for LPRs that leave no way out (V.e)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.perimeter import RoadsError
from platekeeper.core.perimeter.files import LARGEST
from platekeeper.core.rules.deployments import may_hand_in_roads, may_place
from platekeeper.server.deployments import lookups
from platekeeper.server.deployments.models import Deployment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import deploy_lprs, place_lprs
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.forms.perimeter import KeepForm, PerimeterForm, RoadsForm
from platekeeper.server.web.maps import map_of, streets
from platekeeper.server.web.screens import footing_of, number_of


@require_safe
def perimeter(request: HttpRequest) -> HttpResponse:
    """Show the map and, once a scene is drawn, the posts that are proposed, with the ways out that are left."""
    by = footing_of(request)
    by.demand(deploy_lprs.may_see_deployments(by), attempted=Action.DEPLOYMENT_VIEWED)
    return _page(request, by, request.GET)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the posts with a deployment."""
    by = footing_of(request)
    by.demand(deploy_lprs.may_see_deployments(by), attempted=Action.PERIMETER_KEPT)
    asked, chosen = PerimeterForm(request.POST), KeepForm(request.POST, offered=list(lookups.open_ones(at=by.at)))
    if not (asked.is_valid() and chosen.is_valid()):
        return _page(request, by, request.POST, chosen=chosen)
    deployment: Deployment = chosen.cleaned_data["deployment"]
    try:
        kept = place_lprs.keep_posts(by, deployment, asked.asked())
    except RoadsError:
        kept = None
    if kept is None:
        return _page(request, by, request.POST, chosen=chosen)
    messages.success(request, _("The posts are kept with this deployment."))
    return redirect("deployment", deployment.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def roads(request: HttpRequest) -> HttpResponse:
    """Hand in the file of roads that posts are proposed from."""
    by = footing_of(request)
    by.demand(may_hand_in_roads(by.authority, by.policy), attempted=Action.ROADS_HANDED_IN)
    form = RoadsForm(request.POST, request.FILES) if request.method == "POST" else RoadsForm()
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            made = place_lprs.hand_in_roads(by, file_name=given.name, content=given.read(LARGEST + 1))
        except RoadsError as error:
            form.add_error("file", str(error))
        else:
            said = _("%(roads)s roads and %(crossings)s crossings are ready.")
            messages.success(request, said % {"roads": f"{made.roads:,}", "crossings": f"{made.crossings:,}"})
            return redirect("perimeter")
    context = {"form": form, "newest": lookups.road_maps().first(), "most": LARGEST // 1024**2}
    return render(request, "deployments/roads.html", context)


def _page(request: HttpRequest, by: Footing, given: QueryDict, *, chosen: KeepForm | None = None) -> HttpResponse:
    about = _about(given, by)
    form = PerimeterForm(given if "minutes" in given else None, initial={"scene": about.area} if about else None)
    proposal, error = None, ""
    if form.is_bound and form.is_valid():
        try:
            proposal = place_lprs.propose_posts(form.asked())
        except RoadsError as wrong:
            error = str(wrong)
    offered = [
        each
        for each in lookups.open_ones(at=by.at)
        if may_place(by.authority, by.policy, lookups.facts_of(each, person=by.person))
    ]
    context: dict[str, Any] = {
        "form": form,
        "proposal": proposal,
        "error": error,
        "roads": lookups.road_maps().first(),
        "hands_in": bool(may_hand_in_roads(by.authority, by.policy)),
        "stands": _placed(),
        "carried": [(name, value) for name in form.fields for value in given.getlist(name)],
        "keep": chosen or KeepForm(offered=offered, initial={"deployment": about}) if offered else None,
        "map": drawn_on(proposal),
    }
    return render(request, "deployments/perimeter.html", context)


def drawn_on(proposal: place_lprs.Proposal | None) -> dict[str, Any]:
    """Return what the map's script draws: the posts with their roads and the ring, or the LPRs where nothing is proposed."""
    if proposal is None:
        return map_of(LPR.objects.all())
    points, lines = [], []
    for number, stand in enumerate(proposal.stands, start=1):
        latitude, longitude = stand.post.place
        points.append({"lat": latitude, "lng": longitude, "label": f"{number}", "target": f"post-{number}",
                       "open": stand.post.is_open})  # fmt: skip
        lines.append({"line": stand.line, "open": stand.post.is_open})
    return {"points": points, "lines": lines, "ring": proposal.plan.ring, "streets": streets()}


def _placed() -> list[tuple[LPR, tuple[str, int, float]]]:
    known = place_lprs.where_they_stand()
    return [(lpr, known[lpr.pk]) for lpr in LPR.objects.all() if lpr.pk in known]


def _about(given: QueryDict, by: Footing) -> Deployment | None:
    """Return the deployment that the map was opened for, if this person may see it."""
    number = number_of(given.get("deployment", ""))
    return None if number is None else get_object_or_404(deploy_lprs.seen_by(by), pk=number)


urlpatterns: list[URLPattern] = [
    path("map/", perimeter, name="perimeter"),
    path("map/keep/", keep, name="perimeter_keep"),
    path("roads/", roads, name="roads"),
]
