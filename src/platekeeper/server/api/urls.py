"""The HTTP API (`/api/...`, described at `/api/docs`) and the cameras' own addresses (`/ingest/<format>/`)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path

from platekeeper.server.api.api import api
from platekeeper.server.api.ingest import ingest_plate_recognizer

# LPRs have keys, not sessions: each of these addresses authenticates its caller itself.
_api: list[URLPattern] = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
for pattern in _api:
    pattern.callback = login_not_required(pattern.callback)

urlpatterns: list[URLPattern] = [
    *(path(f"api/{pattern.pattern}", pattern.callback, name=f"api_{pattern.name}") for pattern in _api),
    path("ingest/platerecognizer/", ingest_plate_recognizer, name="ingest_platerecognizer"),
    path("ingest/platerecognizer/<str:key>/", ingest_plate_recognizer, name="ingest_platerecognizer_key"),
]
