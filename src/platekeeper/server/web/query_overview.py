"""A search's results at a glance: places on the map, sightings along time, usual places and hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_safe

from platekeeper.core.lookalikes import accepted, how_many
from platekeeper.core.partial import PatternError, parse_pattern
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.search.overview import Overview, Place, Sighting, overview
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.search_lpr_data import OVERVIEW, overlook
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of

_SHOWN_ALIKE = 24


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place as the page tells it."""

    place: Place
    name: str
    first: datetime
    last: datetime


@require_safe
def glance(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show where and when the reads of one's own search were made; the look is logged first."""
    by = footing_of(request)
    try:
        entry, reads = overlook(by, entry_id)
    except QueryLogEntry.DoesNotExist as missing:
        raise Http404 from missing
    found = _put_together(reads)
    known = lprs().in_bulk([place.lpr for place in found.places])
    context = {
        "entry": entry,
        "found": found,
        "is_cut": len(reads) == OVERVIEW,
        "most": OVERVIEW,
        "places": [
            ShownPlace(place, str(known.get(place.lpr, place.lpr)), _local(place.first), _local(place.last))
            for place in found.places
        ],
        "hours": [(hour, count, round(100 * count / max(found.hours))) for hour, count in enumerate(found.hours)]
        if found.count
        else [],
        "map": map_of(known.values(), counts={place.lpr: place.count for place in found.places}, way=_way(reads)),
    }
    return render(request, "queries/overview.html", context)


@require_safe
def alike(request: HttpRequest) -> HttpResponse:
    """Tell which plates look-alike tolerance takes for those typed. It comes from what is typed alone: it is no LPR data."""
    by = footing_of(request)
    by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.QUERY_BEGUN)
    try:
        text = parse_pattern(request.GET.get("plate", "").splitlines()[0][:40]).text
    except (PatternError, IndexError):
        return render(request, "queries/_alike.html", {})
    return render(
        request, "queries/_alike.html", {"plates": accepted(text, most=_SHOWN_ALIKE), "count": how_many(text)}
    )


def _put_together(reads: list[StoredRead]) -> Overview:
    sightings = [Sighting(read.row.at, read.row.lpr, read.row.latitude, read.row.longitude) for read in reads]
    return overview(sightings, hour_of=[_local(each.at).hour for each in sightings])


def _way(reads: list[StoredRead]) -> list[list[float]]:
    """Return the places in their order, of one plate alone: of several it would be nobody's way."""
    rows = sorted((read.row for read in reads), key=lambda row: row.at)
    if len({row.plate or row.raw for row in rows}) > 1:
        return []
    return [[row.latitude, row.longitude] for row in rows if row.latitude is not None and row.longitude is not None]


def _local(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1e6, tz=timezone.get_current_timezone())


urlpatterns: list[URLPattern] = [
    path("<int:entry_id>/overview/", glance, name="query_overview"),
    path("alike/", alike, name="query_alike"),
]
