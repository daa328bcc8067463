"""Hits (VII.e): the live board, the hit page with its steps, and the dispatch queue."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.categories import HitAction
from platekeeper.core.rules.access import has_duty, may_use_lpr
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.hits import (
    may_answer_anew,
    may_ask_confirmation,
    may_compare_anew,
    may_stop,
    may_verify_image,
)
from platekeeper.server.hits import lookups
from platekeeper.server.hits.ended import with_ends
from platekeeper.server.hits.models import Hit, HitImage, HitStep
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import answer_hit, copies, supervise_hits
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.preserve import kept_in
from platekeeper.server.web.forms.hits import AttestForm, OutcomeForm, StateSeenForm
from platekeeper.server.web.screens import footing_of

MOST_SHOWN = 60


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the open alarms; the page keeps itself up to date."""
    by = _seeing(request)
    answer_hit.watch(by, "board")
    return render(request, "hits/board.html", _board(by))


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer the board's poll: nothing new is a 304. Watching is logged once in a working day, opening a hit as well."""
    by = _seeing(request)
    tag = f'"{lookups.board_version(at=by.at)}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    answer_hit.watch(by, "board")
    response = render(request, "hits/_alarms.html", _board(by))
    response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


@require_safe
def hit(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Show one hit with its image, its entry, how it matched, and the steps before a stop; while it is open it goes on by
    itself."""
    by = footing_of(request)
    found = _shown(by, hit_id)
    context = {
        **_progress(by, found),
        "sees_board": bool(answer_hit.may_see_hits(by)),
        "repeats": found.repeats.count(),
        "has_image": HitImage.objects.filter(hit=found).exists(),
        "keeps_cases": bool(may_work_cases(by)),
        "kept_in": kept_in(copies.of_hit(found, image=None, proof=found.proof)),
    }
    return render(request, "hits/hit.html", context)


@require_safe
def hit_live(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Answer the hit page's poll: how far the hit is now."""
    by = footing_of(request)
    return render(request, "hits/_progress.html", _progress(by, _shown(by, hit_id)))


@require_safe
def image(request: HttpRequest, hit_id: int) -> HttpResponse:
    """Send a hit's image to whoever may see hits and was shown it."""
    try:
        found = answer_hit.show_picture(footing_of(request), hit_id)
    except (Hit.DoesNotExist, HitImage.DoesNotExist) as missing:
        raise Http404 from missing
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def step(request: HttpRequest, hit_id: int, what: str) -> HttpResponse:
    """Record one step that the member takes, or dispatch where its answer was mistaken."""
    by, remark = footing_of(request), request.POST.get("remark", "")[:240]
    try:
        match what:
            case "image-agrees" | "image-differs" | "image-agrees-anew" | "image-differs-anew":
                seen = StateSeenForm(request.POST)
                state = seen.cleaned_data["state"] if seen.is_valid() else ""
                agrees, anew = what.startswith("image-agrees"), what.endswith("-anew")
                answer_hit.verify_image(by, hit_id, agrees=agrees, state_seen=state, anew=anew)
            case "ask":
                answer_hit.ask_confirmation(by, hit_id)
                messages.success(request, _("Dispatch has been asked. The answer shows here."))
            case "attest-confirmed" | "attest-denied":
                form = AttestForm(request.POST)
                who = form.cleaned_data["who"] if form.is_valid() else ""
                answer_hit.attest_confirmation(by, hit_id, confirmed=what == "attest-confirmed", who=who)
            case "answer-anew":
                confirmed = request.POST.get("answer") == "confirmed"
                answer_hit.answer_anew(by, hit_id, confirmed=confirmed, remark=remark)
                messages.success(request, _("Your answer is with the member."))
            case "stop":
                if answer_hit.record_stop(by, hit_id, plate=request.POST.get("plate", "")[:40], remark=remark):
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
                    led_on=outcome.cleaned_data["led_on"],
                    followed=outcome.cleaned_data["followed"],
                )
            case "stop-back":
                supervise_hits.take_stop_back(by, hit_id, reason=remark)
            case "reopen":
                supervise_hits.reopen(by, hit_id, reason=remark)
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
    answer_hit.watch(by, "dispatch")
    template = "hits/_confirmations.html" if request.htmx else "hits/dispatch.html"  # type: ignore[attr-defined]
    answers = HitStep.Kind.CONFIRMED, HitStep.Kind.NOT_CONFIRMED
    answered = lookups.last_step(by.person, *answers) if "answered" in request.GET else None
    return render(request, template, {**_first_of(lookups.confirmations(), by), "answered": answered})


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
    return redirect(f"{reverse('hits_dispatch')}?answered")


def _seeing(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(answer_hit.may_see_hits(by), attempted=Action.HIT_SHOWN)
    return by


def _shown(by: Footing, hit_id: int) -> Hit:
    try:
        return answer_hit.show_hit(by, hit_id)
    except Hit.DoesNotExist as missing:
        raise Http404 from missing


def _progress(by: Footing, found: Hit) -> dict[str, object]:
    """Return what the page says of how far a hit is, and what may be done next."""
    prefetch_related_objects([found], "steps__by")
    facts = lookups.facts_of(found, at=by.at)
    works, stop = bool(may_use_lpr(by.authority, by.policy, by.today)), may_stop(facts)
    handles = works and bool(answer_hit.may_handle(found, stopped=facts.stopped_at is not None))
    kinds, silent = lookups.standing(found), found.action == HitAction.SILENT
    anew = may_answer_anew(facts, confirmed=facts.not_confirmed)
    return {
        "hit": found,
        "is_silent": silent,
        "reviews": silent
        and facts.stopped_at is None
        and bool(has_duty(by.authority, by.policy, answer_hit.SILENT_DUTY)),
        "facts": facts,
        "steps": found.steps.all(),
        "works": works,
        "handles": handles,
        "ends": handles or answer_hit.supervises_end(by, found),
        "may_verify": handles and bool(may_verify_image(facts)),
        "may_compare_anew": handles and bool(may_compare_anew(facts, agrees=facts.image_differs)),
        "may_ask": handles and bool(may_ask_confirmation(facts)),
        "may_answer_anew": bool(anew) and bool(answer_hit.may_change_answer(by, found)),
        "is_own_word": answer_hit.is_own_word(by, found),
        "compared": kinds.get("image_verified") or kinds.get("image_differs"),
        "asked": kinds.get("confirmation_asked"),
        "may_say_no_stop": facts.stopped_at is not None and bool(supervise_hits.may_say_no_stop(by, found)),
        "may_reopen": bool(facts.outcome) and bool(supervise_hits.may_open_again(by, found)),
        "ended": kinds.get("outcome"),
        "confirmation": kinds.get("not_confirmed") or kinds.get("confirmed"),
        "state_seen": StateSeenForm(likely=(facts.wanted_state, found.read_state)),
        "departure": stop if isinstance(stop, Refused) else None,
        "attest": AttestForm(),
        "outcome": OutcomeForm(initial={"led_on": "outcome" in kinds and kinds["outcome"].led_on}),
    }


def _first_of(found: QuerySet[Hit], by: Footing) -> dict[str, object]:
    """Return the hits that a page has room for, and how many more there are."""
    hits = with_ends(found[:MOST_SHOWN], at=by.at)
    return {"hits": hits, "more": found.count() - MOST_SHOWN if len(hits) == MOST_SHOWN else 0}


def _board(by: Footing) -> dict[str, object]:
    return {
        **_first_of(lookups.board().select_related("image").defer("image__content"), by),
        "recalled": lookups.recalled(at=by.at)[:3],
        "version": lookups.board_version(at=by.at),
    }


urlpatterns: list[URLPattern] = [
    path("", board, name="hits_board"),
    path("live/", live, name="hits_live"),
    path("dispatch/", dispatch, name="hits_dispatch"),
    path("<int:hit_id>/", hit, name="hit"),
    path("<int:hit_id>/live/", hit_live, name="hit_live"),
    path("<int:hit_id>/image/", image, name="hit_image"),
    path("<int:hit_id>/answer/", answer, name="hit_answer"),
    path("<int:hit_id>/<slug:what>/", step, name="hit_step"),
]
