"""The HTTP API (`/api/...`, described at `/api/openapi.json`) and the cameras' own addresses (`/ingest/<format>/`)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path

from platekeeper.server.api import units  # noqa: F401 - its addresses are the API's, too
from platekeeper.server.api.api import api, reads_at_once
from platekeeper.server.api.ingest import ingest
from platekeeper.server.api.operating import alive, metrics, ready
from platekeeper.server.api.partners import partner

# LPRs have keys, not sessions: each of these addresses authenticates its caller itself.
_api: list[URLPattern] = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
for pattern in _api:
    pattern.callback = login_not_required(reads_at_once if pattern.name == "reads" else pattern.callback)

urlpatterns: list[URLPattern] = [
    *(path(f"api/{pattern.pattern}", pattern.callback, name=f"api_{pattern.name}") for pattern in _api),
    path("api/partner", partner, name="api_partner"),
    path("healthz", alive, name="healthz"),
    path("readyz", ready, name="readyz"),
    path("metrics", metrics, name="metrics"),
    # Devices do not follow redirects, so an address without its last slash is an address too.
    path("ingest/<str:format>", ingest, name="ingest_bare"),
    path("ingest/<str:format>/", ingest, name="ingest"),
    path("ingest/<str:format>/<path:rest>", ingest, name="ingest_below"),
]
