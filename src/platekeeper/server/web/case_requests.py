"""Requests for records: discovery, subpoenas, and the public's (VI.h, IV.e)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.requests import may_step, usual_answer
from platekeeper.server.casefiles import lookups
from platekeeper.server.casefiles.models import RecordsRequest, RequestStep
from platekeeper.server.procedures import answer_requests
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.keep_cases import may_open
from platekeeper.server.web.cases import download_packet
from platekeeper.server.web.forms.cases import AnswerForm, CorrectDayForm, ExtendForm, ReopenForm, RequestForm
from platekeeper.server.web.forms.grounds import GroundForm, ground_of, lacks_a_ground
from platekeeper.server.web.screens import footing_of, page_of, step_up

_ANSWERED_SHOWN = 30


@require_http_methods(["GET", "HEAD", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """List what waits for an answer, the one due first first, and what was answered last; record a request."""
    by = footing_of(request)
    usual = {"received_on": by.today, "due_on": usual_answer(by.today)}
    form = RequestForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        recorded = answer_requests.record_request(by, **form.cleaned_data)
        return redirect("records_request", recorded.pk)
    answer_requests.view_requests(by)
    page = page_of(request, lookups.answered(), _ANSWERED_SHOWN)
    context = {
        "waiting": _rows(by, lookups.waiting()), "answered": _rows(by, page), "page": page, "form": form, "today": by.today,
        "answers": bool(answer_requests.may_answer_requests(by)),
    }  # fmt: skip
    return render(request, "cases/requests.html", context)


@require_safe
def records_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show a request with every step taken on it, and what can be done next."""
    by, found = footing_of(request), get_object_or_404(lookups.requests(), pk=request_id)
    answer_requests.view_requests(by, request=found)
    return render(request, "cases/request.html", _shown(by, found))


def _shown(by: Footing, found: RecordsRequest) -> dict[str, Any]:
    facts, answers = lookups.request_facts(found), bool(answer_requests.may_answer_requests(by))
    return {
        "row": _row(found),
        "facts": facts,
        "works": answers and bool(may_step(facts)),
        "reopens": answers and facts.answered and (found.case is None or found.case.ended_at is None),
        "today": by.today,
        "extend": ExtendForm(),
        "correct": CorrectDayForm(auto_id="correct-%s"),
        "reopen": ReopenForm(),
        "answer": AnswerForm(),
        "ground": GroundForm(auto_id="packet-%s"),
    }


@require_POST
def step(request: HttpRequest, request_id: int, what: str) -> HttpResponse:
    """Take one step on a request."""
    by, found = footing_of(request), get_object_or_404(lookups.requests(), pk=request_id)
    match what:
        case "acknowledge":
            answer_requests.acknowledge(by, found, words=request.POST.get("words", ""))
        case "extend" | "correct-day":
            day = (ExtendForm if what == "extend" else CorrectDayForm)(request.POST)
            if not day.is_valid():
                messages.error(request, _("Give the new day, such as 2026-03-01, and say why."))
            else:
                act = answer_requests.extend if what == "extend" else answer_requests.correct_day
                act(by, found, **day.cleaned_data)
        case "reopen":
            answer_requests.reopen(by, found, why=request.POST.get("why", ""))
        case "answer":
            form = AnswerForm(request.POST)
            if not form.is_valid():
                messages.error(request, _("Choose an answer, and keep its words under 400 characters."))
            else:
                kind = RequestStep.Kind(form.cleaned_data["kind"])
                answer_requests.answer(by, found, kind=kind, words=form.cleaned_data["words"])
        case _:
            raise Http404
    return redirect("records_request", request_id)


@require_POST
@step_up
def packet(request: HttpRequest, request_id: int) -> HttpResponseBase:
    """Hand over the packet of the request's case, and record that; for want of a ground its form says what to choose."""
    by, found = footing_of(request), get_object_or_404(lookups.requests(), pk=request_id)
    try:
        packed = answer_requests.hand_over(by, found, **ground_of(request.POST))
    except RefusedAction as refused:
        if not lacks_a_ground(refused.refusal):
            raise
        answer_requests.view_requests(by, request=found)
        ground = GroundForm(request.POST, auto_id="packet-%s")
        ground.add_error(None, refused.refusal.reason)
        return render(request, "cases/request.html", _shown(by, found) | {"ground": ground}, status=403)
    return download_packet(packed, name=f"request-{found.pk}")


def _rows(by: Footing, found: Iterable[RecordsRequest]) -> list[dict[str, Any]]:
    """Leave out the requests for the records of sealed cases, which are their keeper's alone."""
    return [_row(each) for each in found if each.case is None or may_open(by, each.case)]


def _row(found: RecordsRequest) -> dict[str, Any]:
    facts = lookups.request_facts(found)
    return {"request": found, "facts": facts, "steps": list(found.steps.all())}


urlpatterns: list[URLPattern] = [
    path("", requests, name="records_requests"),
    path("<int:request_id>/", records_request, name="records_request"),
    path("<int:request_id>/packet/", packet, name="request_packet"),
    path("<int:request_id>/<slug:what>/", step, name="request_step"),
]
