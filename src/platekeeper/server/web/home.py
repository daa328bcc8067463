"""The first page: what waits for this person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_any_duty, has_duty, may_inquire
from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.lookups import open_notices
from platekeeper.server.personnel.lookups.guarding import broken_seals
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.userlog.lookups import open_tours
from platekeeper.server.web.first_steps import at_home
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.waiting import waiting_for

_ALARMED = ("signature.authority", "VI.e.auditors", "IV.f.inventory")
"""The blanks whose positions see on their first page that the sealed account was used."""


def doors(by: Footing) -> Iterator[tuple[str, Any]]:
    """Give (url name, words) of what this person does most, to be one press away."""
    if has_duty(by.authority, by.policy, "IV.a.users"):
        tour = open_tours().filter(member=by.person).first()
        yield "tours", _("On tour with %(lpr)s") % {"lpr": tour.lpr.name} if tour else _("Begin a tour")
    if may_see_hits(by):
        yield "hits_board", _("Live board")
    if may_enter_in_field(by.authority, by.policy, by.today):
        yield "entry_quick", _("Quick entry")
    if may_inquire(by.authority, by.policy, by.today):
        yield "query_new", _("Search")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person signed in."""
    by = footing_of(request)
    shown = {
        "first_steps": at_home(by),
        "doors": list(doors(by)),
        "broken_seals": list(broken_seals()) if has_any_duty(by.authority, by.policy, *_ALARMED) else [],
        "waiting": waiting_for(by),
        "notices": open_notices(by.person),
        "to_explain": audits.to_explain(by.person),
    }
    return render(request, "home.html", shown)
