"""Violations of the policy, from what was found to how it ended (VI.e)."""

from __future__ import annotations

from typing import TypeVar

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.violations import Step, may_see_violations, next_steps
from platekeeper.server.ledger.actions import Action
from platekeeper.server.oversight import violations
from platekeeper.server.oversight.models import AuditItem, Complaint, Violation, ViolationStep
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures import handle_violations
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.forms.clauses import ClauseForm
from platekeeper.server.web.screens import footing_of, number_of, page_of

T = TypeVar("T", AuditItem, Complaint)
_SHOWN, _LONGEST = 200, 4000


class ViolationForm(ClauseForm):
    """What is said to have happened."""

    what = forms.CharField(label=_("What happened"), max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 5}))
    about = forms.ModelChoiceField(Person.objects.order_by("name"), label=_("Whom it is about"), required=False)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the violations: which clause, how far each is, and no names."""
    by = footing_of(request)
    by.demand(may_see_violations(by.authority, by.policy), attempted=Action.VIOLATION_VIEWED)
    page = page_of(request, violations.violations(), _SHOWN)
    rows = [(each, list(each.steps.all())[-1]) for each in page]
    return render(request, "violations/violations.html", {"rows": rows, "page": page, "today": by.today})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Open a violation, from a finding or a complaint if one is named."""
    by = footing_of(request)
    by.demand(may_see_violations(by.authority, by.policy), attempted=Action.VIOLATION_OPENED)
    item = _named(request, "item", AuditItem)
    complaint = _named(request, "complaint", Complaint)
    by.demand(handle_violations.may_open_from(by, item=item, complaint=complaint), attempted=Action.VIOLATION_OPENED)
    known = {
        "clause": "VI.f" if item else "",
        "about": item.entry.by_id if item else complaint.about_id if complaint else None,
    }
    form = ViolationForm(request.POST or None, initial=known, policy=by.policy, required=True)
    if request.method == "POST" and form.is_valid():
        opened = handle_violations.open_violation(by, **form.cleaned_data, item=item, complaint=complaint)
        return redirect("violations") if _is_own(by, opened) else redirect("violation", opened.pk)
    return render(request, "violations/new.html", {"form": form, "item": item, "complaint": complaint})


@require_safe
def violation(request: HttpRequest, violation_id: int) -> HttpResponse:
    """Show a violation and every step taken; the look is logged first."""
    by, found = footing_of(request), get_object_or_404(violations.violations(), pk=violation_id)
    facts = handle_violations.view_violation(by, found)
    labels = dict(ViolationStep.Kind.choices)
    context = {
        "violation": found,
        "facts": facts,
        "steps": found.steps.all(),
        "offered": [(step.value, labels[step.value]) for step in next_steps(by.authority, by.policy, facts)],
        "outcomes": ViolationStep.Outcome.choices,
        "today": by.today,
    }
    return render(request, "violations/violation.html", context)


@require_POST
def step(request: HttpRequest, violation_id: int) -> HttpResponse:
    """Take one step."""
    by, found = footing_of(request), get_object_or_404(violations.violations(), pk=violation_id)
    try:
        chosen = Step(request.POST.get("step", ""))
    except ValueError as unknown:
        raise Http404 from unknown
    words = request.POST.get("words", "")[:_LONGEST]
    handle_violations.take_step(by, found, chosen, words=words, outcome=request.POST.get("outcome", ""))
    return redirect("violation", violation_id)


def _named(request: HttpRequest, name: str, model: type[T]) -> T | None:
    number = number_of(request.GET.get(name, ""))
    return None if number is None else get_object_or_404(model, pk=number)


def _is_own(by: Footing, opened: Violation) -> bool:
    return violations.facts_of(opened, person=by.person).is_own


urlpatterns: list[URLPattern] = [
    path("", listed, name="violations"),
    path("new/", new, name="violation_new"),
    path("<int:violation_id>/", violation, name="violation"),
    path("<int:violation_id>/step/", step, name="violation_step"),
]
