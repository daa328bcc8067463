"""Disposals: what waits for approval, what was disposed of, and the certificates of it (VI.k)."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_any_duty, has_duty
from platekeeper.core.rules.retention import APPROVERS, MANAGER, may_approve, may_propose, waits_for_approval
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import propose_disposal
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.certify_disposal import certificate_pdf, faults_of
from platekeeper.server.procedures.dispose_lpr_data import dispose_lpr_data
from platekeeper.server.retention import lookups
from platekeeper.server.retention.models import Disposal, Proposal
from platekeeper.server.web.screens import footing_of, page_of, step_up

_A_PAGE = 50


@require_safe
def disposals(request: HttpRequest) -> HttpResponse:
    """Show what waits for approval, and what was disposed of."""
    by = _seeing(request)
    standing = lookups.standing_proposal()
    context = {
        "standing": standing and _offered(by, standing),
        "waits": waits_for_approval(by.policy),
        "decided": lookups.proposals().exclude(approved_at=None, refused_at=None)[:20],
        "page": page_of(request, lookups.disposals(), _A_PAGE),
    }
    return render(request, "retention/disposals.html", context)


@require_POST
@step_up
def step(request: HttpRequest, proposal_id: int, kind: str) -> HttpResponse:
    """Put a disposal forward, approve it (then it goes at once), or refuse it."""
    by, proposal = footing_of(request), get_object_or_404(Proposal, pk=proposal_id)
    if kind == "propose":
        propose_disposal.propose(by, proposal)
        messages.success(request, _("It is put forward, and waits for somebody else to approve it."))
    elif kind == "approve":
        propose_disposal.approve(by, proposal)
        done = dispose_lpr_data(at=by.at)
        messages.success(request, _("Approved. Disposals made: %(count)s.") % {"count": len(done)})
    else:
        propose_disposal.refuse(by, proposal, why=request.POST.get("why", ""))
        messages.success(request, _("Refused. Nothing was disposed of."))
    return redirect("disposals")


@require_safe
def disposal(request: HttpRequest, disposal_id: int) -> HttpResponse:
    """Show the certificate of a disposal, checked against its leaf and its signature."""
    by, found = _seeing(request), _certified(disposal_id)
    told = json.loads(found.certificate)
    context = {
        "disposal": found,
        "told": {**told, **{name: _shown(told[name]) for name in ("since", "until", "completed_at")}},
        "counts": list((told.get("reads") or told.get("hits") or {}).values()),
        "faults": faults_of(found),
        "sees_ledger": bool(has_any_duty(by.authority, by.policy, "VI.e.auditors", "signature.authority")),
    }
    return render(request, "retention/disposal.html", context)


@require_safe
def disposal_pdf(request: HttpRequest, disposal_id: int) -> HttpResponse:
    """Give the certificate of a disposal as a page to print."""
    by, found = _seeing(request), _certified(disposal_id)
    head = {"Content-Disposition": f'inline; filename="disposal-{found.pk}.pdf"'}
    return HttpResponse(certificate_pdf(by, found), "application/pdf", headers=head)


def _seeing(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(propose_disposal.may_see_disposals(by), attempted=Action.DISPOSALS_VIEWED)
    return by


def _certified(disposal_id: int) -> Disposal:
    found = get_object_or_404(Disposal.objects.select_related("proposal"), pk=disposal_id)
    if not found.certificate:
        raise Http404
    return found


def _shown(moment: str | None) -> str:
    """Return a moment of a certificate as the page shows it, in UTC."""
    return moment[:16].replace("T", " ") if moment else ""


def _offered(by: Footing, proposal: Proposal) -> dict[str, Any]:
    names = dict(lprs().values_list("pk", "name"))
    manages = bool(has_duty(by.authority, by.policy, MANAGER))
    approves = bool(has_duty(by.authority, by.policy, APPROVERS))
    return {
        "proposal": proposal,
        "days": [
            (
                day,
                sum(each.values()),
                ", ".join(f"{names.get(int(lpr), lpr)}: {count:,}" for lpr, count in each.items()),
            )
            for day, each in sorted(proposal.reads.items())
        ],
        "may_propose": manages and bool(may_propose(proposal.proposed_by_id)),
        "may_approve": approves and bool(may_approve(proposal.proposed_by_id, by=by.person.pk)),
        "may_refuse": manages or approves,
    }


urlpatterns: list[URLPattern] = [
    path("", disposals, name="disposals"),
    *(
        path(f"proposals/<int:proposal_id>/{kind}/", step, {"kind": kind}, name=f"disposal_{kind}")
        for kind in ("propose", "approve", "refuse")
    ),
    path("<int:disposal_id>/", disposal, name="disposal"),
    path("<int:disposal_id>/certificate.pdf", disposal_pdf, name="disposal_pdf"),
]
