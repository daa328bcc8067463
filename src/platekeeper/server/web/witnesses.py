"""Witnesses of the ledger, and the checkpoints that are handed to them (VI.e)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.server.ledger import lookups
from platekeeper.server.ledger.models import HandOver, Witness
from platekeeper.server.procedures import hand_over
from platekeeper.server.procedures.view_logs import view_ledger
from platekeeper.server.web.forms.ledger import TakerForm, WitnessForm
from platekeeper.server.web.screens import attachment, footing_of, page_of, step_up

_HAND_OVERS = 20


@require_safe
def witnesses(request: HttpRequest) -> HttpResponse:
    """List who is mailed checkpoints, and what was handed over."""
    return _page(request, WitnessForm())


@require_POST
@step_up
def add(request: HttpRequest) -> HttpResponse:
    """Add a witness."""
    form = WitnessForm(request.POST)
    if form.is_valid():
        try:
            hand_over.add_witness(footing_of(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(request, _("Added. The newest checkpoint is mailed within the hour, and then once a day."))
            return redirect("ledger_witnesses")
    return _page(request, form)


@require_POST
@step_up
def end(request: HttpRequest, witness_id: int) -> HttpResponse:
    """End a witness."""
    found = get_object_or_404(Witness, pk=witness_id, ended_at=None)
    hand_over.end_witness(footing_of(request), found)
    messages.success(request, _("Ended. What they hold, they keep."))
    return redirect("ledger_witnesses")


@require_POST
def as_file(request: HttpRequest) -> HttpResponse:
    """Hand out the newest checkpoint as a file; it counts as held by who takes it."""
    return _hand_out(request, HandOver.How.FILE, "text/plain; charset=utf-8")


@require_POST
def on_paper(request: HttpRequest) -> HttpResponse:
    """Hand out the newest checkpoint as a page to print, with its QR code; it counts as held by who takes it."""
    return _hand_out(request, HandOver.How.PRINT, "application/pdf")


def horizon() -> dict[str, Any]:
    """Return up to where somebody outside holds the ledger, what lies after it, and the mails that did not arrive."""
    held = lookups.horizon()
    known = held.checkpoint.size if held else 0
    return {
        "held": held,
        "last_held": known - 1,
        "after": lookups.size() - known,
        "failed": [last for _witness, last in lookups.mailings() if last and last.failure],
        "taker": TakerForm(),
    }


def _page(request: HttpRequest, form: WitnessForm) -> HttpResponse:
    view_ledger(by := footing_of(request), filters={"witnesses": "all"})
    context = {
        "mailings": lookups.mailings(),
        "page": page_of(request, lookups.hand_overs(), _HAND_OVERS),
        "form": form,
        "keeps": bool(hand_over.may_keep_witnesses(by)),
        "mail": hand_over.can_mail(),
    }
    return render(request, "audit/witnesses.html", context)


def _hand_out(request: HttpRequest, how: HandOver.How, media_type: str) -> HttpResponse:
    name, content = hand_over.hand_out(footing_of(request), how=how, to=request.POST.get("to", ""))
    return attachment(content, media_type, name)


urlpatterns: list[URLPattern] = [
    path("checkpoint.txt", as_file, name="ledger_checkpoint"),
    path("checkpoint.pdf", on_paper, name="ledger_checkpoint_page"),
    path("witnesses/", witnesses, name="ledger_witnesses"),
    path("witnesses/add/", add, name="ledger_witness_add"),
    path("witnesses/<int:witness_id>/end/", end, name="ledger_witness_end"),
]
