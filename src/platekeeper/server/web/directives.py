"""Command directives: given, seen and ended (VI.k.4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.directives import DIRECTOR
from platekeeper.server.casefiles.lookups import preserved
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.procedures import direct_keeping
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.keep_cases import may_open
from platekeeper.server.retention import lookups
from platekeeper.server.retention.models import Directive
from platekeeper.server.web.forms.directives import NamedForm
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of, mendable, page_of, step_up

_SHOWN = 100


@require_http_methods(["GET", "HEAD"])
def directives(request: HttpRequest) -> HttpResponse:
    """List the directives; they name plates, so the look is logged."""
    return _page(request, NamedForm())


@require_POST
@step_up
def give(request: HttpRequest) -> HttpResponse:
    """Give a directive; what is stored and named is copied before the answer."""
    form = NamedForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        given = direct_keeping.give_directive(by := footing_of(request), **form.directive())
    except RefusedAction as refused:
        return _page(request, form, refusal=mendable(refused, may=bool(has_duty(by.authority, by.policy, DIRECTOR))))
    copied = preserved().filter(case=given.case).count()
    messages.success(request, _("Directed. Copies in the case now: %(count)s.") % {"count": copied})
    return redirect("directives")


@require_POST
@step_up
def end(request: HttpRequest, directive_id: int) -> HttpResponse:
    """End a directive."""
    direct_keeping.end_directive(footing_of(request), get_object_or_404(Directive, pk=directive_id))
    messages.success(request, _("Ended. What was copied stays with its case."))
    return redirect("directives")


def _page(request: HttpRequest, form: NamedForm, *, refusal: Refused | None = None) -> HttpResponse:
    direct_keeping.view_directives(by := footing_of(request))
    places = lprs().in_bulk()
    standing = set(lookups.standing_directives(today=by.today).values_list("pk", flat=True))
    page = page_of(request, lookups.directives(), _SHOWN)
    rows = [
        (each, ", ".join(str(places.get(lpr, lpr)) for lpr in each.lprs), each.pk in standing)
        for each in page
        if may_open(by, each.case)  # those of sealed cases are their keeper's alone
    ]
    directs = bool(has_duty(by.authority, by.policy, DIRECTOR))
    context = {
        "rows": rows, "page": page, "form": form, "directs": directs, "map": map_of(places.values()),
        "directors": sorted(by.policy.positions(DIRECTOR)), "refusal": refusal,
    }  # fmt: skip
    return render(request, "retention/directives.html", context, status=200 if refusal is None else 403)


urlpatterns: list[URLPattern] = [
    path("", directives, name="directives"),
    path("give/", give, name="directive_give"),
    path("<int:directive_id>/end/", end, name="directive_end"),
]
