"""Case files: what is preserved, and until when it is kept (V.c, VI.d, VI.h, VI.k)."""

from __future__ import annotations

import json

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.cases import kept_until
from platekeeper.server.casefiles import lookups
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.hits.lookups import hits
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import keep_cases
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.querylog.lookups import entries
from platekeeper.server.web.forms.cases import CaseFactsForm, CaseForm, DirectiveForm, PacketForm
from platekeeper.server.web.screens import footing_of, step_up


@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: HttpRequest) -> HttpResponse:
    """List the cases, and open one."""
    by = footing_of(request)
    by.demand(keep_cases.may_see_cases(by), attempted=Action.CASE_VIEWED)
    form = CaseForm(request.POST or None, policy=by.policy)
    if request.method == "POST" and form.is_valid():
        try:
            opened = keep_cases.open_case(by, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("number", error)
        else:
            return redirect("case", opened.pk)
    rows = [(each, kept_until(lookups.facts_of(each), by.policy).until) for each in lookups.cases()[:200]]
    context = {"rows": rows, "form": form, "works": bool(keep_cases.may_work_cases(by))}
    return render(request, "cases/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show a case with what it preserves and why it is kept; the look is logged first."""
    by, found = footing_of(request), get_object_or_404(CaseFile, pk=case_id)
    known = {name: getattr(found, name) for name in CaseFactsForm(policy=by.policy).fields}
    form = CaseFactsForm(request.POST or None, policy=by.policy, initial=known)
    if request.method == "POST" and form.is_valid():
        keep_cases.change_case(by, found, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("case", case_id)
    keep_cases.view_case(by, found)
    context = {
        "case": found,
        "preserved": lookups.preserved_of(found),
        "keeping": kept_until(lookups.facts_of(found), by.policy),
        "form": form,
        "works": bool(keep_cases.may_work_cases(by)),
        "directs": bool(has_duty(by.authority, by.policy, keep_cases.DIRECTOR)),
        "packet": PacketForm(),
        "directive": DirectiveForm(initial={"until": found.directed_until, "why": found.directed_why}),
    }
    return render(request, "cases/case.html", context)


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
def packet(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand out the evidence packet of a case."""
    by, found = footing_of(request), get_object_or_404(CaseFile, pk=case_id)
    packed = export_packet(by, found, to=request.POST.get("to", ""), why=request.POST.get("why", ""))
    head = {"Content-Disposition": f'attachment; filename="packet-{found.pk}.zip"'}
    return HttpResponse(packed, "application/zip", headers=head)


@require_POST
def preserve(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Copy a hit or a Query Log entry into the case of a number."""
    by = footing_of(request)
    wanted = request.POST.get("number", "").strip()
    by.demand(keep_cases.may_work_cases(by), attempted=Action.PRESERVED, subject=f"{kind}:{number}"[:80])
    into = CaseFile.objects.filter(number=wanted).first()
    if into is None:
        messages.error(request, _("There is no case %(number)s. Open it first.") % {"number": wanted[:40]})
        return redirect("cases")
    match kind:
        case "hit":
            keep_cases.preserve_hit(by, get_object_or_404(hits().select_related("image"), pk=number), case=into)
        case "query":
            keep_cases.preserve_query(by, get_object_or_404(entries(), pk=number), case=into)
        case _:
            raise Http404
    messages.success(request, _("It is preserved in the case: no disposal can take it."))
    return redirect("case", into.pk)


@require_safe
def preserved(request: HttpRequest, case_id: int, preserved_id: int) -> HttpResponse:
    """Show one thing that a case preserves, as it was copied."""
    by = footing_of(request)
    kept = get_object_or_404(Preserved.objects.select_related("case", "preserved_by"), case=case_id, pk=preserved_id)
    keep_cases.view_case(by, kept.case)
    content = json.dumps(json.loads(bytes(kept.content)), indent=2, ensure_ascii=False)
    has_image = PreservedImage.objects.filter(preserved=kept).exists()
    return render(request, "cases/preserved.html", {"kept": kept, "content": content, "has_image": has_image})


@require_safe
def image(request: HttpRequest, case_id: int, preserved_id: int) -> HttpResponse:
    """Send the image of something preserved."""
    by = footing_of(request)
    by.demand(keep_cases.may_see_cases(by), attempted=Action.CASE_VIEWED, subject=f"case:{case_id}")
    found = get_object_or_404(PreservedImage, preserved=preserved_id, preserved__case=case_id)
    return HttpResponse(bytes(found.content), found.media_type)


urlpatterns: list[URLPattern] = [
    path("", cases, name="cases"),
    path("<int:case_id>/", case, name="case"),
    path("<int:case_id>/packet/", packet, name="case_packet"),
    path("<int:case_id>/direct/", direct, name="case_direct"),
    path("<int:case_id>/preserved/<int:preserved_id>/", preserved, name="case_preserved"),
    path("<int:case_id>/preserved/<int:preserved_id>/image/", image, name="case_image"),
    path("preserve/<slug:kind>/<int:number>/", preserve, name="case_preserve"),
]
