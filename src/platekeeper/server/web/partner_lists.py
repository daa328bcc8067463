"""Hot lists that are offered to a partner, and those of its that are subscribed to (IV.e, VI.l)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from platekeeper.server.partners import lookups
from platekeeper.server.procedures import offer_lists, subscribe_lists
from platekeeper.server.procedures.fetch_lists import fetch_now
from platekeeper.server.web.forms.partners import SubscribeForm
from platekeeper.server.web.partners import context_of
from platekeeper.server.web.screens import footing_of, step_up


@require_POST
@step_up
def offer(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Offer a hot list to a partner."""
    partner = get_object_or_404(lookups.partners(), pk=partner_id)
    offer_lists.offer_list(footing_of(request), partner, name=request.POST.get("name", ""))
    return redirect("partner", partner_id)


@require_POST
def end_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Offer it no longer."""
    found = get_object_or_404(lookups.offers(), pk=offer_id)
    offer_lists.end_offer(footing_of(request), found)
    return redirect("partner", found.partner_id)


@require_POST
def ask(request: HttpRequest, partner_id: int) -> HttpResponse:
    """Ask a partner which lists it offers, and show them."""
    by, partner = footing_of(request), get_object_or_404(lookups.partners(), pk=partner_id)
    offered = subscribe_lists.offered_by(by, partner)
    if not isinstance(offered, list):
        messages.error(request, _("They did not say: %(reason)s") % {"reason": offered.reason})
        return redirect("partner", partner_id)
    forms = [
        SubscribeForm(initial={"offered": each.name, "title": each.title}, prefix=f"list{number}")
        for number, each in enumerate(offered)
    ]
    context = context_of(by, partner) | {"offered": list(zip(offered, forms, strict=True)), "asked": True}
    return render(request, "partners/partner.html", context)


@require_POST
def subscribe(request: HttpRequest, partner_id: int, prefix: str) -> HttpResponse:
    """Subscribe to a list; it is fetched within minutes."""
    partner, form = get_object_or_404(lookups.partners(), pk=partner_id), SubscribeForm(request.POST, prefix=prefix)
    if form.is_valid():
        said = form.cleaned_data
        subscribe_lists.subscribe(
            footing_of(request), partner, name=said["offered"], title=said["title"], purpose=said["purpose"]
        )
    return redirect("partner", partner_id)


@require_POST
def unsubscribe(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Fetch a list no longer."""
    found = get_object_or_404(lookups.subscriptions(), pk=subscription_id)
    subscribe_lists.unsubscribe(footing_of(request), found)
    return redirect("partner", found.partner_id)


@require_POST
def fetch(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Fetch a list now."""
    found = get_object_or_404(lookups.subscriptions(), pk=subscription_id)
    fetch_now(footing_of(request), found)
    return redirect("partner", found.partner_id)


urlpatterns: list[URLPattern] = [
    path("<int:partner_id>/offer/", offer, name="partner_offer"),
    path("offers/<int:offer_id>/end/", end_offer, name="partner_offer_end"),
    path("<int:partner_id>/lists/", ask, name="partner_lists"),
    path("<int:partner_id>/subscribe/<slug:prefix>/", subscribe, name="partner_subscribe"),
    path("subscriptions/<int:subscription_id>/end/", unsubscribe, name="partner_unsubscribe"),
    path("subscriptions/<int:subscription_id>/fetch/", fetch, name="partner_fetch"),
]
