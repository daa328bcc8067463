"""The first page: what waits for this person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_any_duty
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.lookups import open_notices
from platekeeper.server.personnel.lookups.guarding import broken_seals
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.waiting import waiting_for

_ALARMED = ("signature.authority", "VI.e.auditors", "IV.f.inventory")
"""The blanks whose positions see on their first page that the sealed account was used."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person signed in."""
    by = footing_of(request)
    shown = {
        "broken_seals": list(broken_seals()) if has_any_duty(by.authority, by.policy, *_ALARMED) else [],
        "waiting": waiting_for(by),
        "notices": open_notices(by.person),
        "to_explain": audits.to_explain(by.person),
    }
    return render(request, "home.html", shown)
