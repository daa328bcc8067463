"""Reads that come in on removable media: hand bundles in, see what became of each, take the receipts back (V.b)."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from platekeeper.core.transfer import TransferError
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.receive_bundle import AlreadyReceived, hand_in, may_hand_in
from platekeeper.server.reads import lookups
from platekeeper.server.storage.errors import StoreFull
from platekeeper.server.storage.reads import WriterBusy
from platekeeper.server.web.bodies import A_MEMBERS, length_of
from platekeeper.server.web.screens import footing_of, page_of

_MOST_SHOWN = 50


class _SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class _Several(forms.FileField):
    widget = _SeveralInput(attrs={"accept": ".reads"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Hold each file to what one must be."""
        return [super(_Several, self).clean(each, initial) for each in data or [None]]


class BundlesForm(forms.Form):
    """Files from a stick."""

    bundles = _Several(
        label=gettext_lazy("Bundles (.reads)"),
        help_text=gettext_lazy("Each is looked through to its last byte first. Several at once are fine."),
    )


@csrf_exempt  # until it is known who sends it: the check reads the whole body; `_bundles` is protected
@require_http_methods(["GET", "HEAD", "POST"])
def bundles(request: HttpRequest) -> HttpResponse:
    """Show what was handed in, and take more."""
    if length_of(request) > A_MEMBERS:
        _seeing(request)
    return _bundles(request)


@csrf_protect
def _bundles(request: HttpRequest) -> HttpResponse:
    by = _seeing(request)
    form = BundlesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        for file in form.cleaned_data["bundles"]:
            _take(request, by, file)
        return redirect("bundles")
    page = page_of(request, lookups.bundles(), _MOST_SHOWN)
    return render(request, "equipment/bundles.html", {"form": form, "bundles": page, "page": page})


@require_safe
def receipt(request: HttpRequest, uid: str) -> HttpResponse:
    """Give the receipt of a bundle, to be taken back to its unit."""
    _seeing(request)
    found = lookups.bundles().filter(uid=uid).exclude(done_at=None).first()
    if found is None:
        raise Http404
    name = f"{uid[:8]}.receipt"
    said = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(found.receipt) + b"\n", content_type="application/octet-stream", headers=said)


def _seeing(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(may_hand_in(by), attempted=Action.BUNDLE_RECEIVED)
    return by


def _take(request: HttpRequest, by: Footing, file: UploadedFile[Any]) -> None:
    """Take one in and say what became of it; another's trouble is its own."""
    told: dict[str, Any] = {"name": file.name}
    try:
        received = hand_in(by, cast("BinaryIO", file))
    except AlreadyReceived as twice:
        told["why"] = str(twice)
        messages.warning(request, _("%(name)s: %(why)s Nothing was stored again; its receipt is below.") % told)
    except TransferError as refused:
        told["why"] = str(refused)
        messages.error(
            request, _("%(name)s: refused. %(why)s Nothing of it was stored; the unit has its reads still.") % told
        )
    except (StoreFull, WriterBusy):
        messages.error(
            request,
            _("%(name)s: the disk takes no more now. Make room, then hand it in again: nothing is lost.") % told,
        )
    else:
        told |= {"reads": received.reads, "lpr": received.lpr.name}
        messages.success(
            request, _("%(name)s: %(reads)s reads of %(lpr)s are in. Take the receipt back to the unit.") % told
        )


urlpatterns: list[URLPattern] = [
    path("bundles/", bundles, name="bundles"),
    path("bundles/<str:uid>/receipt/", receipt, name="bundle_receipt"),
]
