"""The first page: what waits for this person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_any_duty, has_duty, may_act, may_inquire, may_reach_lpr_data, may_use_lpr
from platekeeper.core.rules.decision import TRAINING, Refused
from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.lookups import open_notices
from platekeeper.server.personnel.lookups.guarding import broken_seals
from platekeeper.server.procedures.answer_hit import may_see_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.guests import is_guest, may_be_guest
from platekeeper.server.userlog.lookups import open_tours
from platekeeper.server.web.first_steps import at_home
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.waiting import waiting_for

_ALARMED = ("signature.authority", "VI.e.auditors", "IV.f.inventory")
"""The blanks whose positions see on their first page that the sealed account was used."""


def doors(by: Footing, *, lacking: Refused | None) -> Iterator[tuple[str, Any]]:
    """Give (url name, words) of what this person does most, to be one press away; `lacking` as `lacks` says."""
    if is_guest(by):
        yield from _doors_of_guest(by)
        return
    if has_duty(by.authority, by.policy, "IV.a.users"):
        tour = open_tours().filter(member=by.person).first()
        if tour:
            yield "tours", _("On tour with %(lpr)s") % {"lpr": tour.lpr.name}
        elif may_use_lpr(by.authority, by.policy, by.today):
            yield "tours", _("Begin a tour")
    if lacking is not None and lacking.mend == TRAINING:
        yield "training", _("What to do about your training")
    if may_see_hits(by):
        yield "hits_board", _("Live board")
    if may_enter_in_field(by.authority, by.policy, by.today):
        yield "entry_quick", _("Quick entry")
    if may_inquire(by.authority, by.policy, by.today):
        yield "query_new", _("Search")


def _doors_of_guest(by: Footing) -> Iterator[tuple[str, Any]]:
    if may_be_guest(by):
        yield "guest", _("Shared with you")
    if may_act(by.authority):
        yield "search_requests", _("Search requests")


def lacks(by: Footing) -> Refused | None:
    """Return what keeps somebody from what their position is for: the use of LPRs, or LPR data."""
    who, policy, today = by.authority, by.policy, by.today
    if has_duty(who, policy, "IV.a.users"):
        decision = may_use_lpr(who, policy, today)
    elif has_duty(who, policy, "VIII.a.access"):
        decision = may_reach_lpr_data(who, policy, today)
    else:
        return None
    return decision if isinstance(decision, Refused) else None


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person signed in."""
    by = footing_of(request)
    lacking = lacks(by)
    shown = {
        "first_steps": at_home(by),
        "doors": list(doors(by, lacking=lacking)),
        "lacking": lacking,
        "authorizers": sorted(by.policy.positions("IV.c.authorizer")),
        "broken_seals": list(broken_seals()) if has_any_duty(by.authority, by.policy, *_ALARMED) else [],
        "waiting": waiting_for(by),
        "notices": open_notices(by.person),
        "to_explain": audits.to_explain(by.person),
    }
    return render(request, "home.html", shown)
