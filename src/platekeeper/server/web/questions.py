"""Technical questions about LPRs, to the position that the policy names (IX.d)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.defects import may_report
from platekeeper.core.rules.inventory import ANSWERER
from platekeeper.server.equipment.lookups.care import questions
from platekeeper.server.equipment.models import LPR, TechnicalQuestion
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import care_for_lprs
from platekeeper.server.web.screens import footing_of, number_of, page_of

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest) -> HttpResponse:
    """Show what was asked and answered, to everybody of the department, and ask."""
    by = footing_of(request)
    by.demand(may_report(by.authority), attempted=Action.QUESTION_ASKED)
    about = LPR.objects.filter(pk=number_of(request.GET.get("lpr", "")) or 0).first()
    if request.method == "POST":
        care_for_lprs.ask(by, words=request.POST.get("words", ""), lpr=about)
        to = ", ".join(sorted(by.policy.positions(ANSWERER)))
        messages.success(request, _("Your question goes to: %(to)s.") % {"to": to})
        return redirect("questions")
    context = {
        "about": about,
        "open": questions().filter(answered_at=None),
        "page": page_of(request, questions().exclude(answered_at=None), SHOWN),
        "answers": bool(has_duty(by.authority, by.policy, ANSWERER)),
    }
    return render(request, "equipment/questions.html", context)


@require_POST
def answer(request: HttpRequest, question_id: int) -> HttpResponse:
    """Answer a question."""
    question = get_object_or_404(TechnicalQuestion, pk=question_id)
    care_for_lprs.answer(footing_of(request), question, words=request.POST.get("words", ""))
    return redirect("questions")


urlpatterns: list[URLPattern] = [
    path("", asked, name="questions"),
    path("<int:question_id>/answer/", answer, name="question_answer"),
]
