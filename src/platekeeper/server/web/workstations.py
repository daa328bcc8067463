"""Workstations that do not lock: named from the browser they are about (IV.h)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups.guarding import workstations
from platekeeper.server.personnel.models import Workstation
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.workstations import end_workstation, is_exempt, name_workstation
from platekeeper.server.web.forms.people import WorkstationForm
from platekeeper.server.web.screens import footing_of, step_up


def does_not_lock(request: HttpRequest) -> bool:
    """Say whether a request comes from a workstation that does not lock."""
    token = request.COOKIES.get(settings.WORKSTATION_COOKIE, "")
    return bool(token) and is_exempt(token, at=timezone.now())


@require_safe
def everywhere(request: HttpRequest) -> HttpResponse:
    """List the workstations that were named."""
    return _page(request, WorkstationForm())


@require_POST
@step_up
def name(request: HttpRequest) -> HttpResponse:
    """Name the workstation that the request comes from; its browser keeps the proof."""
    form = WorkstationForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    named, token = name_workstation(footing_of(request), **form.cleaned_data)
    messages.success(request, _("This browser does not lock any more."))
    response = redirect("workstations")
    response.set_cookie(
        settings.WORKSTATION_COOKIE,
        token,
        expires=named.until,
        httponly=True,
        samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


@require_POST
@step_up
def end(request: HttpRequest, workstation_id: int) -> HttpResponse:
    """Let a workstation lock again."""
    end_workstation(footing_of(request), get_object_or_404(Workstation, pk=workstation_id))
    messages.success(request, _("The workstation locks again."))
    return redirect("workstations")


def _page(request: HttpRequest, form: WorkstationForm) -> HttpResponse:
    by = footing_of(request)
    by.demand(may_govern(by), attempted=Action.WORKSTATION_NAMED)
    context = {"workstations": workstations(), "form": form, "now": by.at}
    return render(request, "people/workstations.html", context)


urlpatterns: list[URLPattern] = [
    path("", everywhere, name="workstations"),
    path("name/", name, name="workstation_name"),
    path("<int:workstation_id>/end/", end, name="workstation_end"),
]
