"""Routine transfers to other agencies (VI.i): begun, watched, received, ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.transfers import may_see_to_transfers
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import keep_routines
from platekeeper.server.procedures.manage_mous import may_see_sharing
from platekeeper.server.procedures.sign_ledger import first_fingerprint
from platekeeper.server.sharing import lookups
from platekeeper.server.web.forms.sharing import RoutineForm
from platekeeper.server.web.screens import footing_of, page_of, step_up

_SHOWN = 60


@require_safe
def transfers(request: HttpRequest) -> HttpResponse:
    """List the routines, and the transfers with how far each is."""
    by = footing_of(request)
    by.demand(may_see_sharing(by), attempted=Action.DISSEMINATIONS_VIEWED)
    late = {each.pk for each in lookups.late_transfers(at=by.at)}
    page = page_of(request, lookups.transfers(), _SHOWN)
    context = {
        "page": page,
        "routines": lookups.routines(),
        "rows": [(each, each.pk in late) for each in page],
        "sees_to": bool(may_see_to_transfers(by.authority, by.policy)),
        "fingerprint": first_fingerprint(),
    }
    return render(request, "sharing/transfers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def routine_new(request: HttpRequest, mou_id: int) -> HttpResponse:
    """Begin a routine transfer under an MOU."""
    by, mou = footing_of(request), get_object_or_404(lookups.mous(), pk=mou_id)
    by.demand(may_see_to_transfers(by.authority, by.policy), attempted=Action.ROUTINE_BEGUN)
    form = RoutineForm(request.POST or None, initial={"begins_on": by.today})
    if request.method == "POST" and form.is_valid():
        return step_up(_begin)(request, mou_id, form)
    return render(request, "sharing/routine_new.html", {"form": form, "mou": mou})


def _begin(request: HttpRequest, mou_id: int, form: RoutineForm) -> HttpResponse:
    mou = get_object_or_404(lookups.mous(), pk=mou_id)
    try:
        keep_routines.begin_routine(footing_of(request), mou, **form.routine())
    except ValueError as error:
        form.add_error("receiver_key", str(error))
        return render(request, "sharing/routine_new.html", {"form": form, "mou": mou})
    messages.success(request, _("Begun. What is due goes out within a quarter of an hour."))
    return redirect("transfers")


@require_POST
def routine_end(request: HttpRequest, routine_id: int) -> HttpResponse:
    """End a routine transfer."""
    keep_routines.end_routine(footing_of(request), get_object_or_404(lookups.routines(), pk=routine_id))
    messages.success(request, _("Ended. Nothing of it is sent any more."))
    return redirect("transfers")


@require_POST
def transfer_confirm(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Record a receipt that came on paper or by telephone."""
    found = get_object_or_404(lookups.transfers(), pk=transfer_id)
    keep_routines.confirm_receipt(footing_of(request), found, receipt=request.POST.get("note", ""))
    messages.success(request, _("Recorded. The copies kept here are gone."))
    return redirect("transfers")


urlpatterns: list[URLPattern] = [
    path("", transfers, name="transfers"),
    path("mou/<int:mou_id>/new/", routine_new, name="routine_new"),
    path("routines/<int:routine_id>/end/", routine_end, name="routine_end"),
    path("<int:transfer_id>/received/", transfer_confirm, name="transfer_confirm"),
]
