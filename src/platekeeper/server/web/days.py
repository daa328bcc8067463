"""Day by day: what was read, what alarmed, what was misread and what was asked, drawn as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.view_logs import may_view_register
from platekeeper.server.register.days import Day, days_of
from platekeeper.server.register.period import USUAL_WINDOW, period_of
from platekeeper.server.web.screens import footing_of, number_of

LENGTHS = (30, 365)
_DRAWN = (
    ("reads", _("Reads"), _("Plates read, on days that are over (UTC).")),
    ("alarms", _("Alarms"), _("Repeats of an alarm are not counted.")),
    ("misreads", _("Misreads"), _("Alarms on a plate or state that was read wrongly, by the day of the alarm.")),
    ("queries", _("Queries"), _("Queries of stored reads that ran.")),
)


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars of one kind: (place, height) with heights in hundredths of the highest, for days that were counted."""

    heading: Promise
    words: Promise
    bars: Sequence[tuple[int, float]]
    total: int
    highest: int


@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """Show the last days; numbers of the department alone, no plate and no person."""
    by = footing_of(request)
    by.demand(may_view_register(by), attempted=Action.REGISTER_VIEWED)
    asked = number_of(request.GET.get("days", ""))
    length = asked if asked in LENGTHS else USUAL_WINDOW
    shown = days_of(period_of(now=by.at, current=by.policy, days=length))
    plots = [_plot(shown, name, heading, words) for name, heading, words in _DRAWN]
    context = {
        "days": shown,
        "first": shown[0],
        "last": shown[-1],
        "plots": plots,
        "length": length,
        "lengths": LENGTHS,
    }
    return render(request, "oversight/days.html", context)


def _plot(days: Sequence[Day], name: str, heading: Promise, words: Promise) -> Plot:
    counts = [getattr(day, name) for day in days]
    known = [count for count in counts if count is not None]
    highest = max(known, default=0)
    bars = [(place, 100 * count / highest) for place, count in enumerate(counts) if count]
    return Plot(heading, words, bars, sum(known), highest)


urlpatterns: list[URLPattern] = [path("", days, name="days")]
