"""The page for what nobody foresaw, and for a disk or a database that does not do its part: wherever that is found out."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from platekeeper.server.storage.errors import AWAY, storage_trouble
from platekeeper.server.web.language import language_of


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with what to do if disk or database is the reason, else 500. Neither asks the database for anything."""
    trouble = storage_trouble(sys.exc_info()[1])
    with translation.override(language_of(request)):
        if trouble:
            context = {"trouble": trouble, "away": trouble == AWAY}
            return HttpResponse(render_to_string("withheld.html", context), status=503)
        return HttpResponse(render_to_string("500.html"), status=500)
