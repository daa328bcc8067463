"""The ledger as auditors see it (VI.e)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from platekeeper.server.ledger import lookups
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.view_logs import check_ledger, view_ledger
from platekeeper.server.web.screens import footing_of

_PAGE = 50


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """List the ledger, newest first; the view is logged before it is shown."""
    before, subject = request.GET.get("before", ""), request.GET.get("subject", "")[:80]
    view_ledger(footing_of(request), filters={"before": before, "subject": subject})
    entries = lookups.of_subject(subject) if subject else None
    shown = list(entries if entries is not None else lookups.newest(before=_index(before), limit=_PAGE + 1))
    last = shown[_PAGE - 1].index if entries is None and len(shown) > _PAGE else None
    context = {"entries": shown if entries is not None else shown[:_PAGE], "next": last, "subject": subject}
    return render(request, "audit/ledger.html", {**context, "size": lookups.size()})


@require_safe
def leaf(request: HttpRequest, index: int) -> HttpResponse:
    """Show one leaf: the very bytes that were hashed, the hash, and the sealed values as far as they are kept."""
    view_ledger(footing_of(request), filters={"leaf": str(index)})
    entry = get_object_or_404(LedgerEntry.objects.prefetch_related("openings"), pk=index)
    context = {"entry": entry, "body": bytes(entry.body).decode(), "hash": bytes(entry.leaf_hash).hex()}
    return render(request, "audit/leaf.html", context)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Check every leaf against its hash."""
    faults = check_ledger(footing_of(request))
    for fault in faults[:20]:
        messages.error(request, fault)
    if not faults:
        size = lookups.size()
        whole = ngettext(
            "%(n)d leaf was checked: it hashes as recorded.", "%(n)d leaves were checked: all hash as recorded.", size
        )
        messages.success(request, f"{whole % {'n': size}} {_('Root')}: {lookups.root().hex()}")
    return redirect("ledger")


def _index(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


urlpatterns: list[URLPattern] = [
    path("", ledger, name="ledger"),
    path("check/", check, name="ledger_check"),
    path("<int:index>/", leaf, name="ledger_leaf"),
]
