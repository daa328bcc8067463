"""Tours of duty: what an officer opens in the car before driving off, and after parking (V.a, VII.a-d, VII.h)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import TRAINING, Decision, Refused
from platekeeper.core.rules.tours import Phase, Purpose, can_be_overridden, may_end
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.lookups import newest_delivery
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import run_tour
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.override_tour import ask_override
from platekeeper.server.userlog.lookups import open_tours, overrides, tours, tours_of, unfinished_logs
from platekeeper.server.userlog.models import Tour
from platekeeper.server.web.forms.tours import AnswersForm, OverrideForm, TourForm
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.user_logs import shown

LAST = 10
"""How many of one's own tours the page lists."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A refusal with the LPRs that it concerns, none named where it concerns them all."""

    refusal: Refused
    names: list[str]
    ask: LPR | None  # with which a supervisor could be asked to override it
    take_over: list[LPR]  # those of them that could be handed over


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Show one's open tour, or begin one; what stands in the way is said before anybody presses."""
    by = footing_of(request)
    by.demand(run_tour.may_see_tours(by), attempted=Action.TOUR_BEGUN)
    running = tours_of(by.person).filter(ended_at=None).first()
    delivery = newest_delivery()
    judged, form = _form(request, by, delivery)
    if request.method == "POST" and form.is_valid():
        lpr = form.cleaned_data["lpr"]
        run_tour.begin_tour(
            by, lpr=lpr, purpose=form.cleaned_data["purpose"], answers=form.answers, words=form.cleaned_data["words"],
            attested=form.word, taking_over=_asked_for(request) == str(lpr.pk),
        )  # fmt: skip
        messages.success(request, _("Your tour has begun."))
        return redirect("tours")
    context = {
        "form": form,
        "free": form.offers,
        "tour": running,
        "over": _asked_for(request),
        "delivery": delivery,
        **_shown(by, judged, running),
    }
    return render(request, "tours/tours.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, tour_id: int) -> HttpResponse:
    """End a tour: one's own with its last answers, which leads to its log, or one that was forgotten."""
    by, tour = footing_of(request), get_object_or_404(tours(), pk=tour_id)
    is_own = tour.member_id == by.person.pk
    form = AnswersForm(request.POST if request.method == "POST" else None, phase=Phase.END)
    if request.method == "POST" and (not is_own or form.is_valid()):
        answers, words = (form.answers, form.cleaned_data["words"]) if is_own else (None, "")
        run_tour.end_tour(by, tour, answers=answers, words=words)
        messages.success(request, _("The tour has ended."))
        return redirect("user_log", tour.log_id) if is_own else redirect("tours")
    by.demand(may_end(by.authority, by.policy, is_own=is_own), attempted=Action.TOUR_ENDED, subject=f"tour:{tour.pk}")
    return render(request, "tours/end.html", {"tour": tour, "form": form})


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask a supervisor to override what stands in the way."""
    form = OverrideForm(request.POST)
    if form.is_valid():
        attested = None if request.POST.get("own_list") is None else False
        why, lpr = form.cleaned_data["why"], form.cleaned_data["lpr"]
        ask_override(footing_of(request), lpr=lpr, purpose=Purpose.PATROL, why=why, attested=attested)
        messages.success(request, _("A supervisor sees your request on the page of today."))
    else:
        messages.error(request, _("Say why the tour cannot wait."))
    return redirect("tours")


def _form(
    request: HttpRequest, by: Footing, delivery: HotListDelivery | None
) -> tuple[list[tuple[LPR, Decision]], TourForm]:
    """Return what was judged of every LPR, and the form that offers those that are free, the likely one chosen."""
    everything, wanted = list(lprs()), _asked_for(request)
    judged = run_tour.judge(by, everything, purpose=Purpose.PATROL, delivery=delivery)
    over = [lpr for lpr in everything if str(lpr.pk) == wanted]
    taken = run_tour.judge(by, over, purpose=Purpose.PATROL, delivery=delivery, taking_over=True)
    free = [lpr for lpr, decision in judged if decision] + [lpr for lpr, decision in taken if decision]
    free = sorted(dict.fromkeys(free), key=lambda lpr: lpr.kind != LPR.Kind.MOBILE)
    form = TourForm(
        request.POST if request.method == "POST" else None,
        offered=free,
        own_list=run_tour.with_own_list(by, free),
        likely=_likely(by, free, wanted=wanted or request.GET.get("lpr", "")),
    )
    return judged, form


def _asked_for(request: HttpRequest) -> str:
    """Return the number of the LPR that is to be handed over, "" for none."""
    return str(request.POST.get("over", "") or request.GET.get("over", ""))


def _likely(by: Footing, free: Sequence[LPR], *, wanted: str) -> LPR | None:
    """Return the LPR that was asked for, else the one that the member used last, else the only mobile one."""
    last = tours_of(by.person).values_list("lpr", flat=True).first()
    mobile = [lpr for lpr in free if lpr.kind == LPR.Kind.MOBILE]
    ranked = [lpr for lpr in free if str(lpr.pk) == wanted] + [lpr for lpr in free if lpr.pk == last]
    return next(iter(ranked or (mobile if len(mobile) == 1 else [])), None)


def _shown(by: Footing, judged: Sequence[tuple[LPR, Decision]], running: Tour | None) -> dict[str, object]:
    others = open_tours().exclude(member=by.person)
    own_list = run_tour.with_own_list(by, [lpr for lpr, decision in judged if decision])
    return {
        "in_the_way": (in_the_way := [] if running else _in_the_way(by, judged)),
        "training": any(each.refusal.mend == TRAINING for each in in_the_way),
        "own_list": next(iter(own_list), None),
        "asked": overrides(since=run_tour.day_began(by)).filter(member=by.person),
        "last": tours_of(by.person).exclude(ended_at=None).prefetch_related("log__revisions")[:LAST],
        "forgotten": others if may_end(by.authority, by.policy, is_own=False) else [],
        "waiting_logs": [
            row
            for log in unfinished_logs().filter(member=by.person)
            if (row := shown(by, log)).facts.waits_for_member and not row.facts.on_tour and row.facts.filled
        ],
        "ending": AnswersForm(phase=Phase.END),
    }


def _in_the_way(by: Footing, judged: Sequence[tuple[LPR, Decision]]) -> list[InTheWay]:
    """Return each refusal once, and what can be done about it."""
    found: dict[Refused, list[LPR]] = {}
    for lpr, decision in judged:
        if isinstance(decision, Refused):
            found.setdefault(decision, []).append(lpr)
    taken = set(open_tours().exclude(member=by.person).values_list("lpr", flat=True))
    return [
        InTheWay(
            refusal,
            [lpr.name for lpr in concerned] if len(concerned) < len(judged) else [],
            ask=concerned[0] if can_be_overridden(refusal, by.authority) else None,
            take_over=[lpr for lpr in concerned if lpr.pk in taken and refusal.clause is Clause.VII_h],
        )
        for refusal, concerned in found.items()
    ]


urlpatterns: list[URLPattern] = [
    path("", own, name="tours"),
    path("override/", ask, name="tour_override"),
    path("<int:tour_id>/end/", end, name="tour_end"),
]
