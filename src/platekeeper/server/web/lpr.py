"""The page of one LPR, which its QR label opens, its label, and the report of a defect from there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.defects import DefectKind, may_report
from platekeeper.core.rules.inventory import may_care
from platekeeper.server.equipment.lookups.care import custody, papers, views
from platekeeper.server.equipment.lookups.defects import in_service, open_defects
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hits.reading import reading_of
from platekeeper.server.ledger.actions import Action
from platekeeper.server.printing.labels import label_svg
from platekeeper.server.procedures import manage_equipment, report_defects
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.defects import shown
from platekeeper.server.web.equipment import addresses
from platekeeper.server.web.fleet import use_lately
from platekeeper.server.web.forms.defects import DefectForm
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of, page_of
from platekeeper.server.web.watching import plot_of

LABELS = 4
"""How many labels a sheet holds: one for each side of a vehicle or pole."""
CARE_SHOWN = 20


@require_safe
def page(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Show an LPR to everybody of the department: who stands before it reports what is wrong."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(may_report(by.authority), attempted=Action.DEFECT_REPORTED, subject=f"lpr:{lpr.pk}")
    looks = bool(manage_equipment.may_see_lprs(by))
    context = {
        "lpr": lpr,
        "usable": in_service(lpr),
        "open": [shown(each, at=by.at) for each in open_defects(lpr)],
        "custody": custody(at=by.at).get(lpr.pk),
        "looks": looks,
        "cares": bool(may_care(by.authority, by.policy)),
        "keeps": bool(has_duty(by.authority, by.policy, manage_equipment.DUTY)),
        "hears": bool(report_defects.may_see_defects(by)),
        **({"addresses": addresses(request), **_looked_into(request, by, lpr)} if looks else {}),
    }
    return render(request, "equipment/lpr.html", context)


def _looked_into(request: HttpRequest, by: Footing, lpr: LPR) -> dict[str, Any]:
    return {
        "plot": plot_of(lpr, at=by.at),
        "reading": reading_of(lpr, at=by.at),
        "use": use_lately(lpr, at=by.at, zone=by.policy.zone),
        "papers": papers(at=by.at).get(lpr.pk),
        "cameras": lpr.cameras.filter(removed_at=None),
        "map": map_of([lpr], views=views()),
        "care": page_of(request, lpr.care.select_related("by"), CARE_SHOWN),
        "renamed": [(name, spoken) for name, spoken in CAMERA_FORMATS.items() if spoken.fields],
    }


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


@require_safe
def label(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Show a sheet of labels to print; whoever scans one is on the LPR's page."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(manage_equipment.may_see_lprs(by), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    address = request.build_absolute_uri(reverse("lpr", args=[lpr.pk]))
    context = {"lpr": lpr, "address": address, "code": label_svg(address), "labels": range(LABELS)}
    return render(request, "equipment/label.html", context)


urlpatterns: list[URLPattern] = [
    path("<int:lpr_id>/", page, name="lpr"),
    path("<int:lpr_id>/report/", report, name="defect_report"),
    path("<int:lpr_id>/label/", label, name="lpr_label"),
]
