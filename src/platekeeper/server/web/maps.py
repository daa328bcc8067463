"""What the map's script draws. The page says the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings

from platekeeper.server.equipment.models import LPR


def map_of(
    lprs: Iterable[LPR],
    *,
    counts: Mapping[int, int] | None = None,
    way: Sequence[Sequence[float]] = (),
    views: Mapping[int, Sequence[int]] | None = None,
) -> dict[str, Any]:
    """Return the LPRs with a place: by how often they saw something, and whither they look, where that is known.

    `counts` and `views` are by LPR; a view is in degrees from north. `way` is latitudes and longitudes in their order.
    """
    points = [
        {"lat": lpr.latitude, "lng": lpr.longitude, "label": lpr.name, "views": [*(views or {}).get(lpr.pk, ())]}
        | ({"label": f"{lpr.name}: {counts[lpr.pk]}", "count": counts[lpr.pk]} if counts else {})
        for lpr in lprs
        if lpr.latitude is not None and lpr.longitude is not None
    ]
    return {"points": points, "way": way, "tiles": settings.MAP_TILES, "credit": settings.MAP_CREDIT}
