"""Stake-outs: asked for, decided, looked at by whoever asked, and ended (VIII)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.investigations.terms import UnclearTerms
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.stake_outs import may_decide_stake_out, may_decide_stake_outs, may_end_stake_out
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import stake_out as staking
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.stakeouts import lookups
from platekeeper.server.stakeouts.models import StakeOut
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.web.forms.investigations import StakeOutForm
from platekeeper.server.web.found import case_wanted, choice_of, key_of, named, read_named
from platekeeper.server.web.screens import footing_of, mended_in_form, number_of, page_of, step_up

_SHOWN = 50


@require_safe
def stake_outs(request: HttpRequest) -> HttpResponse:
    """List one's own stake-outs and, for those who decide, what waits and what runs; that is a look, and logged."""
    by = footing_of(request)
    by.demand(staking.may_see_stake_outs(by), attempted=Action.STAKE_OUT_ASKED)
    context: dict[str, Any] = {
        "inquires": bool(may_inquire(by.authority, by.policy, by.today)),
        "decides": bool(may_decide_stake_outs(by.authority, by.policy)),
        "page": page_of(request, lookups.own(by.person), _SHOWN),
    }
    if context["decides"]:
        staking.view_asked(by)
        context["waiting"] = [_offered(by, each) for each in lookups.waiting()]
        context["running"] = [_offered(by, each) for each in lookups.running()]
    return render(request, "investigations/stake_outs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a stake-out; somebody else decides."""
    by = footing_of(request)
    refusal: Refused | None = None
    if request.method == "POST":
        form = StakeOutForm(request.POST, at=by.at)
        if form.is_valid():
            try:
                staking.ask(by, form.question())
            except RefusedAction as refused:
                refusal = mended_in_form(by, refused)
            else:
                messages.success(request, _("It is asked for and waits for approval by somebody else."))
                return redirect("stake_outs")
    else:
        by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.STAKE_OUT_ASKED)
        ends = timezone.localtime(by.at) + timedelta(days=7)
        form = StakeOutForm(at=by.at, initial={"ends": ends, "plates": request.GET.get("plate", "")[:20]})
    context = {"form": form, "refusal": refusal}
    return render(request, "investigations/stake_out_new.html", context, status=200 if refusal is None else 403)


@require_safe
def stake_out(request: HttpRequest, stake_out_id: int) -> HttpResponse:
    """Show what a stake-out found to whoever asked for it; each look is logged."""
    by, before = footing_of(request), request.GET.get("before", "")
    if before and number_of(before) is None:
        raise Http404
    try:
        found = staking.look(by, stake_out_id, before=number_of(before))
    except StakeOut.DoesNotExist as missing:
        raise Http404 from missing
    context = {
        "stake_out": found.stake_out, "entry": found.stake_out.entry, "next": found.next,
        "rows": _rows(by, found, choice_of(request)), "shown": before, **case_wanted(request),
        "keeps_cases": bool(may_work_cases(by)),
    }  # fmt: skip
    return render(request, "investigations/stake_out.html", context)


@require_safe
def image(request: HttpRequest, stake_out_id: int, ref: str) -> HttpResponse:
    """Send the picture of a read that one's own stake-out found; the reference is signed for both."""
    by = footing_of(request)
    try:
        entry_id = lookups.own(by.person).get(pk=stake_out_id).entry_id or 0
        read = read_named(ref, entry_id=entry_id, person=by.person)
        if read is None or read.image is None:
            raise Http404
        content = staking.picture(by, stake_out_id, read)
    except (StakeOut.DoesNotExist, signing.BadSignature, ImageMissing, ImageDamaged) as missing:
        raise Http404 from missing
    return HttpResponse(content, read.image.media_type, headers={"Cache-Control": "private, no-store"})


@require_POST
@step_up
def decide(request: HttpRequest, stake_out_id: int) -> HttpResponse:
    """Let a stake-out run, or refuse it."""
    approve, remark = request.POST.get("answer") == "approve", request.POST.get("remark", "")[:240]
    try:
        staking.decide(footing_of(request), stake_out_id, approve=approve, remark=remark)
    except StakeOut.DoesNotExist as missing:
        raise Http404 from missing
    except UnclearTerms as unclear:
        messages.error(request, str(unclear))
    return redirect("stake_outs")


@require_POST
def end(request: HttpRequest, stake_out_id: int) -> HttpResponse:
    """End a stake-out, or withdraw it."""
    try:
        staking.end(footing_of(request), stake_out_id)
    except StakeOut.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("stake_outs")


def _offered(by: Footing, each: StakeOut) -> dict[str, Any]:
    is_own = each.by_id == by.person.pk
    return {
        "stake_out": each,
        "may_decide": bool(may_decide_stake_out(by.authority, by.policy, is_own=is_own)),
        "may_end": bool(may_end_stake_out(by.authority, by.policy, is_own=is_own)),
    }


def _rows(by: Footing, found: staking.Collected, chosen: set[str]) -> list[dict[str, Any]]:
    names = dict(lprs().values_list("pk", "name"))
    entry_id = found.stake_out.entry_id or 0
    return [
        {
            "read": read,
            "lpr": names.get(read.row.lpr, str(read.row.lpr)),
            "seen_at": datetime.fromtimestamp(read.row.at / 1e6, tz=timezone.get_current_timezone()),
            "ref": named(read, entry_id=entry_id, person=by.person),
            "is_chosen": key_of(read) in chosen,
        }
        for read in found.reads
    ]


urlpatterns: list[URLPattern] = [
    path("", stake_outs, name="stake_outs"),
    path("new/", new, name="stake_out_new"),
    path("<int:stake_out_id>/", stake_out, name="stake_out"),
    path("<int:stake_out_id>/image/<str:ref>/", image, name="stake_out_image"),
    path("<int:stake_out_id>/decide/", decide, name="stake_out_decide"),
    path("<int:stake_out_id>/end/", end, name="stake_out_end"),
]
