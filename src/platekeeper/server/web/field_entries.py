"""Entries made in the field: in the car in a few keystrokes, and what was sent to whoever is on duty (VII.f-g)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import enter_in_field
from platekeeper.server.procedures.authority import RefusedAction
from platekeeper.server.procedures.entries import DuplicateEntry, UnclearEntry
from platekeeper.server.web.context import entries_to_see
from platekeeper.server.web.entries import entered, there_already
from platekeeper.server.web.forms.field_entries import FieldEntryForm
from platekeeper.server.web.screens import footing_of, mendable, number_of

_REFUSED, _UNPROCESSABLE, _CONFLICT = 403, 422, 409


@require_http_methods(["GET", "HEAD", "POST"])
def quick(request: HttpRequest) -> HttpResponse:
    """Enter a plate: what was entered is shown at once with its prior reads and whom it reached."""
    by = footing_of(request)
    by.demand(may_enter_in_field(by.authority, by.policy, by.today), attempted=Action.ENTRY_REQUESTED)
    form = FieldEntryForm(request.POST if request.method == "POST" else None, directors=enter_in_field.directors(by))
    refusal, duplicate, status = None, None, 200 if request.method != "POST" else _UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        try:
            return entered(request, by, enter_in_field.enter_in_field(by, form.entry))
        except UnclearEntry as unclear:
            form.add_error(unclear.field, str(unclear))
        except DuplicateEntry as twice:
            form.add_error("plate", twice.refusal.reason)
            duplicate, status = there_already(by, twice), _CONFLICT
        except RefusedAction as refused:
            refusal, status = mendable(refused), _REFUSED
    context = {"form": form, "refusal": refusal, "duplicate": duplicate}
    return render(request, "hotlist/quick.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def told(request: HttpRequest) -> HttpResponse:
    """Show what was sent to this person on duty, and what of it is canceled; one press says that all of it was seen."""
    by = footing_of(request)
    if request.method == "POST":
        enter_in_field.note_seen(by, _numbers(request, "entry"), canceled=_numbers(request, "canceled"))
        return redirect("tours")
    context = {
        "sendings": lookups.unseen(by.person, at=by.at),
        "canceled": lookups.canceled_since(by.person, at=by.at),
    }
    return render(request, "hotlist/told.html", context)


@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """Answer a page that stays open: how much was sent to this person and not seen yet."""
    by = footing_of(request)
    return render(request, "hotlist/_told.html", entries_to_see(by))


@require_safe
def directed(request: HttpRequest) -> HttpResponse:
    """Show the entries that others made in this person's name."""
    by = footing_of(request)
    return render(request, "hotlist/directed.html", {"entries": lookups.to_confirm(by.person, at=by.at)})


@require_POST
def confirm(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Confirm that one directed an entry."""
    try:
        enter_in_field.confirm_direction(footing_of(request), entry_id)
    except HotListEntry.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("It is confirmed that you directed this entry."))
    return redirect("entries_directed")


def _numbers(request: HttpRequest, name: str) -> list[int]:
    numbers = (number_of(each) for each in request.POST.getlist(name))
    return [number for number in numbers if number is not None]


urlpatterns: list[URLPattern] = [
    path("quick/", quick, name="entry_quick"),
    path("told/", told, name="entries_told"),
    path("told/strip/", strip, name="entries_told_strip"),
    path("directed/", directed, name="entries_directed"),
    path("<int:entry_id>/direction/", confirm, name="entry_direction"),
]
