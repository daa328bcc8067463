"""Requests for searches: asked, decided, run and answered (IV.e, IV.h, V.e, VI.h)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.formats import nlets
from platekeeper.core.rules import search_requests as rules
from platekeeper.core.rules.access import Standing, may_act
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.procedures import request_searches
from platekeeper.server.procedures.answer_searches import answer as answer_request
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.view_logs import may_view_query_log
from platekeeper.server.querylog import requests as lookups
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.web.forms.queries import SearchForm
from platekeeper.server.web.forms.search_requests import AnswerForm, RefuseForm, SearchRequestForm
from platekeeper.server.web.screens import footing_of, in_bulk, mendable, page_of, step_up, step_up_to

_SHOWN = 50


@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """List what somebody asked or entered, the newest first, and how far each is."""
    by = footing_of(request)
    by.demand(may_act(by.authority), attempted=Action.SEARCH_REQUEST_VIEWED)
    page = page_of(request, lookups.asked_of(by.person), _SHOWN)
    context = {
        "rows": [_row(each) for each in page],
        "page": page,
        "sees_queue": bool(rules.may_see_queue(by.authority, by.policy, by.today)),
        "now": by.at,
    }
    return render(request, "search_requests/own.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a search, for oneself or for somebody of another agency."""
    by = footing_of(request)
    by.demand(may_act(by.authority), attempted=Action.SEARCH_REQUESTED)
    pasted = request.POST.get("lpq")
    form = SearchRequestForm(
        request.POST or None if pasted is None else None,
        initial={"until": timezone.localtime(by.at), **({} if pasted is None else _out_of_lpq(request, pasted))},
        outsider=by.authority.standing is Standing.OUTSIDE,
        sees_lprs=bool(may_see_lprs(by)),
    )
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            asked = request_searches.ask(by, form.wanted(), of=form.of(), **form.more())
        except RefusedAction as refused:
            at_all = rules.may_ask(by.authority, by.policy, for_another=False, agency="", mutual_aid=False)
            refusal = mendable(refused, may=bool(at_all))
        else:
            messages.success(request, _("Your request is in the queue. The home page tells you once it is answered."))
            return redirect("search_request", asked.pk)
    context = {"form": form, "refusal": refusal}
    return render(request, "search_requests/new.html", context, status=200 if refusal is None else 403)


def _out_of_lpq(request: HttpRequest, text: str) -> dict[str, Any]:
    """Return what a query in Nlets' text form fills in; what it lacks, people add."""
    try:
        asked = nlets.parse(text)
    except nlets.NletsError as error:
        messages.error(request, str(error))
        return {}
    agency = agencies().filter(ori=asked.ori).first()
    given = {"plate": asked.plate, "since": asked.since, "until": asked.until, "agency": agency}
    given["agency_name"] = "" if agency else asked.ori
    return {name: value for name, value in given.items() if value}


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits: to be decided, directed, run; urgent ones first; then what others see to, and what was closed."""
    by = footing_of(request)
    by.demand(rules.may_see_queue(by.authority, by.policy, by.today), attempted=Action.SEARCH_REQUEST_VIEWED)
    waiting = request_searches.waiting_requests(by)
    yours = {each.pk for each in (*waiting.to_decide, *waiting.to_direct, *waiting.to_run)}
    there = (*lookups.undecided(at=by.at), *lookups.approved(at=by.at))
    others = [each for each in there if each.pk not in yours and _may_see(by, each)]
    page = page_of(request, lookups.closed(), _SHOWN)
    closed = [each for each in page if _may_see(by, each)]
    sections = (
        (_("To decide"), waiting.to_decide), (_("To direct to another agency (VI.l)"), waiting.to_direct),
        (_("To run and answer"), waiting.to_run), (_("In the hands of others"), others),
        (_("Closed last"), closed),
    )  # fmt: skip
    context = {
        "sections": [(title, [_row(each) for each in found]) for title, found in sections if found],
        "page": page,
        "now": by.at,
    }
    return render(request, "search_requests/queue.html", context)


@require_safe
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show a request with every step taken on it, and what can be done next; the look is logged first."""
    return _page(request, footing_of(request), _request(request_id))


@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, request_id: int) -> HttpResponse:
    """Run an approved search: the query's form, filled in with what was approved."""
    by, found = footing_of(request), _request(request_id)
    facts = lookups.facts_of(found, person=by.person)
    by.demand(
        rules.may_run_request(by.authority, by.policy, facts, by.today, at=by.at),
        attempted=Action.SEARCH_REQUEST_STEP,
        subject=request_searches.subject_of(found),
    )
    form = SearchForm(request.POST or None, initial=_prefilled(found), zone=by.policy.zone.key)
    for name in ("requestor", "requestor_agency", "case_number", *(("plate",) if found.plate else ())):
        form.fields[name].disabled = True  # as it was approved
    if request.method == "POST" and form.is_valid():
        question = form.question()
        return in_bulk(_run, asked=question)(request, found, form, question)
    return render(request, "search_requests/run.html", {"asked": found, "form": form})


def _run(request: HttpRequest, found: SearchRequest, form: SearchForm, question: Question) -> HttpResponse:
    by = footing_of(request)
    try:
        entry = request_searches.run(by, found, question).entry
    except RefusedAction as refused:
        facts = lookups.facts_of(found, person=by.person)
        may = bool(rules.may_run_request(by.authority, by.policy, facts, by.today, at=by.at))
        context = {"asked": found, "form": form, "refusal": mendable(refused, may=may)}
        return render(request, "search_requests/run.html", context, status=403)
    except SearchTooWide as stopped:
        context = {"asked": found, "form": form, "stopped": str(stopped)}
        return render(request, "search_requests/run.html", context, status=503)
    return redirect("query_asked" if entry.state == QueryLogEntry.State.WAITING else "query", entry.pk)


@require_POST
@step_up
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Record the answer, and keep the search and the request in the case file."""
    by, found, form = footing_of(request), _request(request_id), AnswerForm(request.POST, auto_id="answer-%s")
    if not form.is_valid():
        return _page(request, by, found, answer=form)
    told = form.cleaned_data | {"how": SearchStep.How(form.cleaned_data["how"])}
    answer_request(by, found, **told)
    messages.success(request, _("Answered. The search and the request are kept in the case file."))
    return redirect("search_request", request_id)


@require_POST
@step_up_to("approve")
def step(request: HttpRequest, request_id: int, what: str) -> HttpResponse:
    """Take one step on a request."""
    by, found, words = footing_of(request), _request(request_id), request.POST.get("words", "")
    match what:
        case "approve":
            request_searches.approve(by, found, words=words)
        case "refuse":
            form = RefuseForm(request.POST)
            if form.is_valid():
                request_searches.refuse(by, found, why=form.cleaned_data["words"], under=form.cleaned_data["clause"])
            else:
                messages.error(request, _("Say why it is refused, in up to 400 characters, and under which clause."))
        case "direct":
            request_searches.direct(by, found, words=words)
        case "withdraw":
            request_searches.withdraw(by, found, words=words)
        case _:
            raise Http404
    return redirect("search_request", request_id)


def _page(request: HttpRequest, by: Footing, found: SearchRequest, *, answer: AnswerForm | None = None) -> HttpResponse:
    facts = request_searches.view_request(by, found)
    who, policy, today = by.authority, by.policy, by.today
    runs = lookups.runs_of(found)
    recipient = f"{found.name}, {found.outside}" if found.outside else found.name
    context = {
        **_row(found),
        "facts": facts,
        "now": by.at,
        "lprs": lprs().filter(pk__in=found.lprs),
        "decides": bool(rules.may_decide(who, policy, facts)),
        "may_approve": rules.may_approve(who, policy, facts, at=by.at),
        "directs": bool(rules.may_direct(who, policy, facts)),
        "may_run": bool(rules.may_run_request(who, policy, facts, today, at=by.at)),
        "answers": facts.ran and not facts.closed,
        "withdraws": bool(rules.may_withdraw(who, facts)),
        "sees_queue": bool(rules.may_see_queue(who, policy, today)),
        "sees_log": bool(may_view_query_log(by)),
        "own_run": next((run.pk for run in reversed(runs) if run.by_id == by.person.pk), None),
        "refuse": RefuseForm(auto_id="refuse-%s"),
        "answer": answer
        or AnswerForm(auto_id="answer-%s", initial={"case": found.case_number, "recipients": recipient}),
    }
    return render(request, "search_requests/request.html", context)


def _request(request_id: int) -> SearchRequest:
    return get_object_or_404(lookups.search_requests(), pk=request_id)


def _may_see(by: Footing, found: SearchRequest) -> bool:
    return bool(rules.may_see(by.authority, by.policy, lookups.facts_of(found, person=by.person), by.today))


def _row(found: SearchRequest) -> dict[str, Any]:
    steps = list(found.steps.all())
    return {"asked": found, "steps": steps, "last": steps[-1] if steps else None}


def _prefilled(found: SearchRequest) -> dict[str, Any]:
    names = ("plate", "since", "until", "lprs", "purpose", "offense", "case_number", "justification")
    return {name: getattr(found, name) for name in names} | {
        "requestor": found.name, "requestor_agency": found.agency_name,
    }  # fmt: skip


urlpatterns: list[URLPattern] = [
    path("", own, name="search_requests"),
    path("new/", new, name="search_request_new"),
    path("queue/", queue, name="search_queue"),
    path("<int:request_id>/", one, name="search_request"),
    path("<int:request_id>/run/", run, name="search_request_run"),
    path("<int:request_id>/answer/", answer, name="search_request_answer"),
    path("<int:request_id>/<slug:what>/", step, name="search_request_step"),
]
