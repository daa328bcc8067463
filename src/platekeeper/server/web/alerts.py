"""Alert bulletins (CAP 1.2): handed in, looked at as they were read, and what a person makes of them (VII.g)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from platekeeper.core.formats.cap import LARGEST, CapError, Status
from platekeeper.server.hotlist import lookups
from platekeeper.server.hotlist.models import AlertBulletin
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import alert_bulletins
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.entries import DuplicateEntry, UnclearEntry
from platekeeper.server.web.entries import prior, there_already
from platekeeper.server.web.forms.alerts import AlertFile, SettleForms
from platekeeper.server.web.screens import footing_of, page_of

_A_PAGE = 30
_UNPROCESSABLE, _CONFLICT = 422, 409


@require_http_methods(["GET", "HEAD", "POST"])
def alerts(request: HttpRequest) -> HttpResponse:
    """List the bulletins, those that wait first, and take one in."""
    by = footing_of(request)
    by.demand(alert_bulletins.may_settle(by), attempted=Action.ALERT_RECEIVED)
    form = AlertFile(request.POST, request.FILES) if request.method == "POST" else AlertFile()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = alert_bulletins.take_in(by, file.read(LARGEST + 1), file_name=file.name, at=by.at)
        except CapError as error:
            form.add_error("file", str(error))
        else:
            return redirect("alert", kept.pk)
    settled = lookups.bulletins().exclude(settled_at=None)
    context = {
        "form": form,
        "waiting": lookups.waiting_bulletins(),
        "page": page_of(request, settled, _A_PAGE),
    }
    return render(request, "hotlist/alerts.html", context, status=_UNPROCESSABLE if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Show a bulletin as it was read, with what is proposed; do what the person decided on it."""
    by = footing_of(request)
    try:
        look = alert_bulletins.look_at(by, alert_id)
    except AlertBulletin.DoesNotExist as missing:
        raise Http404 from missing
    forms = SettleForms(look, request.POST if request.method == "POST" else None, at=by.at)
    status = 200 if request.method != "POST" else _UNPROCESSABLE
    context: dict[str, Any] = {"look": look, "forms": forms, "is_actual": _is_actual(look)}
    if request.method == "POST" and forms.are_valid:
        try:
            return _settled(request, by, alert_id, forms)
        except UnclearEntry as unclear:
            context["said"] = str(unclear)
        except DuplicateEntry as twice:
            context |= {"said": twice.refusal.reason, "duplicate": there_already(by, twice)}
            status = _CONFLICT
        except RefusedAction as refused:
            context["said"] = f"{refused.refusal.clause}: {refused.refusal.reason}"
    return render(request, "hotlist/alert.html", context, status=status)


def _settled(request: HttpRequest, by: Footing, alert_id: int, forms: SettleForms) -> HttpResponse:
    results = alert_bulletins.settle(by, alert_id, **forms.decided)
    messages.success(request, _("The bulletin is settled."))
    if not results:
        return redirect("alert", alert_id)
    # Shown in this answer, without a redirect: to load the prior reads anew would be another look at LPR data.
    shown = [{**prior(by, each), "entry": each.entry} for each in results]
    return render(request, "hotlist/alert_entered.html", {"results": shown, "alert_id": alert_id})


def _is_actual(look: alert_bulletins.Look) -> bool:
    return look.alert is not None and look.alert.status is Status.ACTUAL


urlpatterns: list[URLPattern] = [
    path("", alerts, name="alerts"),
    path("<int:alert_id>/", alert, name="alert"),
]
