"""The sealed account: sealing it, and answering for its use (IV.h)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups.guarding import seals
from platekeeper.server.personnel.models import Seal
from platekeeper.server.procedures import sealed_account
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.web.screens import footing_of, step_up


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show how the sealed account stands, and each time that it was sealed and used."""
    by = footing_of(request)
    by.demand(may_govern(by), attempted=Action.ACCOUNT_SEALED)
    found = list(seals())
    standing = next((each for each in found if each.ended_at is None), None)
    context = {
        "seals": found,
        "standing": standing,
        "longest": sealed_account.LONGEST,
        "signs_no_more": sealed_account.signs_no_more(by.policy, at=by.at),
    }
    return render(request, "people/sealed.html", context)


@require_POST
@step_up
def seal(request: HttpRequest) -> HttpResponse:
    """Seal the account anew, and show once what goes into the envelope."""
    envelope = sealed_account.seal(footing_of(request))
    return render(request, "people/envelope.html", {"envelope": envelope})


@require_POST
@step_up
def answer(request: HttpRequest, seal_id: int) -> HttpResponse:
    """Answer for a broken seal."""
    found = get_object_or_404(Seal, pk=seal_id)
    sealed_account.answer(footing_of(request), found, said=request.POST.get("said", ""))
    messages.success(request, _("Answered. The account is disabled until you seal it anew."))
    return redirect("sealed_account")


urlpatterns: list[URLPattern] = [
    path("", account, name="sealed_account"),
    path("seal/", seal, name="sealed_account_seal"),
    path("<int:seal_id>/answer/", answer, name="sealed_account_answer"),
]
