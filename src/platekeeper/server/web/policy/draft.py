"""The draft as a whole: clauses amended, put up for review, commented on, adopted."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.amendments import AmendmentError, How
from platekeeper.core.clauses import Clause
from platekeeper.core.policy import Policy, digest_of
from platekeeper.core.printed import Standing, changes, runs_of
from platekeeper.core.rules.adoption import NEEDED, hindrances
from platekeeper.core.wording import WORDING
from platekeeper.server.ledger.actions import Action
from platekeeper.server.policy import lookups
from platekeeper.server.procedures.adopt_policy import adopt, goes_with, offered
from platekeeper.server.procedures.draft_policy import (
    amend_clause,
    comment,
    discard,
    may_comment,
    may_draft,
    may_govern,
    put_up,
    take_back_amendment,
)
from platekeeper.server.procedures.sealed_account import signs_no_more
from platekeeper.server.web.forms.blanks import AmendmentForm, CommentForm
from platekeeper.server.web.policy.guide import Progress, sections_of
from platekeeper.server.web.screens import footing_of, number_of, step_up


@require_safe
def draft(request: HttpRequest) -> HttpResponse:
    """Show the draft: what it changes, what it leaves open and what that blocks, what was said of it, and its text."""
    by, held = footing_of(request), lookups.draft()
    by.demand(may_comment(by), attempted=Action.POLICY_COMMENTED)
    if held is None:
        return render(request, "policy/no_draft.html", {"drafts": bool(may_draft(by))})
    offer = lookups.as_policy(held)
    progress = Progress(held)
    facts, governs = offered(held, by), bool(may_govern(by))
    hinders = hindrances(facts)
    tracked = changes(by.policy, offer, Standing(printed_on="")) if by.policy.number else None
    context = {
        "draft": held,
        "shown": digest_of(held.values, held.amendments),
        "progress": progress,
        "needed": [blank for blank in progress.open if blank.key in NEEDED],
        "may_stay_open": [blank for blank in progress.open if blank.key not in NEEDED],
        "tracked": tracked.sections[0].paragraphs if tracked else (),
        "in_force": by.policy,
        "sections": sections_of(offer),
        "hindrances": hinders,
        "going": goes_with(facts, by) if governs and not hinders else None,
        "drafts": bool(may_draft(by)),
        "governs": governs,
        "comments": held.comments.select_related("by"),
        "comment_form": CommentForm(policy=offer),
    }
    return render(request, "policy/draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def clause(request: HttpRequest, number: str) -> HttpResponse:
    """Word a clause in the department's own way, strike it, or take that back."""
    by, held = footing_of(request), lookups.draft()
    policy = lookups.as_policy(held) if held else by.policy
    known = {each.number: each for each in Clause}
    amendment = policy.amendments.get(number)
    if number not in known and amendment is None:
        raise Http404
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject=f"clause:{number}"[:80])
    if request.method == "POST" and "take-back" in request.POST:
        take_back_amendment(by, number=number)
        messages.success(request, _("The clause stands in the draft as the model has it."))
        return redirect("policy_draft")
    adding = number not in known
    initial = {"number": number, "text": "" if adding else WORDING[known[number]]}
    if amendment is not None:
        initial |= amendment.as_data()
    form = AmendmentForm(request.POST or None, adding=adding, initial=initial)
    if _amends(request, form, number=number):
        return redirect("policy_draft")
    context = {
        "number": number,
        "title": amendment.title if amendment and adding else known[number].title,
        "amendment": amendment,
        "ours": () if adding else runs_of(WORDING[known[number]], policy),
        "form": form,
    }
    return render(request, "policy/clause.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_clause(request: HttpRequest) -> HttpResponse:
    """Add a clause of the department's own."""
    by = footing_of(request)
    by.demand(may_draft(by), attempted=Action.POLICY_DRAFTED, subject="clause")
    form = AmendmentForm(request.POST or None, adding=True)
    if _amends(request, form):
        return redirect("policy_draft")
    return render(request, "policy/clause.html", {"form": form, "title": _("Add a clause")})


def _amends(request: HttpRequest, form: AmendmentForm, *, number: str = "") -> bool:
    if request.method != "POST" or not form.is_valid():
        return False
    data = form.cleaned_data
    try:
        amend_clause(
            footing_of(request),
            number=number or data["number"],
            how=data.get("how", How.ADDED.value),
            reason=data["reason"],
            title=data.get("title", ""),
            text=data["text"],
        )
    except AmendmentError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("The draft is changed. It counts once it is adopted."))
    return True


@require_POST
def put_up_draft(request: HttpRequest) -> HttpResponse:
    """Put the draft up for review."""
    if put_up(footing_of(request), shown=request.POST.get("shown", "")):
        messages.success(request, _("The draft is up for review. Any change takes it back."))
    return redirect("policy_draft")


@require_POST
def comment_on_draft(request: HttpRequest) -> HttpResponse:
    """Say something of the draft under review."""
    comment(footing_of(request), clause=request.POST.get("clause", ""), text=request.POST.get("text", ""))
    return redirect("policy_draft")


@require_POST
@step_up
def discard_draft(request: HttpRequest) -> HttpResponse:
    """Throw the draft away."""
    discard(footing_of(request))
    messages.success(request, _("The draft is discarded. The ledger keeps what was filled in."))
    return redirect("policy")


@require_POST
@step_up
def adopt_draft(request: HttpRequest) -> HttpResponse:
    """Adopt the draft, after the password was asked for again."""
    version = adopt(
        footing_of(request), shown=request.POST.get("shown", ""), written=number_of(request.POST.get("written", ""))
    )
    day = Policy(version.number, version.digest, version.values).text("header.effective")
    messages.success(
        request,
        _("Version %(number)s is adopted, in force from %(day)s on.") % {"number": version.number, "day": day},
    )
    by = footing_of(request)
    if signs_no_more(by.policy, at=by.at):
        messages.warning(
            request,
            _(
                "The sealed account holds no position that signs the policy, or its version to come: it would help nobody in."
                " Seal it anew."
            ),
        )
    return redirect("policy")
