"""Sealing a case, opening it again, and emptying it for good: the Custodian does, by order or when its time is over."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.procedures import end_cases
from platekeeper.server.web.screens import footing_of, step_up


@require_POST
@step_up
def end(request: HttpRequest, case_id: int, what: str) -> HttpResponse:
    """Seal, open again, expunge, or dispose of a case."""
    by, found = footing_of(request), get_object_or_404(CaseFile, pk=case_id)
    order, number = request.POST.get("order", "")[:160], request.POST.get("number", "").strip()
    match what:
        case "seal":
            end_cases.seal_case(by, found, order=order)
            messages.success(request, _("The case is sealed: only the Custodian opens it, by order."))
        case "unseal":
            end_cases.unseal_case(by, found, order=order)
            messages.success(request, _("The case is open again."))
        case "expunge":
            end_cases.expunge_case(by, found, order=order, number=number)
            messages.success(request, _("Nothing is kept in this case any more."))
        case "dispose":
            end_cases.dispose_of_case(by, found, number=number)
            messages.success(request, _("Nothing is kept in this case any more."))
        case _:
            raise Http404
    return redirect("case", case_id)


urlpatterns: list[URLPattern] = [path("<int:case_id>/end/<slug:what>/", end, name="case_end")]
