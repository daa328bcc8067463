"""What left the department (VI.l): listed, each with its manifest, and handed out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.access import has_duty, may_inquire
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.sharing import Terms, may_draft
from platekeeper.server.casefiles.lookups import sealed_subjects
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import hand_out
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.hand_out import HandedOut
from platekeeper.server.procedures.keep_cases import KEEPER
from platekeeper.server.procedures.manage_mous import view_what_left
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.lookups import disseminations
from platekeeper.server.web.forms.sharing import PURPOSES, HandOutForm, HitsForm, LeftForm, ReceiptForm
from platekeeper.server.web.screens import attached, footing_of, page_of, step_up

_A_PAGE = 50
_ENDINGS = {"nlets": "txt"}


@require_safe
def left(request: HttpRequest) -> HttpResponse:
    """List what left, by agency and time; the look is logged."""
    view_what_left(by := footing_of(request))
    form, found = LeftForm(request.GET or None), disseminations()
    if form.is_bound and form.is_valid():
        agency, since, until = (form.cleaned_data[name] for name in ("agency", "since", "until"))
        found = found.filter(agency=agency) if agency else found
        found = found.filter(begun_at__gte=datetime.combine(since, time(), by.policy.zone)) if since else found
        last = until and datetime.combine(until + timedelta(days=1), time(), by.policy.zone)
        found = found.filter(begun_at__lt=last) if last else found
    page = page_of(request, found, _A_PAGE)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "page": page,
        "form": form,
        "kept": kept.urlencode(),
        "hands_out": bool(may_draft(by.authority, by.policy)),
    }
    return render(request, "sharing/left.html", context)


@require_safe
def one(request: HttpRequest, gone_id: int) -> HttpResponse:
    """Show what left, with its manifest; why, of a sealed case, to its keeper alone. The look is logged."""
    by, found = footing_of(request), get_object_or_404(disseminations(), pk=gone_id)
    view_what_left(by, found)
    manifest = json.loads(found.manifest)
    context = {
        "gone": found,
        "sealed": found.source in sealed_subjects() and not has_duty(by.authority, by.policy, KEEPER),
        "purpose": dict(PURPOSES).get(found.purpose, found.purpose),
        "document": manifest.get("document", ""),
        "terms": Terms.of(terms) if (terms := manifest.get("terms")) else None,
        "manifest": json.dumps(manifest, indent=2, ensure_ascii=False),
        "form": ReceiptForm(),
        "confirms": found.ended_at and not found.received_at and bool(may_draft(by.authority, by.policy)),
    }
    return render(request, "sharing/dissemination.html", context)


@require_POST
def confirm(request: HttpRequest, gone_id: int) -> HttpResponse:
    """Record that it was received."""
    found = get_object_or_404(disseminations(), pk=gone_id)
    hand_out.confirm(footing_of(request), found, receipt=request.POST.get("note", ""))
    messages.success(request, _("Recorded."))
    return redirect("dissemination", gone_id)


@require_http_methods(["GET", "HEAD", "POST"])
def hits(request: HttpRequest) -> HttpResponseBase:
    """Hand the hits of a time to another agency."""
    by = footing_of(request)
    by.demand(may_draft(by.authority, by.policy), attempted=Action.DISSEMINATED)
    form = HitsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return step_up(_handed)(request, by, form, lambda: hand_out.hand_out_hits(by, form.to(), **form.asked()))
    return _form(request, by, form)


@require_http_methods(["GET", "HEAD", "POST"])
def results(request: HttpRequest, entry_id: int) -> HttpResponseBase:
    """Hand the results of one's own query to another agency."""
    by = footing_of(request)
    by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.DISSEMINATED)
    entry = get_object_or_404(QueryLogEntry, pk=entry_id, by=by.person, state=QueryLogEntry.State.COMPLETED)
    form = HandOutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return step_up(_handed)(
            request, by, form, lambda: hand_out.hand_out_results(by, entry.pk, form.to()), entry=entry
        )
    return _form(request, by, form, entry=entry)


def _handed(
    request: HttpRequest, by: Footing, form: HandOutForm, hands: Callable[[], HandedOut], **shown: QueryLogEntry
) -> HttpResponseBase:
    """Hand it out; what an MOU or an order does not let leave is mended where it was written."""
    try:
        return _download(hands())
    except RefusedAction as refused:
        field = _field_of(refused.refusal, form)
        if refused.refusal.mend or field == "":
            raise
        form.add_error(field, refused.refusal.reason)
    return _form(request, by, form, status=403, **shown)


def _field_of(refusal: Refused, form: HandOutForm) -> str | None:
    """Return the field that a refusal is about, None for the form as a whole, "" for what no form mends."""
    match refusal.clause:
        case _ if refusal in hand_out.TOO_MUCH:
            return None
        case Clause.IV_h:  # the purposes of an MOU
            return "purpose" if "purpose" in form.fields else "agency"
        case Clause.VI_l:
            return "order" if form.cleaned_data["order"] else "agency"
    return ""


def _form(
    request: HttpRequest, by: Footing, form: HandOutForm, *, status: int = 200, **shown: QueryLogEntry
) -> HttpResponse:
    context = {"form": form, "refused": status == 403, "drafts": bool(may_draft(by.authority, by.policy)), **shown}
    return render(request, "sharing/hand_out.html", context, status=status)


def _download(handed: HandedOut) -> FileResponse:
    gone = handed.record
    name = f"{gone.what}-{gone.pk}.{_ENDINGS.get(gone.form, gone.form)}"
    return attached(handed.file, "application/octet-stream", name, **{"X-Content-SHA256": gone.sha256})


urlpatterns: list[URLPattern] = [
    path("", left, name="disseminations"),
    path("<int:gone_id>/", one, name="dissemination"),
    path("<int:gone_id>/received/", confirm, name="dissemination_confirm"),
    path("hits/", hits, name="hits_hand_out"),
    path("query/<int:entry_id>/", results, name="query_hand_out"),
]
