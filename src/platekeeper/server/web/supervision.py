"""Hits seen to their end (VII.e): what is open, what was stopped without both steps, and look-alikes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.hits import is_overdue
from platekeeper.server.hits import lookups
from platekeeper.server.hits.ended import with_ends
from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.hits.reading import readings
from platekeeper.server.procedures import supervise_hits
from platekeeper.server.procedures.answer_hit import SILENT_DUTY
from platekeeper.server.web.forms.hits import RemarkForm
from platekeeper.server.web.screens import footing_of, page_of

MOST_SHOWN = 60
_PAGE = 50
_FAR: tuple[tuple[HitStep.Kind, str | Promise], ...] = (
    (HitStep.Kind.STOPPED, _("stop made, no outcome yet")),
    (HitStep.Kind.IMAGE_DIFFERS, _("picture differs, no outcome yet")),
    (HitStep.Kind.NOT_CONFIRMED, _("not confirmed, no outcome yet")),
    (HitStep.Kind.CONFIRMED, _("confirmed, no stop yet")),
    (HitStep.Kind.CONFIRMATION_ASKED, _("dispatch asked")),
    (HitStep.Kind.IMAGE_VERIFIED, _("picture compared")),
    (HitStep.Kind.SHOWN, _("looked at, no step taken")),
)
"""How far a hit is, by the furthest of its steps that count."""


@dataclass(frozen=True, slots=True)
class OpenHit:
    """An open hit as its supervisors see it."""

    hit: Hit
    ended: str
    shown_to: list[str]
    how_far: str | Promise
    overdue: bool
    stopped: bool


@require_safe
def open_hits(request: HttpRequest) -> HttpResponse:
    """List every open hit, the one open longest first; the view is logged before it is shown."""
    by = footing_of(request)
    supervise_hits.view_hits(by, "open")
    page = page_of(request, lookups.open_hits(), _PAGE)
    return render(request, "hits/open.html", {"page": page, "rows": _rows(page.object_list, at=by.at)})


@require_POST
def not_worked(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Close an open hit that nobody will work."""
    try:
        supervise_hits.close_unworked(footing_of(request), hit_id, reason=request.POST.get("reason", "")[:200])
    except Hit.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("hits_open")


@require_safe
def departures(request: HttpRequest) -> HttpResponse:
    """Show supervisors the stops made without both steps, and how well each LPR reads."""
    by = footing_of(request)
    supervise_hits.view_hits(by, "departures")
    context = {
        "page": page_of(request, lookups.departures(open_only="all" not in request.GET), MOST_SHOWN),
        "all": "all" in request.GET,
        "readings": [each for each in readings(at=by.at).values() if each.ever.worked],
        "form": RemarkForm(),
    }
    return render(request, "hits/departures.html", context)


@require_POST
def review(request: HttpRequest, departure_id: int) -> HttpResponse:
    """Close one departure with a supervisor's review."""
    text = request.POST.get("remark", "")[:240]
    try:
        supervise_hits.review_departure(footing_of(request), departure_id, review=text)
    except Departure.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("hits_departures")


@require_safe
def silent(request: HttpRequest) -> HttpResponse:
    """Show the managing position the look-alikes, which raised no alarm."""
    by = footing_of(request)
    supervise_hits.view_hits(by, "silent", duty=SILENT_DUTY)
    reviewed = lookups.last_step(by.person, HitStep.Kind.OUTCOME) if "ended" in request.GET else None
    page = page_of(request, lookups.silent(), MOST_SHOWN)
    return render(request, "hits/silent.html", {"page": page, "reviewed": reviewed})


@require_POST
def silent_close(request: HttpRequest, hit_id: int) -> HttpResponse:
    """End the review of one look-alike."""
    chosen = request.POST.get("outcome", "")
    if chosen not in HitStep.Outcome.values:
        raise Http404
    try:
        supervise_hits.close_silent(footing_of(request), hit_id, outcome=HitStep.Outcome(chosen))
    except Hit.DoesNotExist as missing:
        raise Http404 from missing
    return redirect(f"{reverse('hits_silent')}?ended")


def _rows(hits: Iterable[Hit], *, at: datetime) -> list[OpenHit]:
    rows = []
    for hit, ended in with_ends(hits, at=at):
        kinds = lookups.standing(hit)
        rows.append(
            OpenHit(
                hit,
                ended=ended,
                shown_to=[step.by.name for step in hit.steps.all() if step.kind == HitStep.Kind.SHOWN and step.by],
                how_far=next((words for kind, words in _FAR if kind in kinds), _("nobody has looked at it")),
                overdue=is_overdue(hit.raised_at, at=at),
                stopped=HitStep.Kind.STOPPED in kinds,
            )
        )
    return rows


urlpatterns: list[URLPattern] = [
    path("open/", open_hits, name="hits_open"),
    path("open/<int:hit_id>/not-worked/", not_worked, name="hit_not_worked"),
    path("departures/", departures, name="hits_departures"),
    path("departures/<int:departure_id>/review/", review, name="departure_review"),
    path("silent/", silent, name="hits_silent"),
    path("silent/<int:hit_id>/close/", silent_close, name="hit_silent_close"),
]
