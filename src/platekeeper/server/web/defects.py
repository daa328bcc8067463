"""Defects of LPRs: the list of what is wrong, and the page of one (IV.d, IX.c)."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.defects import DefectKind, DefectStep, may_work, next_steps, waits_too_long
from platekeeper.server.equipment.lookups.defects import defects, open_defects
from platekeeper.server.equipment.models import Defect, DefectPhoto
from platekeeper.server.equipment.models.defects import STEPS
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import report_defects
from platekeeper.server.web.screens import footing_of, page_of

LAST, LATELY = 20, timedelta(days=365)
"""How many ended defects the list shows, and over how long it says how long repairs took."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List what is wrong, the longest first, and what was mended lately."""
    by = footing_of(request)
    by.demand(report_defects.may_see_defects(by), attempted=Action.DEFECT_STEP)
    ended = defects().exclude(ended_at=None).order_by("-ended_at")
    took = [each.took(at=by.at).total_seconds() for each in ended.filter(ended_at__gt=by.at - LATELY)]
    page = page_of(request, ended, LAST)
    context = {
        "page": page,
        "open": [shown(each, at=by.at) for each in open_defects()],
        "ended": [shown(each, at=by.at) for each in page],
        "usual": timedelta(seconds=median(took)) if took else None,
    }
    return render(request, "equipment/defects.html", context)


@require_safe
def one(request: HttpRequest, defect_id: int) -> HttpResponse:
    """Show a defect, its photograph and each step, and what may be done next."""
    by, defect = footing_of(request), get_object_or_404(defects(), pk=defect_id)
    by.demand(report_defects.may_see_defect(by, defect), attempted=Action.DEFECT_STEP, subject=f"defect:{defect.pk}")
    works = may_work(by.authority, by.policy, DefectKind(defect.kind))
    context = {
        **shown(defect, at=by.at),
        "photo": DefectPhoto.objects.filter(defect=defect).exists(),
        "next": [(step.value, STEPS[step]) for step in next_steps(defect.stands)] if works else [],
    }
    return render(request, "equipment/defect.html", context)


@require_safe
def photo(request: HttpRequest, defect_id: int) -> HttpResponse:
    """Send the photograph of a defect."""
    by, defect = footing_of(request), get_object_or_404(Defect, pk=defect_id)
    by.demand(report_defects.may_see_defect(by, defect), attempted=Action.DEFECT_STEP, subject=f"defect:{defect.pk}")
    found = get_object_or_404(DefectPhoto, defect=defect)
    response = HttpResponse(bytes(found.content), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def step(request: HttpRequest, defect_id: int) -> HttpResponse:
    """Take a step."""
    defect, taken = get_object_or_404(Defect, pk=defect_id), request.POST.get("step", "")
    if taken not in set(DefectStep):
        raise Http404
    report_defects.work_defect(footing_of(request), defect, DefectStep(taken), words=request.POST.get("words", ""))
    messages.success(request, _("Noted."))
    return redirect("defect", defect_id)


def shown(defect: Defect, *, at: datetime) -> dict[str, Any]:
    """Return a defect as pages show it."""
    stands, notes = defect.stands, list(defect.steps.all())
    return {
        "defect": defect,
        "first": notes[0],
        "notes": notes,
        "stands": STEPS[stands],
        "late": waits_too_long(stands, reported_at=defect.reported_at, at=at),
        "took": defect.took(at=at),
    }


urlpatterns: list[URLPattern] = [
    path("", listed, name="defects"),
    path("<int:defect_id>/", one, name="defect"),
    path("<int:defect_id>/photo/", photo, name="defect_photo"),
    path("<int:defect_id>/step/", step, name="defect_step"),
]
