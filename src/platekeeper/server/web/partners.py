"""Other departments' servers: invited, connected, stopped at once (VI.l)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.partners import may_connect, may_stop
from platekeeper.core.transfer import fingerprint
from platekeeper.server.ledger.actions import Action
from platekeeper.server.partners import lookups
from platekeeper.server.partners.models import Partner
from platekeeper.server.procedures import connect_partners as procedure
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.fetch_lists import DUTY
from platekeeper.server.procedures.offer_lists import lists_to_offer
from platekeeper.server.sharing.lookups import in_force
from platekeeper.server.web.forms.partners import ConnectForm, InviteForm, OfferForm
from platekeeper.server.web.screens import footing_of, step_up


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """List the partners, with the forms that connect one."""
    by = footing_of(request)
    by.demand(procedure.may_see_partners(by), attempted=Action.PARTNER_STEP)
    return _page(request, by)


@require_POST
@step_up
def invite(request: HttpRequest) -> HttpResponse:
    """Show the text that invites another department."""
    by, form = footing_of(request), InviteForm(request.POST)
    by.demand(may_connect(by.authority, by.policy), attempted=Action.PARTNER_INVITED)
    if not form.is_valid():
        return _page(request, by, invite=form)
    text = procedure.make_invitation(by, **form.cleaned_data).decode()
    return _page(request, by, invite=form, invitation=text)


@require_POST
@step_up
def connect(request: HttpRequest) -> HttpResponse:
    """Show who invites and the fingerprint to compare; connect once that is said to be done."""
    by, form = footing_of(request), ConnectForm(request.POST)
    by.demand(may_connect(by.authority, by.policy), attempted=Action.PARTNER_STEP)
    if not form.is_valid():
        return _page(request, by, connect=form)
    if not form.cleaned_data["compared"]:
        theirs = procedure.opened_invitation(by, form.cleaned_data["invitation"])
        return _page(request, by, connect=form, theirs=theirs)
    partner = procedure.connect(by, **form.cleaned_data)
    messages.success(request, _("Connected here. It goes both ways once they have connected your invitation, too."))
    return redirect("partner", partner.pk)


@require_safe
def partner(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Show a connection: how it stands, and the hot lists that go either way."""
    by, found = footing_of(request), _partner(partner_id)
    by.demand(procedure.may_see_partners(by), attempted=Action.PARTNER_STEP, subject=procedure.subject_of(found))
    return render(request, "partners/partner.html", context_of(by, found))


@require_POST
def stop(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Stop a connection at once."""
    procedure.stop(footing_of(request), _partner(partner_id), why=request.POST.get("why", ""))
    return redirect("partner", partner_id)


@require_POST
@step_up
def resume(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Let a stopped connection go on."""
    procedure.resume(footing_of(request), _partner(partner_id))
    return redirect("partner", partner_id)


def context_of(by: Footing, found: Partner) -> dict[str, Any]:
    """Return what the page of a partner shows."""
    offers, lists = lookups.offers().filter(partner=found), lists_to_offer()
    offered = {each.name for each in offers}
    unoffered = {slug: name for slug, name in lists.items() if slug not in offered}
    return {
        "partner": found,
        "is_connected": lookups.is_connected(found),
        "steps": found.steps.select_related("by"),
        "mous": in_force(found.agency, at=by.at, zone=by.policy.zone),
        "offers": offers,
        "lists": lists,
        "offer": OfferForm(lists=unoffered) if unoffered else None,
        "subscriptions": lookups.subscriptions().filter(partner=found),
        "connects": bool(may_connect(by.authority, by.policy)),
        "stops": bool(may_stop(by.authority, by.policy, why="asked for")),
        "keeps_lists": bool(has_duty(by.authority, by.policy, DUTY)),
    }


def _page(request: HttpRequest, by: Footing, **more: Any) -> HttpResponse:
    own = fingerprint(procedure.own_keys().public[0])
    context = {
        "partners": [(each, lookups.is_connected(each)) for each in lookups.partners()],
        "connects": bool(may_connect(by.authority, by.policy)),
        "own": own,
        "invite": InviteForm(initial={"address": request.build_absolute_uri("/").rstrip("/")}),
        "connect": ConnectForm(),
        **more,
    }
    return render(request, "partners/partners.html", context)


def _partner(partner_id: int) -> Partner:
    return get_object_or_404(lookups.partners(), pk=partner_id)


urlpatterns: list[URLPattern] = [
    path("", every, name="partners"),
    path("invite/", invite, name="partner_invite"),
    path("connect/", connect, name="partner_connect"),
    path("<int:partner_id>/", partner, name="partner"),
    path("<int:partner_id>/stop/", stop, name="partner_stop"),
    path("<int:partner_id>/resume/", resume, name="partner_resume"),
]
