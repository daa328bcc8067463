"""Entries signed without network: handed in as a file, and the keys that may sign them (VII.f-g)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.rules.field_entries import may_enter_in_field
from platekeeper.core.transfer import LARGEST, TransferError
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import EntryKey
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import signed_entries
from platekeeper.server.web.entries import prior
from platekeeper.server.web.forms.signed_entries import KeyForm, SignedFile
from platekeeper.server.web.screens import footing_of, page_of, step_up

_A_PAGE, _UNPROCESSABLE = 50, 422


@require_http_methods(["GET", "HEAD", "POST"])
def signed(request: HttpRequest) -> HttpResponse:
    """List what was handed in, and hand a file in; one's own entries are shown with their prior reads at once."""
    by = footing_of(request)
    by.demand(may_enter_in_field(by.authority, by.policy, by.today), attempted=Action.ENTRY_HANDED_IN)
    form = SignedFile(request.POST, request.FILES) if request.method == "POST" else SignedFile()
    handed_in: list[signed_entries.HandedIn] = []
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["file"].read(LARGEST + 1)
            handed_in = signed_entries.hand_in(by, content, at=by.at, via="page")
        except TransferError as error:
            form.add_error("file", str(error))
    own = [each.result for each in handed_in if each.result and each.result.entry.requested_by == by.person]
    context = {
        "form": form,
        "handed_in": handed_in,
        "own": [{**prior(by, result), "entry": result.entry} for result in own],
        "page": page_of(request, lookups.signed_lines(), _A_PAGE),
        "may_keep_keys": signed_entries.may_keep_keys(by),
    }
    return render(request, "hotlist/signed.html", context, status=_UNPROCESSABLE if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up
def keys(request: HttpRequest) -> HttpResponse:
    """List the keys, and enroll one."""
    by = footing_of(request)
    by.demand(signed_entries.may_keep_keys(by), attempted=Action.ENTRY_KEY_ENROLLED)
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            signed_entries.enroll_key(by, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("The key is enrolled: what it signs from now on can be handed in."))
            return redirect("entry_keys")
    context = {"form": form, "keys": lookups.entry_keys()}
    return render(request, "hotlist/entry_keys.html", context, status=_UNPROCESSABLE if form.errors else 200)


@require_POST
@step_up
def end_key(request: HttpRequest, key_id: int) -> HttpResponse:
    """End a key."""
    signed_entries.end_key(footing_of(request), get_object_or_404(EntryKey, pk=key_id))
    messages.success(request, _("The key has ended."))
    return redirect("entry_keys")


urlpatterns: list[URLPattern] = [
    path("signed/", signed, name="entries_signed"),
    path("signed/keys/", keys, name="entry_keys"),
    path("signed/keys/<int:key_id>/end/", end_key, name="entry_key_end"),
]
