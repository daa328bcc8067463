"""The page of one LPR, which its QR label opens, and the report of a defect from there."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platekeeper.core.rules.defects import DefectKind, may_report
from platekeeper.server.equipment.lookups.defects import in_service, open_defects
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import report_defects
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.web.defects import shown
from platekeeper.server.web.forms.defects import DefectForm
from platekeeper.server.web.screens import footing_of
from platekeeper.server.web.watching import plot_of


@require_safe
def page(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Show an LPR to everybody of the department: who stands before it reports what is wrong."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(may_report(by.authority), attempted=Action.DEFECT_REPORTED, subject=f"lpr:{lpr.pk}")
    context = {
        "lpr": lpr,
        "usable": in_service(lpr),
        "open": [shown(each, at=by.at) for each in open_defects(lpr)],
        "looks": bool(may_see_lprs(by)),
        "plot": plot_of(lpr, at=by.at),
        "hears": bool(report_defects.may_see_defects(by)),
    }
    return render(request, "equipment/lpr.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Report a defect: what, a photograph, send."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(may_report(by.authority), attempted=Action.DEFECT_REPORTED, subject=f"lpr:{lpr.pk}")
    form = DefectForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            defect = report_defects.report_defect(by=by, lpr=lpr, **{**said, "kind": DefectKind(said["kind"])})
        except ValidationError as error:
            form.add_error("photograph", error)
        else:
            messages.success(request, _("Reported. Thank you."))
            return redirect("defect", defect.pk)
    known = [shown(each, at=by.at) for each in open_defects(lpr)]
    return render(request, "equipment/report.html", {"lpr": lpr, "form": form, "open": known})


urlpatterns: list[URLPattern] = [
    path("<int:lpr_id>/", page, name="lpr"),
    path("<int:lpr_id>/report/", report, name="defect_report"),
]
