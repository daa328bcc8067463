"""What an LPR consists of, is worth, who has it, and what is done for it; the list of what belongs on the insurance plan."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.document import Cell, Report
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.defects import may_report
from platekeeper.core.rules.inventory import KEEPER, THRESHOLD, CareKind, may_care
from platekeeper.core.tables import csv_of
from platekeeper.server.equipment.lookups.care import papers
from platekeeper.server.equipment.models import LPR, Camera
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.printing.pdf import demo_mark, report_pdf
from platekeeper.server.procedures import care_for_lprs, keep_inventory, manage_equipment
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.web.forms.garage import CameraForm, CareForm, CustodyForm, PapersForm
from platekeeper.server.web.screens import attachment, footing_of

_HEADINGS = {
    "lpr": ("LPR", 16), "kind": ("Kind", 7), "model": ("Model", 14), "serial": ("Serial no.", 11), "place": ("Place", 16),
    "cameras": ("Cameras", 18), "value": ("Value, $", 8), "bought_on": ("Bought", 9), "on_plan": ("On plan", 7),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def camera(request: HttpRequest, lpr_id: int, camera_id: int = 0) -> HttpResponse:
    """Add a camera, say what it is now, or that it is gone."""
    by, lpr = _keeping(request, lpr_id)
    known = get_object_or_404(Camera, pk=camera_id, lpr=lpr, removed_at=None) if camera_id else None
    if request.method == "POST" and known is not None and "remove" in request.POST:
        keep_inventory.remove_camera(by, known)
        return redirect("lpr", lpr.pk)
    form = CameraForm(request.POST or None, initial=vars(known) if known else None)
    if request.method == "POST" and form.is_valid():
        keep_inventory.set_camera(by, lpr, known, **form.cleaned_data)
        return redirect("lpr", lpr.pk)
    title = (_("Camera of %(name)s") if known else _("Add a camera to %(name)s")) % {"name": lpr.name}
    return render(request, "equipment/form.html", {"lpr": lpr, "form": form, "title": title, "removes": known})


@require_http_methods(["GET", "HEAD", "POST"])
def worth(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Say what an LPR cost and is worth, its warranty and insurance."""
    by, lpr = _keeping(request, lpr_id)
    known = papers(at=by.at).get(lpr.pk)
    form = PapersForm(request.POST or None, initial=vars(known) if known else None)
    if request.method == "POST" and form.is_valid():
        keep_inventory.set_papers(by, lpr, **form.cleaned_data)
        return redirect("lpr", lpr.pk)
    title = _("Value, warranty and insurance of %(name)s") % {"name": lpr.name}
    return render(request, "equipment/form.html", {"lpr": lpr, "form": form, "title": title})


@require_http_methods(["GET", "HEAD", "POST"])
def held(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Say who has an LPR; everybody may say that they have it now."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(may_report(by.authority), attempted=Action.LPR_HANDED_OVER, subject=f"lpr:{lpr.pk}")
    keeps = bool(has_duty(by.authority, by.policy, KEEPER))
    everybody = Person.objects.filter(is_active=True).exclude(kind=Person.Kind.OUTSIDE).order_by("name")
    people = everybody if keeps else everybody.filter(pk=by.person.pk)
    form = CustodyForm(request.POST or None, people=people, initial={"holder": by.person.pk})
    if request.method == "POST" and form.is_valid():
        keep_inventory.hand_over(by, lpr, **form.cleaned_data)
        return redirect("lpr", lpr.pk)
    title = _("Who has %(name)s?") % {"name": lpr.name}
    return render(request, "equipment/form.html", {"lpr": lpr, "form": form, "title": title})


@require_http_methods(["GET", "HEAD", "POST"])
def care(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Note what was done for an LPR."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(may_care(by.authority, by.policy), attempted=Action.LPR_CARED_FOR, subject=f"lpr:{lpr.pk}")
    form = CareForm(request.POST or None, initial={"on": by.today, "kind": CareKind.AIM.value})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        care_for_lprs.note_care(by, lpr, **{**said, "kind": CareKind(said["kind"])})
        return redirect("lpr", lpr.pk)
    title = _("What was done for %(name)s?") % {"name": lpr.name}
    return render(request, "equipment/form.html", {"lpr": lpr, "form": form, "title": title})


@require_safe
def insured(request: HttpRequest) -> HttpResponse:
    """List what belongs on the municipality's insurance plan (IV.f)."""
    by = footing_of(request)
    by.demand(manage_equipment.may_see_lprs(by), attempted=Action.INVENTORY_EXPORTED)
    said = papers(at=by.at)
    context = {
        "rows": keep_inventory.to_insure(by),
        "unvalued": [lpr for lpr in LPR.objects.all() if lpr.pk not in said or said[lpr.pk].value is None],
        "unsaid": needed if isinstance(needed := by.policy.needs(THRESHOLD), Refused) else None,
        "threshold": by.policy.values.get(THRESHOLD),
        "keeps": bool(has_duty(by.authority, by.policy, KEEPER)),
    }
    return render(request, "equipment/insured.html", context)


@require_POST
def insured_export(request: HttpRequest) -> HttpResponse:
    """Send the list as a table or to print."""
    by = footing_of(request)
    form = "pdf" if request.POST.get("form") == "pdf" else "csv"

    def written(rows: list[dict[str, Any]]) -> bytes:
        return report_pdf(_printed(by, rows), at=by.at) if form == "pdf" else csv_of(keep_inventory.COLUMNS, rows)

    content = keep_inventory.export_to_insure(by, written, form=form)
    media_type = "application/pdf" if form == "pdf" else "text/csv; charset=utf-8"
    return attachment(content, media_type, f"lprs-to-insure-{by.today}.{form}")


def _printed(by: Footing, rows: list[dict[str, Any]]) -> Report:
    return Report(
        title="LPRs for the municipality's insurance plan",
        department=by.policy.department,
        facts=(
            ("Worth more than", f"${by.policy.whole(THRESHOLD):,} (IV.f)"),
            ("LPRs", str(len(rows))),
            ("Value together", f"${sum(row['value'] for row in rows):,}"),
            ("Printed", f"{by.today} by {by.person.name}"),
        ),
        columns=tuple(_HEADINGS[name] for name in keep_inventory.COLUMNS),
        rows=tuple(
            tuple(
                Cell((str(row[name] or ""),), "bad" if name == "on_plan" and row[name] == "NO" else "")
                for name in keep_inventory.COLUMNS
            )
            for row in rows
        ),
        footer=f"LPRs for the insurance plan, {by.today}",
        watermark=demo_mark(),
    )


def _keeping(request: HttpRequest, lpr_id: int) -> tuple[Footing, LPR]:
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(has_duty(by.authority, by.policy, KEEPER), attempted=Action.LPR_CHANGED, subject=f"lpr:{lpr.pk}")
    return by, lpr


urlpatterns: list[URLPattern] = [
    path("insured/", insured, name="lprs_insured"),
    path("insured/export/", insured_export, name="lprs_insured_export"),
    path("<int:lpr_id>/cameras/", camera, name="lpr_camera_add"),
    path("<int:lpr_id>/cameras/<int:camera_id>/", camera, name="lpr_camera"),
    path("<int:lpr_id>/papers/", worth, name="lpr_papers"),
    path("<int:lpr_id>/custody/", held, name="lpr_custody"),
    path("<int:lpr_id>/care/", care, name="lpr_care"),
]
