"""Special details and mutual aid: asked for, authorized, worked and reported (V.d, V.e)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.clauses import Clause
from platekeeper.core.rules import deployments as rules
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.mutual_aid import may_answer, may_take_back
from platekeeper.server.deployments import lookups
from platekeeper.server.deployments.models import Deployment, Perimeter
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import deploy_lprs, lend_lprs
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.report_deployments import NUMBERS, counted, report
from platekeeper.server.web.forms.deployments import AidForm, DetailForm, ReportForm
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of, mendable, number_of, page_of, step_up_to

_SHOWN = 50
_STEPS: dict[str, Callable[..., None]] = {
    "authorize": deploy_lprs.authorize,
    "refuse": deploy_lprs.refuse,
    "cancel": deploy_lprs.cancel,
    "end": deploy_lprs.end,
    "grant": lend_lprs.grant,
    "decline": lend_lprs.decline,
}


@require_safe
def deployments(request: HttpRequest) -> HttpResponse:
    """List what waits for a decision or a report, and the details and mutual aid that concern this person."""
    by = footing_of(request)
    by.demand(deploy_lprs.may_see_deployments(by), attempted=Action.DEPLOYMENT_VIEWED)
    found = deploy_lprs.seen_by(by)
    waiting, unreported = deploy_lprs.waiting(by), deploy_lprs.to_report(by)
    named = {each.pk for each in (*waiting, *unreported)}
    page = page_of(request, found.exclude(pk__in=named), _SHOWN)
    running = [each for each in page if each.since <= by.at < each.until]
    sections = (
        (_("To decide"), waiting),
        (_("To report"), unreported),
        (_("Now"), running),
        (_("Before and after"), [each for each in page if each not in running]),
    )
    context = {
        "page": page,
        "sections": [(title, [_row(by, each) for each in each_found]) for title, each_found in sections if each_found],
        "asks": bool(rules.may_ask(by.authority, by.policy, rules.Kind.OTHER)),
    }
    return render(request, "deployments/deployments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a special detail; whom the policy names authorizes it."""
    return _ask(request, DetailForm, "deployments/new.html")


@require_http_methods(["GET", "HEAD", "POST"])
def new_aid(request: HttpRequest) -> HttpResponse:
    """Enter a request for mutual aid, of another agency or to one; it goes through whom the policy names."""
    return _ask(request, AidForm, "deployments/new_aid.html")


def _ask(request: HttpRequest, kind: type[DetailForm], template: str) -> HttpResponse:
    by = footing_of(request)
    of_kind = rules.Kind.AID_GIVEN if kind is AidForm else rules.Kind.OTHER
    by.demand(rules.may_ask(by.authority, by.policy, of_kind), attempted=Action.DEPLOYMENT_ASKED)
    begins = timezone.localtime(by.at).replace(minute=0)
    form, refusal = kind(request.POST or None, initial={"since": begins, "in_charge": by.person.pk}), None
    if request.method == "POST" and form.is_valid():
        try:
            asked = deploy_lprs.ask(by, form.asked(), **form.more())
        except RefusedAction as refused:
            refusal = mendable(refused)
        else:
            messages.success(request, _("It waits for authorization."))
            return redirect("deployment", asked.pk)
    context = {"form": form, "refusal": refusal, "map": map_of(LPR.objects.all())}
    return render(request, template, context, status=200 if refusal is None else 403)


@require_safe
def one(request: HttpRequest, deployment_id: int) -> HttpResponse:
    """Show a deployment with every step, and what can be done next; the look is logged first."""
    return _page(request, footing_of(request), _deployment(deployment_id))


@require_POST
@step_up_to("authorize")
def step(request: HttpRequest, deployment_id: int, what: str) -> HttpResponse:
    """Authorize, refuse, take back or end a deployment."""
    if what not in _STEPS:
        raise Http404
    _STEPS[what](footing_of(request), _deployment(deployment_id), words=request.POST.get("words", ""))
    return redirect("deployment", deployment_id)


@require_POST
def use(request: HttpRequest, deployment_id: int) -> HttpResponse:
    """Take an LPR to a deployment."""
    lpr = _lpr(request)
    deploy_lprs.begin_use(footing_of(request), _deployment(deployment_id), lpr=lpr)
    messages.success(request, _("%(name)s is in use on this deployment.") % {"name": lpr.name})
    return redirect("deployment", deployment_id)


@require_POST
def bring_back(request: HttpRequest, deployment_id: int, use_id: int) -> HttpResponse:
    """Bring an LPR back."""
    found = get_object_or_404(_deployment(deployment_id).uses, pk=use_id)
    deploy_lprs.end_use(footing_of(request), found)
    messages.success(request, _("%(name)s is back.") % {"name": found.lpr.name})
    return redirect("deployment", deployment_id)


@require_POST
def lend(request: HttpRequest, deployment_id: int) -> HttpResponse:
    """Hand an LPR over to another agency."""
    lpr, said = _lpr(request), request.POST
    loan = lend_lprs.lend(
        footing_of(request), _deployment(deployment_id), lpr=lpr, receiver=said.get("name", ""),
        state=said.get("state", ""),
    )  # fmt: skip
    messages.success(request, _("%(name)s is lent. Print this page as the receipt.") % {"name": loan.lpr.name})
    return redirect("deployment", deployment_id)


@require_POST
def take_back(request: HttpRequest, deployment_id: int, loan_id: int) -> HttpResponse:
    """Take a lent LPR back."""
    loan, said = get_object_or_404(_deployment(deployment_id).loans, pk=loan_id), request.POST
    lend_lprs.take_back(footing_of(request), loan, giver=said.get("name", ""), state=said.get("state", ""))
    messages.success(request, _("%(name)s is back.") % {"name": loan.lpr.name})
    return redirect("deployment", deployment_id)


@require_POST
def after_action(request: HttpRequest, deployment_id: int) -> HttpResponse:
    """Make the after-action report."""
    by, found, form = footing_of(request), _deployment(deployment_id), ReportForm(request.POST, auto_id="report-%s")
    if not form.is_valid():
        return _page(request, by, found, form=form)
    report(by, found, numbers=form.numbers(), words=form.cleaned_data["words"])
    messages.success(request, _("The after-action report is made."))
    return redirect("deployment", deployment_id)


def _page(request: HttpRequest, by: Footing, found: Deployment, *, form: ReportForm | None = None) -> HttpResponse:
    facts = deploy_lprs.view(by, found)
    who, policy = by.authority, by.policy
    kept = found.perimeters.select_related("by").first()
    reports = bool(rules.may_report(who, facts, at=by.at, numbers={}, words="x"))
    numbers = counted(found, at=by.at) if facts.used and not facts.reported else {}
    context: dict[str, Any] = {
        **_row(by, found),
        "facts": facts,
        "use": _uses(by, found, facts),
        "decides": bool(rules.may_decide(who, policy, facts)),
        "may_authorize": rules.may_authorize(who, policy, facts, at=by.at),
        "cancels": bool(rules.may_cancel(who, facts, why="x")),
        "answers": bool(may_answer(who, policy, facts, words="x")),
        "takes_back": bool(may_take_back(who, policy, facts, giver="x")),
        "ends": bool(rules.may_end(who, policy, facts, why="x")),
        "counted": numbers,
        "report": (form or ReportForm(auto_id="report-%s", initial=numbers or dict.fromkeys(NUMBERS, 0)))
        if reports
        else None,
        "posts": kept.posts if kept else [],
        "kept": kept,
        "places": bool(rules.may_place(who, policy, facts)),
        "map": _map(found, kept),
    }
    return render(request, "deployments/deployment.html", context)


def _map(found: Deployment, kept: Perimeter | None) -> dict[str, Any]:
    """Return the map of a deployment: its posts and their roads where some were kept, else its LPRs."""
    drawn = map_of(found.lprs.all())
    if kept is None:
        return drawn
    points, lines = [], []
    for number, post in enumerate(kept.posts, start=1):
        (latitude, longitude), is_open = post["place"], len(post["lprs"]) < post["need"]
        points.append(
            {"lat": latitude, "lng": longitude, "label": f"{number}", "target": f"post-{number}", "open": is_open}
        )
        lines.append({"line": post["line"], "open": is_open})
    return drawn | {"points": points, "lines": lines}


def _uses(by: Footing, found: Deployment, facts: rules.DeploymentFacts) -> list[dict[str, Any]]:
    """Return each LPR of a deployment with its open use, and whether this person may take it along or bring it back."""
    running = {each.lpr_id: each for each in found.uses.all() if each.ended_at is None}
    rows = []
    for lpr in found.lprs.all():
        taken = running.get(lpr.pk)
        is_user = taken is not None and taken.member_id == by.person.pk
        may = deploy_lprs.judge_use(by, found, lpr) if facts.takes_part and not taken else None
        rows.append({
            "lpr": lpr,
            "taken": taken,
            "lends": bool(lend_lprs.judge_loan(by, found, lpr, receiver="x")),
            "may": may,
            "tour_first": isinstance(may, Refused) and may.clause is Clause.VII_h,
            "brings": taken and bool(rules.may_bring_back(by.authority, by.policy, facts, is_user=is_user)),
        })  # fmt: skip
    return rows


def _row(by: Footing, found: Deployment) -> dict[str, Any]:
    steps = list(found.steps.all())
    return {
        "each": found,
        "steps": steps,
        "last": steps[-1] if steps else None,
        "over": found.until <= by.at,
        "now": found.since <= by.at < found.until,
        "decider": ", ".join(sorted(by.policy.positions(found.rule_kind.decider))),
        "lent": [loan for loan in found.loans.all() if loan.returned_at is None],
        "out": deploy_lprs.out_of(found),
    }


def _lpr(request: HttpRequest) -> LPR:
    return get_object_or_404(LPR, pk=number_of(request.POST.get("lpr", "")) or 0)


def _deployment(deployment_id: int) -> Deployment:
    return get_object_or_404(lookups.deployments(), pk=deployment_id)


urlpatterns: list[URLPattern] = [
    path("", deployments, name="deployments"),
    path("new/", new, name="deployment_new"),
    path("mutual-aid/new/", new_aid, name="mutual_aid_new"),
    path("<int:deployment_id>/", one, name="deployment"),
    path("<int:deployment_id>/use/", use, name="deployment_use"),
    path("<int:deployment_id>/use/<int:use_id>/end/", bring_back, name="deployment_use_end"),
    path("<int:deployment_id>/lend/", lend, name="deployment_lend"),
    path("<int:deployment_id>/loans/<int:loan_id>/back/", take_back, name="deployment_back"),
    path("<int:deployment_id>/report/", after_action, name="deployment_report"),
    path("<int:deployment_id>/step/<slug:what>/", step, name="deployment_step"),
]
