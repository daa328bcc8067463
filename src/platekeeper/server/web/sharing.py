"""MOUs with other agencies and orders of courts (VI.l): drafted, attested, suspended, resumed, ended."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules import sharing as rules
from platekeeper.core.rules.reasons import PROHIBITED
from platekeeper.core.rules.transfers import may_see_to_transfers
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import manage_mous
from platekeeper.server.procedures.answer_requests import may_see_requests
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.sharing import lookups
from platekeeper.server.sharing.models import Mou, Order, Share
from platekeeper.server.web.forms.sharing import PURPOSES, CourtOrderForm, MouForm, StepForm
from platekeeper.server.web.language import said_lazily
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import attachment, footing_of, mendable, page_of, step_up

_SHOWN, _LEFT = 50, 10
_SHARES = dict(Share.choices)
_PURPOSES = {**dict(PURPOSES), **{each.key: said_lazily(each.title) for each in PROHIBITED}}


@require_safe
def sharing(request: HttpRequest) -> HttpResponse:
    """List the MOUs and the orders."""
    by = _seeing(request)
    page = page_of(request, lookups.orders(), _SHOWN)
    context = {
        "rows": [row_of(mou, by) for mou in lookups.mous()],
        "orders": [(order, _stands(order, by), [_SHARES[each] for each in order.shares]) for order in page],
        "page": page,
        "drafts": bool(rules.may_draft(by.authority, by.policy)),
    }
    return render(request, "sharing/sharing.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def mou_new(request: HttpRequest) -> HttpResponse:
    """Draft an MOU."""
    by = footing_of(request)
    by.demand(rules.may_draft(by.authority, by.policy), attempted=Action.MOU_DRAFTED)
    form = MouForm(request.POST or None, request.FILES or None, initial={"agency": request.GET.get("agency")})
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("mou", manage_mous.draft_mou(by, **form.mou()).pk)
        except RefusedAction as refused:
            refusal = mendable(refused)
    context = {"form": form, "refusal": refusal, "map": map_of(lprs())}
    return render(request, "sharing/mou_new.html", context, status=200 if refusal is None else 403)


@require_safe
def mou(request: HttpRequest, mou_id: int) -> HttpResponse:
    """Show an MOU, how it came to stand as it does, and what can be done next."""
    by, found = _seeing(request), _mou(mou_id)
    facts = lookups.facts_of(found, at=by.at, zone=by.policy.zone)
    drafts, directs = bool(rules.may_draft(by.authority, by.policy)), bool(rules.may_direct(by.authority, by.policy))
    open_now = not facts.ended and by.at < facts.ends
    context = {
        **row_of(found, by),
        "facts": facts,
        "left": page_of(request, lookups.disseminations().filter(mou=found), _LEFT),
        "routines": found.routines.all(),
        "form": StepForm(),
        "offers": [
            ("attest", _("Attest it for the department (VI.l)"), directs and open_now and not facts.ours, "is-primary"),
            ("theirs", _("They attested it"), drafts and open_now and not facts.theirs, "is-primary"),
            ("suspend", _("Suspend it at once"), drafts and not facts.ended and not facts.suspended, "is-danger"),
            ("resume", _("Let it go on"), directs and not facts.ended and facts.suspended, "is-primary"),
            ("end", _("End it for good"), directs and not facts.ended, "is-danger"),
        ],
        "acts": drafts or directs,
        "may_transfer": bool(may_see_to_transfers(by.authority, by.policy)),
    }
    return render(request, "sharing/mou.html", context)


@require_POST
@step_up
def mou_step(request: HttpRequest, mou_id: int, what: str) -> HttpResponse:
    """Take a step on an MOU."""
    by, found, note = footing_of(request), _mou(mou_id), request.POST.get("note", "")
    match what:
        case "attest":
            manage_mous.attest(by, found, ours=True, note=note)
        case "theirs":
            manage_mous.attest(by, found, ours=False, note=note)
        case "suspend":
            manage_mous.suspend(by, found, why=note)
        case "resume":
            manage_mous.resume(by, found, note=note)
        case "end":
            manage_mous.end(by, found, why=note)
        case _:
            raise Http404
    messages.success(request, _("Recorded. It counts from this moment on."))
    return redirect("mou", mou_id)


@require_safe
def mou_document(request: HttpRequest, mou_id: int) -> HttpResponse:
    """Give the document of an MOU."""
    _seeing(request)
    return attachment(bytes(get_object_or_404(Mou, pk=mou_id).document), "application/pdf", f"mou-{mou_id}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: HttpRequest) -> HttpResponse:
    """Record a warrant, subpoena or court order."""
    by = footing_of(request)
    by.demand(rules.may_draft(by.authority, by.policy), attempted=Action.ORDER_RECORDED)
    form = CourtOrderForm(request.POST or None, request.FILES or None, initial={"agency": request.GET.get("agency")})
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            manage_mous.record_order(by, **form.order())
        except RefusedAction as refused:
            refusal = mendable(refused)
        else:
            messages.success(request, _("Recorded."))
            return redirect("sharing")
    context = {"form": form, "refusal": refusal, "requests": bool(may_see_requests(by))}
    return render(request, "sharing/order_new.html", context, status=200 if refusal is None else 403)


@require_safe
def order_document(request: HttpRequest, order_id: int) -> HttpResponse:
    """Give the document of an order."""
    _seeing(request)
    return attachment(bytes(get_object_or_404(Order, pk=order_id).document), "application/pdf", f"order-{order_id}.pdf")


@require_POST
def order_withdraw(request: HttpRequest, order_id: int) -> HttpResponse:
    """Record that an order obliges no longer."""
    found = get_object_or_404(lookups.orders(), pk=order_id)
    manage_mous.withdraw_order(footing_of(request), found, why=request.POST.get("note", ""))
    return redirect("sharing")


def row_of(mou: Mou, by: Footing) -> dict[str, Any]:
    """Return an MOU as pages show it."""
    state = lookups.state_of(mou, at=by.at, zone=by.policy.zone)
    return {
        "mou": mou,
        "state": state,
        "ends_soon": bool(state) and mou.ends_on <= by.today + rules.SHOWN_AHEAD,
        "shares": [_SHARES[each] for each in mou.shares],
        "purposes": [_PURPOSES.get(each, each) for each in mou.purposes],
        "barred": [_PURPOSES.get(each, each) for each in mou.barred],
        "terms": rules.Terms.of(mou.terms),
    }


def _stands(order: Order, by: Footing) -> bool:
    facts = lookups.order_facts(order, at=by.at, zone=by.policy.zone)
    return not facts.withdrawn and facts.begins <= by.at < facts.ends


def _mou(mou_id: int) -> Mou:
    return get_object_or_404(lookups.mous(), pk=mou_id)


def _seeing(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(manage_mous.may_see_sharing(by), attempted=Action.DISSEMINATIONS_VIEWED)
    return by


urlpatterns: list[URLPattern] = [
    path("", sharing, name="sharing"),
    path("mous/new/", mou_new, name="mou_new"),
    path("mous/<int:mou_id>/", mou, name="mou"),
    path("mous/<int:mou_id>/document.pdf", mou_document, name="mou_document"),
    path("mous/<int:mou_id>/<slug:what>/", mou_step, name="mou_step"),
    path("orders/new/", order_new, name="order_new"),
    path("orders/<int:order_id>/document.pdf", order_document, name="order_document"),
    path("orders/<int:order_id>/withdraw/", order_withdraw, name="order_withdraw"),
]
