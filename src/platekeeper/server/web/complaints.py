"""Complaints of people who were stopped (VII.e): what is said, whom the entry reached, and what corrects it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.alerts import may_cancel_entry
from platekeeper.core.rules.complaints import (
    ComplaintFacts,
    Finding,
    may_close,
    may_correct,
    may_handle,
    may_lift,
    may_see_complainant,
    may_see_complaint,
)
from platekeeper.core.rules.decision import Allowed, Decision, first_refusal
from platekeeper.server.hits.lookups import hits
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.actions import Action
from platekeeper.server.oversight import lookups
from platekeeper.server.oversight.models import Complaint, ComplaintStep, Correction, Notice
from platekeeper.server.oversight.trace import Reached, Trace, trace_of
from platekeeper.server.procedures import correct_entry, enter_alert, handle_complaints
from platekeeper.server.procedures.answer_hit import may_see_hit
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.web.forms.complaints import (
    AnswerForm,
    AssignForm,
    ComplaintForm,
    CorrectForm,
    FindingForm,
    HitSearchForm,
    LiftForm,
)
from platekeeper.server.web.screens import footing_of, mendable, page_of, step_up

_SHOWN = 200
_FINDING, _ANSWER, _CORRECT = "finding-%s", "answer-%s", "correct-%s"
_SUPPRESSED_FOR = timedelta(days=14)
"""What the form proposes: time for a source to correct its list."""
_LISTED = {"people": 50, "answers": 20, "deliveries": 20, "cases": 20, "events": 100}
"""How much of each list of what an entry did stands on a page."""
_HITS_SHOWN = 20
"""So many hits are named beside each person."""


@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """List the complaints: how far each is, and no names."""
    by = footing_of(request)
    by.demand(handle_complaints.may_see_complaints(by), attempted=Action.COMPLAINT_VIEWED)
    page = page_of(request, lookups.complaints(), _SHOWN)
    rows = [(each, list(each.steps.all())) for each in page]
    context = {"rows": rows, "page": page, "takes": bool(handle_complaints.may_take_complaints(by))}
    return render(request, "complaints/complaints.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a complaint."""
    by = footing_of(request)
    by.demand(handle_complaints.may_take_complaints(by), attempted=Action.COMPLAINT_RECEIVED)
    form = ComplaintForm(request.POST or None, initial={"received_on": by.today})
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            made = handle_complaints.receive_complaint(by, **form.cleaned_data)
        except RefusedAction as refused:
            refusal = mendable(refused)
        else:
            return _received(request, by, made)
    context = {"form": form, "refusal": refusal}
    return render(request, "complaints/new.html", context, status=200 if refusal is None else 403)


def _received(request: HttpRequest, by: Footing, made: Complaint) -> HttpResponse:
    """Lead to the complaint that was entered, or say that somebody else handles it."""
    if may_see_complaint(by.authority, by.policy, handle_complaints.facts_for(by, made)):
        return redirect("complaint", made.pk)
    messages.success(request, _("The complaint is entered. It is about your own stop, so somebody else handles it."))
    return redirect("complaints")


@require_safe
def complaint(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Show a complaint, what was done about it, and whom the entry reached; the look is logged first."""
    return _page(request, _complaint(complaint_id))


def _page(
    request: HttpRequest, found: Complaint, *, refused: RefusedAction | None = None, **written: forms.Form
) -> HttpResponse:
    """Show a complaint's page, with a form of it as it was `written`, and why it was refused."""
    by = footing_of(request)
    facts = handle_complaints.view_complaint(by, found)
    trace = trace_of(found.hit.entry_key, at=by.at) if found.hit else None
    lists = _lists(request, trace) if trace else {}
    context = {
        "complaint": found,
        "facts": facts,
        "steps": found.steps.select_related("by", "to"),
        "assignee": found.steps.filter(kind=ComplaintStep.Kind.ASSIGNED).last(),
        "sees_complainant": bool(may_see_complainant(by.authority, by.policy)),
        "sees_hit": bool(found.hit and may_see_hit(by, found.hit)),
        "trace": trace,
        "lists": lists,
        "links": _links(by, trace, lists["people"]) if trace else set(),
        "most_hits": (most_hits := sys.maxsize if "print" in request.GET else _HITS_SHOWN),
        "hits_shown": f":{most_hits}",
        "corrections": lookups.corrections_of(found),
        "now": by.at,
        **_forms(by, found, facts, trace),
        **written,
        "is_written": bool(written),
    }
    refusal = refused and mendable(refused, may=bool(context["may_correct" if "correct" in written else "handles"]))
    return render(
        request,
        "complaints/complaint.html",
        {**context, "refusal": refusal},
        status=403 if refused is not None else 200,
    )


@require_safe
def find_hit(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Look for the hit by plate and time; that it was looked for is logged first."""
    by, found = footing_of(request), _complaint(complaint_id)
    facts = handle_complaints.facts_for(by, found)
    by.demand(may_handle(by.authority, by.policy, facts), attempted=Action.COMPLAINT_HITS_SOUGHT)
    form = HitSearchForm(request.GET or None, initial={"plate": found.plate, "at": found.stopped_at})
    near = None
    if form.is_valid():
        sought = {"pattern": form.cleaned_data["plate"], "at": form.cleaned_data["at"]}
        near = handle_complaints.look_for_hits(by, found, **sought)
    return render(request, "complaints/hits.html", {"complaint": found, "form": form, "hits": near})


@require_POST
def hit(request: HttpRequest, complaint_id: int, hit_id: int) -> HttpResponse:
    """Record which hit it was."""
    concerned: Hit = get_object_or_404(hits(), pk=hit_id)
    handle_complaints.find_hit(footing_of(request), _complaint(complaint_id), concerned)
    by, found = footing_of(request), _complaint(complaint_id)
    if may_see_complaint(by.authority, by.policy, handle_complaints.facts_for(by, found)):
        return redirect("complaint", complaint_id)
    messages.warning(request, _("You made this stop yourself: somebody else handles the complaint from here."))
    return redirect("complaints")


@require_POST
def step(request: HttpRequest, complaint_id: int, what: str) -> HttpResponse:
    """Take one step on a complaint."""
    by, found = footing_of(request), _complaint(complaint_id)
    match what:
        case "assign":
            assigning = AssignForm(request.POST, offered=())
            to = assigning.cleaned_data.get("to") if assigning.is_valid() else None
            if to is None:
                messages.error(request, _("Choose to whom."))
            else:
                handle_complaints.assign(by, found, to)
        case "finding":
            finding = FindingForm(request.POST, auto_id=_FINDING)
            if not finding.is_valid():
                return _page(request, found, finding=finding)
            findings = {Finding(each) for each in finding.cleaned_data["findings"]}
            try:
                handle_complaints.record_finding(by, found, findings=findings, text=finding.cleaned_data["text"])
            except RefusedAction as refused:
                return _page(request, found, finding=finding, refused=refused)
        case "answer":
            answer = AnswerForm(request.POST, auto_id=_ANSWER)
            if not answer.is_valid():
                return _page(request, found, answer=answer)
            handle_complaints.answer(by, found, text=answer.cleaned_data["text"])
        case "close":
            handle_complaints.close(by, found)
        case _:
            raise Http404
    return redirect("complaint", complaint_id)


@require_POST
@step_up
def correct(request: HttpRequest, complaint_id: int) -> HttpResponse:
    """Correct the wrong entry, and tell everybody it reached."""
    by, found = footing_of(request), _complaint(complaint_id)
    form = CorrectForm(request.POST, auto_id=_CORRECT, suppresses=_suppresses(found, at=by.at))
    if not form.is_valid():
        return _page(request, found, correct=form)
    try:
        correct_entry.correct_entry(by, found, **{"until": None, **form.cleaned_data})
    except RefusedAction as refused:
        return _page(request, found, correct=form, refused=refused)
    messages.success(request, _("Corrected. Everybody whom the entry reached is told on their home page."))
    return redirect("complaint", complaint_id)


@require_POST
@step_up
def lift(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Let a suppressed line raise alarms again."""
    made = get_object_or_404(Correction.objects.select_related("step__complaint__hit", "suppression"), pk=correction_id)
    correct_entry.end_suppression(footing_of(request), made, why=request.POST.get("why", "")[:240])
    return redirect("complaint", made.step.complaint_id)


@require_POST
def seen(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Take a person's receipt for the notice of a correction."""
    notice = get_object_or_404(Notice.objects.select_related("correction"), pk=notice_id)
    correct_entry.see_notice(footing_of(request), notice)
    return redirect("home")


def _lists(request: HttpRequest, trace: Trace) -> dict[str, Page[Any]]:
    """Return what an entry did a page at a time, however much it was; all of it for printing."""
    every = "print" in request.GET
    found: dict[str, tuple[Any, ...]] = {name: getattr(trace, name) for name in _LISTED}
    return {
        name: page_of(request, each, max(len(each), 1) if every else _LISTED[name], name=name)
        for name, each in found.items()
    }


def _links(by: Footing, trace: Trace, people: Iterable[Reached]) -> set[int]:
    """Return which of the hits beside these people this person may open: those that raise no alarm are for few."""
    named = {number for each in people for number in each.hits}
    return {hit.pk for hit in trace.hits if hit.pk in named and may_see_hit(by, hit)}


def _complaint(complaint_id: int) -> Complaint:
    return get_object_or_404(Complaint.objects.select_related("hit__lpr", "about"), pk=complaint_id)


def _suppresses(found: Complaint, *, at: datetime) -> bool:
    """Say whether a correction now would keep a line of a list from raising alarms."""
    key = found.hit.entry_key if found.hit else ""
    return bool(key) and lookups.own_entry(key) is None and lookups.still_alarms(key, at=at)


def _forms(by: Footing, found: Complaint, facts: ComplaintFacts, trace: Trace | None) -> dict[str, Any]:
    """Return the steps that this person may take now, each with its form."""
    who, policy = by.authority, by.policy
    entry = found.hit.entry if found.hit else {}
    source = entry.get("authority") or entry.get("list") or policy.text("III.name")
    return {
        "handles": bool(may_handle(who, policy, facts)),
        "may_correct": first_refusal(may_correct(who, policy, facts), _may_cancel(by, trace)),
        "wrong_entry": Finding.WRONG_ENTRY in facts.findings,
        "may_close": may_close(who, policy, facts),
        "may_lift": bool(may_lift(who, policy, facts)),
        "assign": AssignForm(offered=handle_complaints.who_may_handle(by, found)),
        "finding": FindingForm(auto_id=_FINDING),
        "answer": AnswerForm(auto_id=_ANSWER),
        "correct": CorrectForm(
            auto_id=_CORRECT,
            suppresses=_suppresses(found, at=by.at),
            initial={"source": source, "until": by.at + _SUPPRESSED_FOR},
        ),
        "lift": LiftForm(auto_id="lift-%s"),
    }


def _may_cancel(by: Footing, trace: Trace | None) -> Decision:
    """Decide whether this person may cancel the entry behind the hit, where it is the department's own (VI.a)."""
    if trace is None or trace.own is None or not trace.still_alarms:
        return Allowed()
    return may_cancel_entry(by.authority, by.policy, enter_alert.facts_of(trace.own, by=by))


urlpatterns: list[URLPattern] = [
    path("", complaints, name="complaints"),
    path("new/", new, name="complaint_new"),
    path("<int:complaint_id>/", complaint, name="complaint"),
    path("<int:complaint_id>/hits/", find_hit, name="complaint_hits"),
    path("<int:complaint_id>/hits/<int:hit_id>/", hit, name="complaint_hit"),
    path("<int:complaint_id>/correct/", correct, name="complaint_correct"),
    path("<int:complaint_id>/<slug:what>/", step, name="complaint_step"),
    path("corrections/<int:correction_id>/lift/", lift, name="complaint_lift"),
    path("notices/<int:notice_id>/seen/", seen, name="correction_seen"),
]
