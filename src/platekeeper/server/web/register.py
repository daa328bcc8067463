"""The clause register as a page and as JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Allowed
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.register.entries import Line, register
from platekeeper.server.web.screens import footing_of

DUTIES = ("VI.e.auditors", "signature.authority", "IV.e.custodian", "VII.e.supervisors")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show every clause with the department's answer, its rule and the evidence."""
    return render(request, "register/register.html", {"lines": _lines(request)})


@require_safe
def as_json(request: HttpRequest) -> JsonResponse:
    """Return the register for machines."""
    return JsonResponse(
        {
            "clauses": [
                {
                    "clause": line.clause.number,
                    "title": line.clause.title,
                    "answers": dict(line.answers),
                    "rule": line.rule,
                    "status": line.evidence.status if line.evidence else "not kept by this version",
                    "evidence": line.evidence.words if line.evidence else "",
                }
                for line in _lines(request)
            ]
        }
    )


def _lines(request: HttpRequest) -> list[Line]:
    by = footing_of(request)
    decisions = [has_duty(by.authority, by.policy, duty) for duty in DUTIES]
    by.demand(Allowed() if any(decisions) else decisions[0], attempted=Action.LEDGER_VIEWED)
    return register(by.policy, at=by.at, days_stored=[day.isoformat() for day in read_store().days()])


urlpatterns: list[URLPattern] = [
    path("", page, name="register"),
    path("register.json", as_json, name="register_json"),
]
