"""The health of the system on one page: what is, what it should be, and what to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.health import Level, worst
from platekeeper.server.jobs.health import health as looked_at
from platekeeper.server.ledger.actions import Action
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.upkeep import DUTIES

_TONES = {Level.GOOD: "is-good", Level.WARN: "is-warn", Level.BAD: "is-bad"}


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Show how the system is, the worst first."""
    by = footing_of(request)
    by.demand(has_any_duty(by.authority, by.policy, *DUTIES), attempted=Action.BACKUP_BEGUN)
    found = sorted(looked_at(at=by.at), key=lambda verdict: -verdict.level)
    context = {
        "rows": [(verdict, _TONES[verdict.level]) for verdict in found],
        "level": worst(found),
        "tone": _TONES[worst(found)],
        "wrong": sum(verdict.level is not Level.GOOD for verdict in found),
    }
    return render(request, "upkeep/health.html", context)


urlpatterns: list[URLPattern] = [path("health/", health, name="health")]
