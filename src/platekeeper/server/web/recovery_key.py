"""The recovery key of the backups: made once, shown once, proved again and again (VI.m)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import keep_recovery_key
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.drill_backups import remove_unencrypted
from platekeeper.server.web.forms.backups import RecoveryKeyForm, SharesForm
from platekeeper.server.web.screens import footing_of, step_up


@require_safe
def recovery_key(request: HttpRequest) -> HttpResponse:
    """Show who holds the key, and offer to make one or to prove it."""
    _keeper(request)
    return _page(request, RecoveryKeyForm())


@require_POST
@step_up
@never_cache
@sensitive_variables("shares")
def make(request: HttpRequest) -> HttpResponse:
    """Make a key and show its shares, this once."""
    by, form = _keeper(request), RecoveryKeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    holders, needed = form.cleaned_data["holders"], form.cleaned_data["needed"]
    shares = keep_recovery_key.make_recovery_key(at=by.at, by=by, needed=needed, holders=holders)
    shown = [(holder, share.split()) for holder, share in zip(holders, shares, strict=True)]
    return render(request, "upkeep/shares.html", {"shares": shown, "needed": needed, "at": by.at})


@require_POST
@sensitive_post_parameters("shares")
def prove(request: HttpRequest) -> HttpResponse:
    """Say whether the shares give the key; nothing is restored.

    No password is asked for once more: meanwhile the shares would wait in the session, so in the records and their backups.
    Whoever has them shows more than a password does.
    """
    by, form = _keeper(request), SharesForm(request.POST)
    if form.is_valid():
        drill = keep_recovery_key.prove(form.cleaned_data["shares"], at=by.at, by=by)
        tell = messages.success if drill.passed else messages.error
        tell(request, drill.said)
    return redirect("recovery_key")


@require_POST
@step_up
def remove_old(request: HttpRequest) -> HttpResponse:
    """Remove the unencrypted backups of earlier versions."""
    removed = remove_unencrypted(at=(by := footing_of(request)).at, by=by)
    messages.success(request, _("Files removed: %(files)s.") % {"files": removed})
    return redirect("upkeep")


def _keeper(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, "VI.m.keeper"), attempted=Action.RECOVERY_KEY_MADE)
    return by


def _page(request: HttpRequest, form: RecoveryKeyForm) -> HttpResponse:
    shown = {
        "key": keep_recovery_key.key_in_use(),
        "key_waits": keep_recovery_key.key_waiting(),
        "form": form,
        "shares": SharesForm(),
    }
    return render(request, "upkeep/recovery_key.html", shown)


urlpatterns: list[URLPattern] = [
    path("", recovery_key, name="recovery_key"),
    path("make/", make, name="recovery_key_make"),
    path("prove/", prove, name="recovery_key_prove"),
    path("remove-unencrypted/", remove_old, name="remove_unencrypted"),
]
