"""The inventory of LPRs and their keys (IV.f)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.core.rules.access import has_duty
from platekeeper.server.equipment.lookups import field_names, lprs
from platekeeper.server.equipment.lookups.care import views
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import manage_equipment
from platekeeper.server.procedures.receive_bundle import may_hand_in
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.web.fleet import fleet
from platekeeper.server.web.forms.keeping import FieldNamesForm, LPRForm, MakeForm, PlaceForm, RenameForm
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of, page_of, step_up

_LPRS = 50
"""A page of the inventory."""


@require_http_methods(["GET", "HEAD", "POST"])
def inventory(request: HttpRequest) -> HttpResponse:
    """List the LPRs by their troubles, with their reads of today and how well they read, and add one."""
    by = footing_of(request)
    by.demand(manage_equipment.may_see_lprs(by), attempted=Action.LPR_CHANGED)
    form = LPRForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        kind = LPR.Kind(data.pop("kind"))
        try:
            manage_equipment.add_lpr(by, **data, kind=kind, zone=by.policy.text("III.zone"))
        except ValidationError as error:
            form.add_error("name", error)
        else:
            return redirect("lprs")
    wanted = request.GET.get("q", "").strip()[:40]
    rows = fleet(by, read_store().count(timezone.now().date()), wanted=wanted)
    context = {
        "page": page_of(request, rows, _LPRS),
        "wanted": wanted,
        "map": map_of([row.lpr for row in rows], views=views()),
        "form": form,
        "keeps": bool(has_duty(by.authority, by.policy, manage_equipment.DUTY)),
        "hands_in": bool(may_hand_in(by)),
    }
    return render(request, "equipment/lprs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Call an LPR otherwise."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(has_duty(by.authority, by.policy, manage_equipment.DUTY), attempted=Action.LPR_CHANGED)
    form, title = (
        RenameForm(request.POST or None, initial={"name": lpr.name}),
        _("Name of %(name)s") % {"name": lpr.name},
    )
    if request.method == "POST" and form.is_valid():
        try:
            manage_equipment.rename_lpr(by, lpr=lpr, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name", error)
        else:
            return redirect("lpr", lpr_id)
    return render(request, "equipment/form.html", {"lpr": lpr, "form": form, "title": title})


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Say which model and software an LPR is now."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(has_duty(by.authority, by.policy, manage_equipment.DUTY), attempted=Action.LPR_CHANGED)
    form = MakeForm(request.POST or None, initial={"model": lpr.model, "software": lpr.software})
    if request.method == "POST" and form.is_valid():
        if manage_equipment.change_make(by, lpr=lpr, **form.cleaned_data):
            messages.success(request, _("The change went to whoever sees to in-service training (IV.i)."))
        return redirect("lpr", lpr_id)
    return render(request, "equipment/make.html", {"lpr": lpr, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Say where an LPR is now, by words and on the map."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(has_duty(by.authority, by.policy, manage_equipment.DUTY), attempted=Action.LPR_CHANGED)
    form = PlaceForm(request.POST or None, initial={name: getattr(lpr, name) for name in PlaceForm.base_fields})
    if request.method == "POST" and form.is_valid():
        manage_equipment.change_place(by, lpr=lpr, **form.cleaned_data)
        return redirect("lpr", lpr_id)
    return render(request, "equipment/place.html", {"lpr": lpr, "form": form, "map": map_of(lprs())})


@require_http_methods(["GET", "HEAD", "POST"])
def fields(request: HttpRequest, lpr_id: int, format: str) -> HttpResponse:
    """Show and edit under which names an LPR sends the fields of a camera format."""
    by = footing_of(request)
    by.demand(has_duty(by.authority, by.policy, manage_equipment.DUTY), attempted=Action.LPR_CHANGED)
    lpr, spoken = get_object_or_404(LPR, pk=lpr_id), CAMERA_FORMATS.get(format)
    if spoken is None or not spoken.fields:
        raise Http404("The names of this format's fields are fixed.")
    form = FieldNamesForm(
        request.POST if request.method == "POST" else None, usual=spoken.fields, initial=field_names(lpr, format)
    )
    if request.method == "POST" and form.is_valid():
        manage_equipment.name_fields(by, lpr=lpr, format=format, names=form.cleaned_data)
        return redirect("lpr", lpr_id)
    return render(request, "equipment/fields.html", {"lpr": lpr, "spoken": spoken, "form": form})


@require_POST
@step_up
def key(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Issue a new key and show it, once; the form says in whose place, so that one sent twice makes one key."""
    lpr = get_object_or_404(LPR, pk=lpr_id)
    replaced = bool(lpr.key_hash)
    try:
        issued = manage_equipment.issue_key(footing_of(request), lpr=lpr, instead_of=request.POST.get("instead_of", ""))
    except manage_equipment.KeyIssued:
        messages.error(
            request, _("This LPR has a new key already, which was shown when it was made. Make another if it is lost.")
        )
        return redirect("lpr", lpr_id)
    context = {"lpr": lpr, "key": issued, "replaced": replaced, "addresses": addresses(request)}
    return render(request, "equipment/key.html", context)


def addresses(request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Return where an LPR sends its reads, by what it speaks, and whether HTTP digest is understood there."""
    own = (_("our own JSON"), request.build_absolute_uri(reverse("api_reads")), False)
    spoken = [
        (each.title, request.build_absolute_uri(reverse("ingest", args=[name])), each.digest)
        for name, each in CAMERA_FORMATS.items()
    ]
    return [own, *spoken]


@require_POST
def service(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Take an LPR out of service or put it back."""
    lpr = get_object_or_404(LPR, pk=lpr_id)
    manage_equipment.set_in_service(footing_of(request), lpr=lpr, in_service=request.POST.get("in_service") == "yes")
    return redirect("lpr", lpr_id)


urlpatterns: list[URLPattern] = [
    path("", inventory, name="lprs"),
    path("<int:lpr_id>/fields/<slug:format>/", fields, name="lpr_fields"),
    path("<int:lpr_id>/name/", rename, name="lpr_rename"),
    path("<int:lpr_id>/make/", make, name="lpr_make"),
    path("<int:lpr_id>/place/", place, name="lpr_place"),
    path("<int:lpr_id>/key/", key, name="lpr_key"),
    path("<int:lpr_id>/service/", service, name="lpr_service"),
]
