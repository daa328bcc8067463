"""Every address of the server: pages, accounts, the HTTP API and camera ingest."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("platekeeper.server.web.account_urls")),
    path("", include("platekeeper.server.api.urls")),
    path("", include("platekeeper.server.web.urls")),
]
