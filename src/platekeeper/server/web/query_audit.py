"""The Query Log under review (VI.e): the queue, an entry with its reasons and what stands around it, findings, surveys."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_any_duty
from platekeeper.core.rules.audits import DONE, ENDING, ENDS, OVERDUE, Step, may_audit, may_see_findings, next_steps
from platekeeper.core.rules.query_audit import HIGH
from platekeeper.core.rules.reasons import flag_title
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.models import AuditItem, AuditRound, AuditStep
from platekeeper.server.procedures.audit_queries import draw_survey, take_step, view_item
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.forms.query_log import StepForm, SurveyForm
from platekeeper.server.web.screens import footing_of, page_of

_SHOWN = 200
_LONGEST = 2000


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show what waits for a reviewer, the weightiest first, without what was searched for; and the rounds."""
    by = _auditing(request)
    waiting = audits.to_review()
    context = {
        "page": page_of(request, waiting.exclude(audits.of(by.person)), _SHOWN),
        "count": waiting.count(),
        "own": waiting.filter(audits.of(by.person)).count(),
        "overdue_since": by.at - OVERDUE,
        "rounds": audits.rounds(),
        "findings": audits.findings().filter(last=Step.MISUSE).count(),
        "survey": SurveyForm(),
        "high": HIGH,
    }
    return render(request, "audit/queries.html", context)


@require_safe
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Show an entry under review with its reasons and what its member searched around it; the look is logged first."""
    by, found = footing_of(request), _item(item_id)
    facts = view_item(by, found)
    of_member, of_plate = audits.around(found.entry)
    names = dict(lprs().values_list("pk", "name"))
    context = {
        "item": found,
        "entry": found.entry,
        "lprs": [names.get(each, each) for each in found.entry.terms.get("lprs", ())],
        "flags": [flag_title(flag) for flag in found.entry.flags],
        "steps": found.steps.select_related("by"),
        "of_member": of_member,
        "of_plate": of_plate,
        "other_reviews": audits.items().filter(entry=found.entry).exclude(pk=found.pk),
        "offered": [
            (step, _LABELS[step]) for step in sorted(next_steps(by.authority, by.policy, facts), key=_is_no_end)
        ],
        "form": StepForm(),
        "done": audits.is_done(facts.last),
        "audits": bool(may_audit(by.authority, by.policy)),
    }
    return render(request, "audit/query.html", context)


@require_POST
def step(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take one step on an entry under review."""
    by, found = footing_of(request), _item(item_id)
    try:
        chosen = Step(request.POST.get("step", ""))
    except ValueError as unknown:
        raise Http404 from unknown
    take_step(by, found, chosen, words=request.POST.get("words", "")[:_LONGEST])
    if chosen is Step.ANSWERED:
        messages.success(request, _("Your explanation is with the reviewers."))
        return redirect("home")
    messages.success(request, _("Recorded."))
    return redirect("query_audit_findings" if chosen in ENDS else "query_audit")


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """List what was found to be misuse, to who ends it and to the auditors."""
    by = footing_of(request)
    by.demand(may_see_findings(by.authority, by.policy), attempted=Action.QUERY_AUDIT_VIEWED)
    context = {
        "page": page_of(request, audits.findings().exclude(audits.of(by.person)), _SHOWN),
        "ends": bool(has_any_duty(by.authority, by.policy, *ENDING)),
    }
    return render(request, "audit/findings.html", context)


@require_safe
def audit_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """Show what a round came to, and how it was drawn: for the annual review to cite, and for anybody to draw it again."""
    by = footing_of(request)
    by.demand(may_see_findings(by.authority, by.policy), attempted=Action.QUERY_AUDIT_VIEWED)
    drawn = get_object_or_404(audits.rounds(), pk=round_id)
    counts = audits.outcomes(drawn)
    labels = {"": _("nobody has looked yet"), **dict(AuditStep.Kind.choices)}
    context = {
        "round": drawn,
        "outcomes": [(labels[kind], count) for kind, count in counts.items()],
        "misused": audits.misused(drawn),
        "total": sum(counts.values()),
        "page": page_of(request, audits.items().filter(round=drawn).exclude(audits.of(by.person)), _SHOWN),
        "audits": bool(may_audit(by.authority, by.policy)),
        "is_survey": drawn.kind == AuditRound.Kind.SURVEY,
    }
    return render(request, "audit/round.html", context)


@require_POST
def survey(request: HttpRequest) -> HttpResponse:
    """Draw a random survey of the year's queries."""
    by = footing_of(request)
    by.demand(may_audit(by.authority, by.policy), attempted=Action.QUERY_AUDIT_DRAWN)
    form = SurveyForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say how many entries to draw."))
        return redirect("query_audit")
    return redirect("query_audit_round", draw_survey(by, size=form.cleaned_data["size"]).pk)


def _auditing(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(may_audit(by.authority, by.policy), attempted=Action.QUERY_AUDIT_VIEWED)
    return by


def _item(item_id: int) -> AuditItem:
    found: AuditItem = get_object_or_404(audits.items(), pk=item_id)
    return found


def _is_no_end(step: Step) -> bool:
    """Put what ends a review before what goes on with it: it is the first button."""
    return step not in DONE


_LABELS = {
    Step.FINE: gettext_lazy("Fine"),
    Step.ASKED: gettext_lazy("Ask the member to explain"),
    Step.ANSWERED: gettext_lazy("Explain"),
    Step.MISUSE: gettext_lazy("Misuse"),
    Step.CLOSED: gettext_lazy("Accept the explanation"),
    Step.ENDED: gettext_lazy("End the finding"),
    Step.UNFOUNDED: gettext_lazy("It was no misuse"),
}

urlpatterns: list[URLPattern] = [
    path("", queue, name="query_audit"),
    path("findings/", findings, name="query_audit_findings"),
    path("survey/", survey, name="query_audit_survey"),
    path("rounds/<int:round_id>/", audit_round, name="query_audit_round"),
    path("<int:item_id>/", item, name="query_audit_item"),
    path("<int:item_id>/step/", step, name="query_audit_step"),
]
