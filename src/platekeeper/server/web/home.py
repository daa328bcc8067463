"""The first page: what waits for this person."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.server.hits import lookups as hits
from platekeeper.server.hotlist.lookups import requested_count
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.reads.lookups import open_dead_letters
from platekeeper.server.web.screens import footing_of


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits: how many, what it is, and where."""

    count: int
    what: str | Promise
    url_name: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person signed in."""
    by = footing_of(request)
    return render(request, "home.html", {"waiting": waiting_for(by)})


def waiting_for(by: Footing) -> list[Waiting]:
    """Return what waits for a person, by the duties the policy gives their positions."""

    def duty(key: str) -> bool:
        return bool(has_duty(by.authority, by.policy, key))

    found = []
    if may_see_hits(by):
        found.append(Waiting(hits.open_count(), _("open alarms"), "hits_board"))
    if duty("VII.e.dispatch"):
        found.append(Waiting(hits.confirmations().count(), _("hits to confirm"), "hits_dispatch"))
    if duty("VII.e.supervisors"):
        found.append(Waiting(hits.departures().count(), _("departures to review"), "hits_departures"))
    if duty("VI.a.decider"):
        found.append(Waiting(requested_count(), _("hot list entries to decide"), "entries"))
    if duty("VI.j.manager"):
        found.append(Waiting(open_dead_letters(), _("dead letters"), "dead_letters"))
        found.append(Waiting(hits.silent().count(), _("look-alikes to review"), "hits_silent"))
    return found
