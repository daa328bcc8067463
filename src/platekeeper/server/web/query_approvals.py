"""Searches that need a second person (VIII.b): what whoever asked sees, the queue, and the list of known numbers (VIII.c)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.case_numbers import LARGEST, CaseNumbersError
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.inquiries import APPROVAL_HOLDS, APPROVERS, REVIEWED_WITHIN, may_run_approved
from platekeeper.core.rules.reasons import flag_title
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.approve_queries import decide as decide_on
from platekeeper.server.procedures.approve_queries import view_queue
from platekeeper.server.procedures.ask_partners import run_approved_across
from platekeeper.server.procedures.investigate import investigate_approved
from platekeeper.server.procedures.list_cases import DUTY, list_cases
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.querylog.requests import wished
from platekeeper.server.web.forms.approvals import CaseNumbersForm, DecisionForm
from platekeeper.server.web.screens import footing_of, step_up


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as a second person sees it."""

    approval: Approval
    entry: QueryLogEntry
    since: datetime
    until: datetime
    lprs: list[str]
    flags: list[str]
    is_own: bool
    overdue: bool


@require_safe
def asked(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show whoever asked how far their search is: waiting, approved, or not."""
    by = footing_of(request)
    entry = get_object_or_404(lookups.own(by.person).filter(approval__isnull=False), pk=entry_id)
    [shown] = _shown([entry.approval], by.person, at=by.at)
    decided_at = entry.approval.decided_at
    until = decided_at + APPROVAL_HOLDS if decided_at is not None else None
    context = {
        "asked": shown,
        "until": until,
        "runs": None if decided_at is None else may_run_approved(decided_at, corrected_at=entry.corrected_at, at=by.at),
        "approvers": ", ".join(sorted(by.policy.positions(APPROVERS))),
    }
    return render(request, "queries/asked.html", context)


@require_POST
def run(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Run one's own search or investigation once it is approved."""
    by = footing_of(request)
    entry = get_object_or_404(lookups.own(by.person), pk=entry_id)
    by_tool = bool(entry.terms.get("tool"))
    try:
        (investigate_approved if by_tool else run_approved_across)(by, entry_id)
    except QueryLogEntry.DoesNotExist as missing:
        raise Http404 from missing
    return redirect("investigation" if by_tool else "query", entry_id)


@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second person, the oldest first; the view is logged before it is shown."""
    by = footing_of(request)
    view_queue(by)
    context = {kind.value: _shown(lookups.waiting(kind), by.person, at=by.at) for kind in Approval.Kind}
    return render(request, "queries/approvals.html", context)


@require_POST
@step_up
def decide(request: HttpRequest, approval_id: int) -> HttpResponse:
    """Approve a search or not; or say whether an exigent one was."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        decide_on(footing_of(request), approval_id, **form.cleaned_data, number=request.POST.get("number"))
    except Approval.DoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, _("It is decided, and whoever asked sees it."))
    return redirect("query_approvals")


@require_http_methods(["GET", "HEAD", "POST"])
def case_numbers(request: HttpRequest) -> HttpResponse:
    """Take the department's list of case and call numbers, and say how old it is."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, DUTY), attempted=Action.CASE_NUMBERS_LISTED)
    form = CaseNumbersForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read(LARGEST + 1)
        try:
            count = list_cases(by, content, replace=form.cleaned_data["how"] == "replace")
        except CaseNumbersError as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("Numbers in the file: %(count)s.") % {"count": f"{count:,}"})
            return redirect("case_numbers")
    count, listed_at = lookups.known_cases()
    return render(request, "queries/case_numbers.html", {"form": form, "count": count, "listed_at": listed_at})


def _shown(found: Iterable[Approval], person: Person, *, at: datetime) -> list[Asked]:
    approvals, names = list(found), dict(lprs().values_list("pk", "name"))
    asked_for = wished(person, [each.entry_id for each in approvals])
    return [
        Asked(
            approval,
            entry,
            since=datetime.fromisoformat(entry.terms["since"]),
            until=datetime.fromisoformat(entry.terms["until"]),
            lprs=[names.get(lpr, str(lpr)) for lpr in entry.terms["lprs"]],
            flags=[flag_title(flag) for flag in entry.flags],
            is_own=entry.by_id == person.pk or entry.pk in asked_for,
            overdue=approval.kind == Approval.Kind.AFTER and at - approval.asked_at > REVIEWED_WITHIN,
        )
        for approval in approvals
        for entry in (approval.entry,)
    ]


urlpatterns: list[URLPattern] = [
    path("approvals/", approvals, name="query_approvals"),
    path("approvals/<int:approval_id>/decide/", decide, name="query_decide"),
    path("case-numbers/", case_numbers, name="case_numbers"),
    path("<int:entry_id>/asked/", asked, name="query_asked"),
    path("<int:entry_id>/run/", run, name="query_run"),
]
