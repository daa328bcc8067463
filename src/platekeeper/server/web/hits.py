"""Hits (VII.e): the live board, the hit page, the dispatch queue, departures and silent review."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_duty, may_use_lpr
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.hits import may_ask_confirmation, may_stop, may_verify_image
from platekeeper.server.casefiles.lookups import cases_of
from platekeeper.server.hits import lookups
from platekeeper.server.hits.models import Departure, Hit, HitImage, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import answer_hit
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.web.forms.hits import AttestForm, OutcomeForm, RemarkForm
from platekeeper.server.web.screens import footing_of

MOST_SHOWN = 60


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the open alarms; the page keeps itself up to date."""
    _may_see(footing_of(request))
    return render(request, "hits/board.html", _board())


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer the board's poll: nothing new is a 304. A poll is no access; opening a hit is, and is logged."""
    _may_see(footing_of(request))
    tag = f'"{lookups.board_version()}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    response = render(request, "hits/_alarms.html", _board())
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


@require_safe
def hit(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Show one hit with its image, its entry, how it matched, and the steps before a stop."""
    by = footing_of(request)
    try:
        found = answer_hit.show_hit(by, hit_id)
    except Hit.DoesNotExist as missing:
        raise Http404 from missing
    facts, stop = lookups.facts_of(found), may_stop(lookups.facts_of(found))
    context = {
        "hit": found,
        "facts": facts,
        "steps": found.steps.select_related("by"),
        "repeats": found.repeats.count(),
        "has_image": HitImage.objects.filter(hit=found).exists(),
        "works": bool(may_use_lpr(by.authority, by.policy, by.today)),
        "may_verify": bool(may_verify_image(facts)),
        "may_ask": bool(may_ask_confirmation(facts)),
        "asked": found.steps.filter(kind=HitStep.Kind.CONFIRMATION_ASKED).exists(),
        "confirmation": found.steps.filter(kind__in=("confirmed", "not_confirmed")).first(),
        "departure": stop if isinstance(stop, Refused) else None,
        "attest": AttestForm(),
        "outcome": OutcomeForm(),
        "keeps_cases": bool(may_work_cases(by)),
        "kept_in": cases_of(f"hit:{hit_id}"),
    }
    return render(request, "hits/hit.html", context)


@require_safe
def image(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Send a hit's image to whoever may see hits."""
    _may_see(footing_of(request))
    found = get_object_or_404(HitImage, hit=hit_id)
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def step(request: HttpRequest, hit_id: int, what: str) -> HttpResponse:
    """Record one step that the member takes."""
    by, remark = footing_of(request), request.POST.get("remark", "")[:240]
    try:
        match what:
            case "image-agrees" | "image-differs":
                answer_hit.verify_image(by, hit_id, agrees=what == "image-agrees")
            case "ask":
                answer_hit.ask_confirmation(by, hit_id)
                messages.success(request, _("Dispatch has been asked. The answer shows here."))
            case "attest-confirmed" | "attest-denied":
                form = AttestForm(request.POST)
                who = form.cleaned_data["who"] if form.is_valid() else ""
                answer_hit.attest_confirmation(by, hit_id, confirmed=what == "attest-confirmed", who=who)
            case "stop":
                if answer_hit.record_stop(by, hit_id, remark=remark):
                    messages.warning(request, _("The stop is recorded as a departure and goes to a supervisor."))
            case "outcome":
                outcome = OutcomeForm(request.POST)
                if not outcome.is_valid():
                    messages.error(request, _("Choose how the hit ended."))
                    return redirect("hit", hit_id)
                answer_hit.record_outcome(
                    by,
                    hit_id,
                    outcome=HitStep.Outcome(outcome.cleaned_data["outcome"]),
                    followed=outcome.cleaned_data["followed"],
                )
            case _:
                raise Http404
    except Hit.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("hit", hit_id)


@require_safe
def dispatch(request: HttpRequest) -> HttpResponse:
    """Show dispatch what waits for a confirmation."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, "VII.e.dispatch"), attempted=Action.HIT_SHOWN)
    template = "hits/_confirmations.html" if request.htmx else "hits/dispatch.html"  # type: ignore[attr-defined]
    return render(request, template, {"hits": lookups.confirmations()[:MOST_SHOWN]})


@require_POST
def answer(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Record dispatch's answer."""
    try:
        answer_hit.answer_confirmation(
            footing_of(request),
            hit_id,
            confirmed=request.POST.get("answer") == "confirmed",
            remark=request.POST.get("remark", "")[:240],
        )
    except Hit.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("Your answer is with the member."))
    return redirect("hits_dispatch")


@require_safe
def departures(request: HttpRequest) -> HttpResponse:
    """Show supervisors the stops made without both steps, and how well each LPR reads."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, "VII.e.supervisors"), attempted=Action.DEPARTURE_REVIEWED)
    context = {
        "departures": lookups.departures(open_only="all" not in request.GET)[:MOST_SHOWN],
        "statistics": lookups.reading_statistics(),
        "form": RemarkForm(),
    }
    return render(request, "hits/departures.html", context)


@require_POST
def review(request: HttpRequest, departure_id: int) -> HttpResponse:
    """Close one departure with a supervisor's review."""
    try:
        answer_hit.review_departure(footing_of(request), departure_id, review=request.POST.get("remark", "")[:240])
    except Departure.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("hits_departures")


@require_safe
def silent(request: HttpRequest) -> HttpResponse:
    """Show the managing position the look-alikes, which raised no alarm."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, "VI.j.manager"), attempted=Action.HIT_SHOWN)
    return render(request, "hits/silent.html", {"hits": lookups.silent()[:MOST_SHOWN]})


@require_POST
def silent_close(request: HttpRequest, hit_id: int) -> HttpResponse:
    """End the review of one look-alike."""
    chosen = request.POST.get("outcome", "")
    if chosen not in HitStep.Outcome.values:
        raise Http404
    try:
        answer_hit.close_silent(footing_of(request), hit_id, outcome=HitStep.Outcome(chosen))
    except Hit.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("hits_silent")


def _may_see(by: Footing) -> None:
    by.demand(answer_hit.may_see_hits(by), attempted=Action.HIT_SHOWN)


def _board() -> dict[str, QuerySet[Hit] | str]:
    return {
        "hits": lookups.board().select_related("image")[:MOST_SHOWN],
        "recalled": lookups.recalled()[:3],
        "version": lookups.board_version(),
    }


urlpatterns: list[URLPattern] = [
    path("", board, name="hits_board"),
    path("live/", live, name="hits_live"),
    path("dispatch/", dispatch, name="hits_dispatch"),
    path("departures/", departures, name="hits_departures"),
    path("departures/<int:departure_id>/review/", review, name="departure_review"),
    path("silent/", silent, name="hits_silent"),
    path("silent/<int:hit_id>/close/", silent_close, name="hit_silent_close"),
    path("<int:hit_id>/", hit, name="hit"),
    path("<int:hit_id>/image/", image, name="hit_image"),
    path("<int:hit_id>/answer/", answer, name="hit_answer"),
    path("<int:hit_id>/<slug:what>/", step, name="hit_step"),
]
