"""Other agencies and their people (VI.l)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from platekeeper.core.rules.decision import Allowed
from platekeeper.core.rules.sharing import may_draft
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.procedures import manage_agencies
from platekeeper.server.procedures.draft_policy import may_govern
from platekeeper.server.procedures.manage_mous import may_see_sharing
from platekeeper.server.procedures.manage_people import may_look
from platekeeper.server.sharing.lookups import disseminations, mous
from platekeeper.server.web.forms.people import AgencyForm
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.sharing import row_of


@require_http_methods(["GET", "HEAD", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """List the other agencies with their people, and add one."""
    by = footing_of(request)
    by.demand(may_look(by), attempted=Action.AGENCY_ADDED)
    form = AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            manage_agencies.add_agency(by, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name", error)
        else:
            return redirect("agencies")
    context = {"agencies": agencies(), "form": form, "governs": bool(may_govern(by))}
    return render(request, "people/agencies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def agency(request: HttpRequest, agency_id: int) -> HttpResponse:
    """Show another agency with its MOUs and what left for it, and change what is known of it."""
    by, found = footing_of(request), get_object_or_404(agencies(), pk=agency_id)
    governs, sees = may_govern(by), may_see_sharing(by)
    looks = sees and request.method != "POST"
    by.demand(Allowed() if looks else governs, attempted=Action.AGENCY_CHANGED, subject=f"agency:{found.pk}")
    known = {"name": found.name, "ori": found.ori, "contact": found.contact}
    form = AgencyForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            manage_agencies.change_agency(by, agency=found, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name", error)
        else:
            messages.success(request, _("Saved."))
            return redirect("agencies")
    context: dict[str, Any] = {"agency": found, "form": form, "governs": bool(governs), "sees": bool(sees)}
    if sees:
        context["rows"] = [row_of(mou, by) for mou in mous().filter(agency=found)]
        context["left"] = disseminations().filter(agency=found)[:10]
        context["drafts"] = bool(may_draft(by.authority, by.policy))
    return render(request, "people/agency.html", context)


urlpatterns: list[URLPattern] = [
    path("", every, name="agencies"),
    path("<int:agency_id>/", agency, name="agency"),
]
