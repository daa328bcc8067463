"""The page for what nobody foresaw, and for a disk or a database that does not do its part: wherever that is found out."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from platekeeper.server.storage.errors import AWAY, disk_trouble, is_away
from platekeeper.server.web.language import language_of


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with what to do if disk or database is the reason, else 500. Neither asks the database for anything."""
    error = sys.exc_info()[1]
    away = is_away(error)
    trouble = AWAY if away else disk_trouble(error)
    with translation.override(language_of(request)):
        if trouble:
            return HttpResponse(render_to_string("withheld.html", {"trouble": trouble, "away": away}), status=503)
        return HttpResponse(render_to_string("500.html"), status=500)
