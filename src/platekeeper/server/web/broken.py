"""The page for what nobody foresaw, and for a disk that takes no more: wherever in a request that is found out."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from platekeeper.server.storage.errors import disk_trouble
from platekeeper.server.web.language import language_of


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with what to do if the disk is the reason, else 500. Neither asks the database for anything."""
    trouble = disk_trouble(sys.exc_info()[1])
    with translation.override(language_of(request)):
        if trouble:
            return HttpResponse(render_to_string("disk.html", {"trouble": trouble}), status=503)
        return HttpResponse(render_to_string("500.html"), status=500)
