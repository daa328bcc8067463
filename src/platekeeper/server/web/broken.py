"""The page for what nobody foresaw, and for a disk or a database that does not do its part, wherever that is found out."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from platekeeper.server.storage.errors import AWAY, others_in_the_way, storage_trouble
from platekeeper.server.web.language import language_of


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with what to do if disk, database or others are the reason, else 500. No page asks the database."""
    error = sys.exc_info()[1]
    trouble = storage_trouble(error)
    with translation.override(language_of(request)):
        if error and others_in_the_way(error):
            return HttpResponse(render_to_string("in_the_way.html"), status=503)
        if trouble:
            context = {"trouble": trouble, "away": trouble == AWAY}
            return HttpResponse(render_to_string("withheld.html", context), status=503)
        return HttpResponse(render_to_string("500.html"), status=500)
