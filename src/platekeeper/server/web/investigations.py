"""Investigations over stored reads: plates at several scenes, and who travels with a plate (VI.b-h, VIII)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.investigations import words
from platekeeper.core.investigations.companions import Judged
from platekeeper.core.investigations.scenes import AtScenes
from platekeeper.core.rules.access import may_inquire
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.inquire import PAGES_OPEN_FOR
from platekeeper.server.procedures.investigate import TOOLS, AtSeveral, Traveling, found_by, investigate, last_read
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.preserve import preserve_investigation
from platekeeper.server.procedures.question import Question
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.web.forms.investigations import ScenesForm, ToolForm, TravelsWithForm
from platekeeper.server.web.found import case_wanted, named
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.preserving import second_look
from platekeeper.server.web.screens import footing_of, in_bulk, mended_in_form

PICTURES = 20
"""So many rows have the picture of their last read; each is a look into the store."""
_OWN_SHOWN = 20


@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """Name the tools, and show one's own newest investigations."""
    by = _inquiring(request)
    own = lookups.own(by.person).filter(terms__tool__in=TOOLS)[:_OWN_SHOWN]
    return render(request, "investigations/tools.html", {"own": own, "open_for": by.at - PAGES_OPEN_FOR})


@require_http_methods(["GET", "HEAD", "POST"])
def scenes(request: HttpRequest) -> HttpResponse:
    """Ask which plates were at several scenes."""
    form = ScenesForm(request.POST or None)
    return _asked(request, "investigations/scenes.html", {"form": form, "map": map_of(lprs())}, form)


@require_http_methods(["GET", "HEAD", "POST"])
def travels_with(request: HttpRequest) -> HttpResponse:
    """Ask who travels with a plate."""
    now = timezone.localtime(timezone.now())
    initial = {"plate": request.GET.get("plate", "")[:20], "since": now - timedelta(days=14), "until": now}
    form = TravelsWithForm(request.POST or None, initial=initial)
    return _asked(request, "investigations/travels_with.html", {"form": form}, form)


@require_safe
def investigation(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show what an investigation found to the person who asked; the look is logged, and the store is asked anew."""
    by = footing_of(request)
    entry, found = _found(by, entry_id)
    context = {
        "entry": entry, "found": found, "keeps_cases": bool(may_work_cases(by)), "rows": _rows(by, entry, found),
        **case_wanted(request),
    }  # fmt: skip
    name = "scenes_found" if isinstance(found, AtSeveral) else "travels_with_found"
    return render(request, f"investigations/{name}.html", context)


@require_POST
def preserve(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Copy what an investigation found into the case of a number (VI.h)."""
    by, wanted = footing_of(request), request.POST.get("number", "").strip()
    by.demand(may_work_cases(by), attempted=Action.PRESERVED, subject=f"query:{entry_id}")
    into = CaseFile.objects.filter(number=wanted).first()
    back = reverse("investigation", args=[entry_id])
    if into is not None and (asking := second_look(request, into, back=back)) is not None:
        return asking
    entry, found = _found(by, entry_id)
    if into is None:
        return redirect(f"{back}?{urlencode({'number': wanted[:40]})}")
    preserve_investigation(by, entry, found.rows(), case=into)
    messages.success(request, _("What was found is preserved in the case, with its Query Log entry."))
    return redirect("case", into.pk)


def _asked(request: HttpRequest, template: str, shown: dict[str, Any], form: ToolForm) -> HttpResponse:
    if request.method != "POST":
        _inquiring(request)
    elif form.is_valid():
        question = form.question()
        return in_bulk(_run, asked=question)(request, template, shown, question)
    return render(request, template, shown)


def _run(request: HttpRequest, template: str, shown: dict[str, Any], question: Question) -> HttpResponse:
    by = footing_of(request)
    try:
        entry = investigate(by, question)
    except RefusedAction as refused:
        return render(request, template, {**shown, "refusal": mended_in_form(by, refused)}, status=403)
    except SearchTooWide as stopped:
        return render(request, template, {**shown, "stopped": str(stopped)}, status=503)
    return redirect("query_asked" if entry.state == QueryLogEntry.State.WAITING else "investigation", entry.pk)


def _inquiring(request: HttpRequest) -> Footing:
    by = footing_of(request)
    by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.QUERY_BEGUN)
    return by


def _found(by: Footing, entry_id: int) -> tuple[QueryLogEntry, AtSeveral | Traveling]:
    try:
        return found_by(by, entry_id)
    except QueryLogEntry.DoesNotExist as missing:
        raise Http404 from missing


def _rows(by: Footing, entry: QueryLogEntry, found: AtSeveral | Traveling) -> list[dict[str, Any]]:
    rows = []
    plates: Sequence[AtScenes | Judged] = found.plates
    for number, (each, told) in enumerate(zip(plates, found.rows(), strict=True)):
        read = last_read(each, found.asked) if number < PICTURES else None
        ref = named(read, entry_id=entry.pk, person=by.person) if read is not None else ""
        text = (read.row.plate if read is not None else None) or told["plate"]
        chance = "" if "expected_by_chance" not in told else words.by_chance(float(told["expected_by_chance"]))
        rows.append({**told, "read": read, "ref": ref, "text": text, "chance": chance})
    return rows


urlpatterns: list[URLPattern] = [
    path("", tools, name="investigations"),
    path("scenes/", scenes, name="investigate_scenes"),
    path("travels-with/", travels_with, name="investigate_travels_with"),
    path("<int:entry_id>/", investigation, name="investigation"),
    path("<int:entry_id>/preserve/", preserve, name="investigation_preserve"),
]
