"""The annual review (IV.g): recommended by the designated position, decided and concluded by the Chief or Sheriff."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.server.ledger.actions import Action
from platekeeper.server.policy import lookups
from platekeeper.server.policy.models import AnnualReview, Recommendation
from platekeeper.server.procedures import review_policy
from platekeeper.server.procedures.draft_policy import AUTHORITY, REVIEWER, may_comment
from platekeeper.server.web.forms.blanks import ConclusionForm, RecommendationForm
from platekeeper.server.web.screens import footing_of, number_of, step_up


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    """Show the review that is going on, what it recommends, and those before it. The whole department may read it."""
    by = footing_of(request)
    by.demand(may_comment(by), attempted=Action.REVIEW_BEGUN)
    context = {
        "due_on": lookups.review_due_on(at=by.at),
        "is_reminding": review_policy.is_reminding(by.policy, at=by.at),
        "review": lookups.open_review(),
        "earlier": lookups.annual_reviews().exclude(concluded_at=None),
        "reviews": bool(has_duty(by.authority, by.policy, REVIEWER)),
        "decides": bool(has_duty(by.authority, by.policy, AUTHORITY)),
        "form": RecommendationForm(policy=by.policy),
        "conclusion": ConclusionForm(),
    }
    return render(request, "policy/annual_review.html", context)


@require_POST
@step_up
def act(request: HttpRequest, what: str) -> HttpResponse:
    """Do one thing in the review: begin, recommend, hand over, decide or conclude."""
    by = footing_of(request)
    if what == "begin":
        review_policy.begin(by)
        return redirect("annual_review")
    going_on = lookups.open_review()
    if going_on is None:
        messages.error(request, _("No review is going on."))
        return redirect("annual_review")
    match what:
        case "recommend":
            data = request.POST
            review_policy.recommend(by, going_on, clause=data.get("clause", ""), text=data.get("text", ""))
        case "hand-over":
            review_policy.hand_over(by, going_on)
        case "decide":
            _decide(request, going_on)
        case "conclude":
            form = ConclusionForm(request.POST)
            if form.is_valid():
                review_policy.conclude(by, going_on, **form.cleaned_data)
            else:
                messages.error(request, _("Choose how the review ends, and the day of the next one."))
        case _:
            raise Http404
    return redirect("annual_review")


def _decide(request: HttpRequest, going_on: AnnualReview) -> None:
    number = number_of(request.POST.get("recommendation", "")) or 0
    found = get_object_or_404(Recommendation.objects.select_related("review"), review=going_on, pk=number)
    review_policy.decide(
        footing_of(request), found, decision=request.POST.get("decision", ""), reason=request.POST.get("reason", "")
    )
