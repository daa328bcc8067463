"""How and how often an LPR uploads, when it was heard from, and the word that there is nothing to upload (V.b, VI.i)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platekeeper.core.durations import spoken
from platekeeper.core.rules.uploads import periods_of, responsible_for
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import see_to_uploads
from platekeeper.server.procedures.manage_equipment import may_see_lprs
from platekeeper.server.reads.uploads import contacts_of, uploads
from platekeeper.server.web.forms.keeping import UploadForm
from platekeeper.server.web.screens import footing_of


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Show when an LPR was heard from, and set how it uploads and how often."""
    by, lpr = footing_of(request), get_object_or_404(LPR, pk=lpr_id)
    by.demand(may_see_lprs(by), attempted=Action.LPR_CHANGED)
    form = UploadForm(request.POST or None, initial={"way": lpr.upload_way, "every": lpr.upload_every})
    if request.method == "POST" and form.is_valid():
        try:
            see_to_uploads.set_schedule(by, lpr, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("every", error)
        else:
            messages.success(request, _("The schedule of %(name)s is set.") % {"name": lpr.name})
            return redirect("lpr_upload", lpr_id)
    duty = responsible_for(in_field=lpr.in_field)
    context = {
        "lpr": lpr,
        "upload": next(each for each in uploads(by.policy, at=by.at) if each.lpr.pk == lpr.pk),
        "own": spoken(lpr.upload_every),
        "contacts": contacts_of(lpr),
        "form": form,
        "periods": [
            (key.removesuffix(".every"), spoken(by.policy.text(key))) for key in periods_of(in_field=lpr.in_field)
        ],
        "responsible": ", ".join(sorted(by.policy.positions(duty))),
        "sets": bool(see_to_uploads.may_set_schedule(by, lpr)),
        "sees": bool(see_to_uploads.may_see_to(by, lpr)) and lpr.in_service,
    }
    return render(request, "equipment/uploads.html", context)


@require_POST
def nothing(request: HttpRequest, lpr_id: int) -> HttpResponse:
    """Declare that an LPR has nothing to upload."""
    lpr = get_object_or_404(LPR, pk=lpr_id)
    see_to_uploads.declare_nothing(footing_of(request), lpr, why=request.POST.get("why", ""))
    messages.success(request, _("Noted: %(name)s has nothing to upload.") % {"name": lpr.name})
    return redirect("lpr_upload", lpr_id)


urlpatterns: list[URLPattern] = [
    path("<int:lpr_id>/uploads/", schedule, name="lpr_upload"),
    path("<int:lpr_id>/uploads/nothing/", nothing, name="lpr_nothing"),
]
