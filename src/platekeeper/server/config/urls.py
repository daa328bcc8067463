"""Every address of the server: pages, accounts, the HTTP API and camera ingest."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

handler500 = "platekeeper.server.web.broken.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("platekeeper.server.web.account_urls")),
    path("", include("platekeeper.server.api.urls")),
    path("", include("platekeeper.server.web.urls")),
]
