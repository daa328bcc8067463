"""What the map's script draws, and the streets beneath it. The page says the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from platekeeper.server.equipment.models import LPR
from platekeeper.server.storage.map_tiles import MapUnreadable, map_file
from platekeeper.server.storage.map_tiles import tile as archived_tile


def map_of(
    lprs: Iterable[LPR],
    *,
    counts: Mapping[int, int] | None = None,
    way: Sequence[Sequence[float]] = (),
    views: Mapping[int, Sequence[int]] | None = None,
    barred: Iterable[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return the LPRs with a place: by how often they saw something, and whither they look, where that is known.

    `counts` and `views` are by LPR; a view is in degrees from north. `way` is latitudes and longitudes in their order;
    `barred` are names and areas, as `core.search.drawn` reads them.
    """
    points = [
        {"lat": lpr.latitude, "lng": lpr.longitude, "label": lpr.name, "views": [*(views or {}).get(lpr.pk, ())]}
        | ({"label": f"{lpr.name}: {counts[lpr.pk]}", "count": counts[lpr.pk]} if counts else {})
        for lpr in lprs
        if lpr.latitude is not None and lpr.longitude is not None
    ]
    areas = [{"label": name, "area": area} for name, area in barred]
    return {"points": points, "way": way, "areas": areas, "streets": streets()}


def streets() -> dict[str, Any]:
    """Return where the picture beneath a map comes from, and whom it wants named; nothing where there is none."""
    if settings.MAP_FILE is None:
        return {"tiles": settings.MAP_TILES, "credit": settings.MAP_CREDIT} if settings.MAP_TILES else {}
    try:
        archive = map_file(settings.MAP_FILE)
    except MapUnreadable:  # `platekeeper doctor` says so, and how it is mended
        return {}
    address = reverse("tile", args=[0, 0, 0]).removesuffix("0/0/0")
    least, most = archive.zooms
    return {
        "tiles": f"{address}{{z}}/{{x}}/{{y}}?{archive.version}",
        "credit": settings.MAP_CREDIT or archive.credit,
        "least": least,
        "most": most,
        "bounds": [archive.south_west, archive.north_east],
    }


@require_safe
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Send a tile of the department's archive to whoever is signed in; 204 where nothing is drawn, 404 where none can be."""
    try:
        found = archived_tile(settings.MAP_FILE, z, x, y) if settings.MAP_FILE else None
    except MapUnreadable as error:
        raise Http404 from error
    if found is None:
        raise Http404
    archive, picture = found
    etag = f'"{archive.version}"'
    response = get_conditional_response(request, etag=etag) or (
        HttpResponse(picture, content_type=archive.media_type) if picture else HttpResponse(status=204)
    )
    # the address names the version of the file, so what was fetched once holds
    response["ETag"], response["Cache-Control"] = etag, "private, max-age=31536000, immutable"
    return response


urlpatterns: list[URLPattern] = [path("<int:z>/<int:x>/<int:y>", tile, name="tile")]
