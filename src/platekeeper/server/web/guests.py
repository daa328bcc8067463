"""What a person of another agency finds here (VI.l): under which MOU they are a guest, and what it shares."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from platekeeper.core.rules.sharing import Share
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import guests
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.web.forms.sharing import LookForm
from platekeeper.server.web.screens import footing_of, mendable, page_of
from platekeeper.server.web.sharing import row_of

_RECEIVED = 20


@require_http_methods(["GET", "HEAD", "POST"])
def guest(request: HttpRequest) -> HttpResponse:
    """Show what is shared with a guest's agency; hits only for a purpose, and on record."""
    by = footing_of(request)
    by.demand(guests.may_be_guest(by), attempted=Action.DISSEMINATIONS_VIEWED)
    form, seen, refusal = LookForm(request.POST or None), None, None
    if request.method == "POST" and form.is_valid():
        try:
            seen = guests.view_hits(by, **form.cleaned_data, page=request.POST.get("page", ""))
        except RefusedAction as refused:
            refusal = mendable(refused, may=Share.HITS in by.authority.shares)
    context = {
        "refusal": refusal,
        "rows": [row_of(mou, by) for mou in guests.mous_of_guest(by)],
        "form": form if Share.HITS in by.authority.shares else None,
        "may_ask": Share.SEARCHES in by.authority.shares,
        "seen": seen,
        "most": guests.MOST,
        "received": page_of(request, guests.received_by(by), _RECEIVED),
    }
    return render(request, "sharing/guest.html", context, status=200 if refusal is None else 403)


urlpatterns: list[URLPattern] = [path("", guest, name="guest")]
