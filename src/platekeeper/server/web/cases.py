"""Case files: what is preserved, and until when it is kept (V.c, VI.d, VI.h, VI.k)."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.clauses import Clause
from platekeeper.core.exhibits import exhibit
from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.cases import kept_until, may_end, may_expunge, may_seal, may_unseal, may_work
from platekeeper.server.casefiles import lookups
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import keep_cases
from platekeeper.server.procedures import set_aside as aside
from platekeeper.server.procedures.answer_requests import may_see_requests
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.export_packet import Exported, export_packet
from platekeeper.server.procedures.looks import log_look
from platekeeper.server.procedures.preserve import unpreserved_queries, unpreserved_tours
from platekeeper.server.web.forms.cases import CaseFactsForm, CaseForm, DirectiveForm, OrderForm, PacketForm
from platekeeper.server.web.forms.grounds import ground_of, lacks_a_ground
from platekeeper.server.web.screens import attached, footing_of, page_of, step_up

MOST_TO_TAKE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: HttpRequest) -> HttpResponse:
    """List the cases, and open one."""
    by = footing_of(request)
    by.demand(keep_cases.may_see_cases(by), attempted=Action.CASE_VIEWED)
    form = CaseForm(request.POST or None, policy=by.policy, initial={"number": request.GET.get("open", "")[:40]})
    if request.method == "POST" and form.is_valid():
        try:
            opened = keep_cases.open_case(by, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("number", error)
        else:
            return redirect("case", opened.pk)
    wanted = request.GET.get("q", "").strip()[:40]
    page = page_of(request, lookups.cases(number=wanted), 50)
    rows = [
        (each, kept_until(lookups.facts_of(each), by.policy).until, bool(keep_cases.may_open(by, each)))
        for each in page
    ]
    to_take = keep_cases.hits_to_take(by).select_related("lpr")
    context = {
        "to_take": to_take[:MOST_TO_TAKE], "more": max(0, to_take.count() - MOST_TO_TAKE),
        "rows": rows, "page": page, "wanted": wanted, "form": form, "works": bool(keep_cases.may_work_cases(by)),
        "requests": bool(may_see_requests(by)),
    }  # fmt: skip
    return render(request, "cases/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show a case with what it preserves and why it is kept; the look is logged first."""
    by, found = footing_of(request), get_object_or_404(CaseFile, pk=case_id)
    form = _facts_form(by, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        keep_cases.change_case(by, found, **form.changed)
        messages.success(request, _("Saved."))
        return redirect("case", case_id)
    keep_cases.view_case(by, found)
    return render(request, "cases/case.html", {**_shown(request, by, found), "form": form})


def _facts_form(by: Footing, case: CaseFile, posted: QueryDict | None = None) -> CaseFactsForm:
    known = {name: getattr(case, name) for name in CaseFactsForm(policy=by.policy).fields}
    return CaseFactsForm(posted, policy=by.policy, initial=known)


def _shown(request: HttpRequest, by: Footing, case: CaseFile) -> dict[str, Any]:
    facts = lookups.facts_of(case)
    open_to_work = bool(may_work(facts))
    works = open_to_work and bool(keep_cases.may_work_cases(by))
    keeps = bool(has_duty(by.authority, by.policy, keep_cases.KEEPER))
    offered = {
        "seal": keeps and bool(may_seal(facts)),
        "unseal": keeps and bool(may_unseal(facts)),
        "expunge": keeps and bool(may_expunge(facts)),
        "dispose": keeps and bool(may_end(facts, by.policy, today=by.today)),
    }
    return {
        "case": case,
        "preserved": page_of(request, lookups.listed_of(case), 50),
        "user_logs": unpreserved_tours(case) if works else [],
        "packets": lookups.packets_of(case),
        "queries": unpreserved_queries(by, case) if works else [],
        "requests": lookups.requests().filter(case=case) if may_see_requests(by) else None,
        "keeping": kept_until(facts, by.policy),
        "works": works,
        "directs": open_to_work and bool(has_duty(by.authority, by.policy, keep_cases.DIRECTOR)),
        "packet": PacketForm(),
        "directive": DirectiveForm(initial={"until": case.directed_until, "why": case.directed_why}),
        "offered": offered,
        "ends": any(offered.values()),
        "seals_later": open_to_work and keeps and not offered["seal"],
        "order": OrderForm(),
    }


@require_POST
@step_up
def direct(request: HttpRequest, case_id: int) -> HttpResponse:
    """Direct that a case be kept (VI.k.4)."""
    found = get_object_or_404(CaseFile, pk=case_id)
    form = DirectiveForm(request.POST)
    if form.is_valid():
        keep_cases.direct_keeping(footing_of(request), found, **form.cleaned_data)
    else:
        messages.error(request, _("Days are written as 2026-03-01."))
    return redirect("case", case_id)


@require_POST
@step_up
def packet(request: HttpRequest, case_id: int) -> HttpResponseBase:
    """Hand out the evidence packet of a case; for want of a ground its form says what to choose."""
    by, found = footing_of(request), get_object_or_404(CaseFile, pk=case_id)
    to, why, ground = request.POST.get("to", ""), request.POST.get("why", ""), ground_of(request.POST)
    try:
        packed = export_packet(by, found, to=to, why=why, **ground)
    except RefusedAction as refused:
        if not lacks_a_ground(refused.refusal):
            raise
        keep_cases.view_case(by, found)
        form = PacketForm(request.POST)
        form.add_error(None, refused.refusal.reason)
        shown = _shown(request, by, found) | {"packet": form}
        if not shown["works"]:
            raise
        return render(request, "cases/case.html", {**shown, "form": _facts_form(by, found)}, status=403)
    return download_packet(packed, name=f"packet-{found.pk}")


@require_safe
def preserved(request: HttpRequest, case_id: int, preserved_id: int) -> HttpResponse:
    """Show one thing that a case preserves, as it was copied."""
    by = footing_of(request)
    people = "preserved_by", "set_aside_by"
    kept = get_object_or_404(Preserved.objects.select_related("case", *people), case=case_id, pk=preserved_id)
    keep_cases.view_case(by, kept.case)
    if not kept.content:
        return render(request, "cases/preserved.html", {"kept": kept})
    content = json.loads(bytes(kept.content))
    context = {
        "kept": kept,
        "exhibit": exhibit(0, kept.kind, kept.title, content, sha256=kept.sha256),
        "content": json.dumps(content, indent=2, ensure_ascii=False),
        "works": bool(may_work(lookups.facts_of(kept.case))) and bool(keep_cases.may_work_cases(by)),
        "has_image": PreservedImage.objects.filter(preserved=kept).exists(),
    }
    return render(request, "cases/preserved.html", context)


@require_POST
def set_aside(request: HttpRequest, case_id: int, preserved_id: int) -> HttpResponse:
    """Set a copy aside that does not belong into its case."""
    copy = get_object_or_404(Preserved.objects.select_related("case"), case=case_id, pk=preserved_id)
    aside.set_aside(footing_of(request), copy, why=request.POST.get("why", ""))
    messages.success(request, _("It is set aside: the copy stays here, and counts as preserved in this case no more."))
    return redirect("case_preserved", case_id, preserved_id)


@require_safe
def image(request: HttpRequest, case_id: int, preserved_id: int) -> HttpResponse:
    """Send the image of something preserved."""
    by = footing_of(request)
    of = get_object_or_404(CaseFile, pk=case_id)
    allowed = keep_cases.may_see_cases(by), keep_cases.may_open(by, of)
    by.demand(*allowed, attempted=Action.CASE_VIEWED, subject=lookups.subject_of(of))
    log_look(by, Action.CASE_VIEWED, subject=lookups.subject_of(of), clause=Clause.VI_b)
    found = get_object_or_404(PreservedImage, preserved=preserved_id, preserved__case=of)
    return HttpResponse(bytes(found.content), found.media_type)


def download_packet(packed: Exported, *, name: str) -> FileResponse:
    """Send a packet under a name that says nothing of anybody."""
    return attached(packed.file, "application/zip", f"{name}.zip")


urlpatterns: list[URLPattern] = [
    path("", cases, name="cases"),
    path("<int:case_id>/", case, name="case"),
    path("<int:case_id>/packet/", packet, name="case_packet"),
    path("<int:case_id>/direct/", direct, name="case_direct"),
    path("<int:case_id>/preserved/<int:preserved_id>/", preserved, name="case_preserved"),
    path("<int:case_id>/preserved/<int:preserved_id>/aside/", set_aside, name="case_set_aside"),
    path("<int:case_id>/preserved/<int:preserved_id>/image/", image, name="case_image"),
]
