"""The first page: what waits for this person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from platekeeper.server.oversight import audits
from platekeeper.server.oversight.lookups import open_notices
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.waiting import waiting_for


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person signed in."""
    by = footing_of(request)
    shown = {
        "waiting": waiting_for(by),
        "notices": open_notices(by.person),
        "to_explain": audits.to_explain(by.person),
    }
    return render(request, "home.html", shown)
