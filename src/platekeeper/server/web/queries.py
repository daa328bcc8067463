"""Searches of stored reads (VI.c, VIII)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platekeeper.core.blanks import BLANKS
from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.decision import Refused
from platekeeper.core.rules.inquiries import AGE
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.ask_partners import partners_to_ask, search_across, view_answers
from platekeeper.server.procedures.authority import Footing, RefusedAction
from platekeeper.server.procedures.inquire import PAGES_OPEN_FOR
from platekeeper.server.procedures.investigate import TOOLS
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.question import Question
from platekeeper.server.procedures.search_lpr_data import picture, results
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage import deadline
from platekeeper.server.storage.errors import SearchTooWide
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.storage.terms import Page
from platekeeper.server.web.forms.queries import SearchForm
from platekeeper.server.web.found import case_wanted, choice_of, key_of, named, read_named
from platekeeper.server.web.maps import map_of
from platekeeper.server.web.screens import footing_of, in_bulk, mended_in_form


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a search. It is logged before it runs; without a lawful reason it is refused, and that is logged."""
    by = footing_of(request)
    form = SearchForm(
        request.POST if request.method == "POST" else None,
        initial=_usual(by, request.GET.get("plate", "")),
        zone=by.policy.zone.key,
        partners=partners_to_ask(by),
    )
    if request.method == "POST" and form.is_valid():
        question = form.question()
        return in_bulk(_run, asked=question)(request, form, question)
    by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.QUERY_BEGUN)
    return _ask(request, by, form)


def _run(request: HttpRequest, form: SearchForm, question: Question) -> HttpResponse:
    by = footing_of(request)
    try:
        entry = search_across(by, question, form.chosen()).entry
    except RefusedAction as refused:
        return _ask(request, by, form, status=403, refusal=mended_in_form(by, refused))
    except SearchTooWide as stopped:
        return _ask(request, by, form, status=503, stopped=str(stopped))
    return redirect("query_asked" if entry.state == QueryLogEntry.State.WAITING else "query", entry.pk)


def _ask(
    request: HttpRequest, by: Footing, form: SearchForm, *, status: int = 200, refusal: Refused | None = None,
    stopped: str = "",
) -> HttpResponse:  # fmt: skip
    older = by.policy.values.get(AGE)
    context = {
        "form": form,
        "refusal": refusal,
        "stopped": stopped,
        "older": BLANKS[AGE].spoken(older) if older else "",
        "own": lookups.own(by.person)[:20],
        "open_for": by.at - PAGES_OPEN_FOR,
        "map": map_of(lprs()),
    }
    return render(request, "queries/new.html", context, status=status)


def _usual(by: Footing, plate: str) -> dict[str, Any]:
    now = timezone.localtime(by.at)
    return {"plate": plate[:20], "since": now - timedelta(days=7), "until": now + timedelta(minutes=1)}


@require_safe
def query(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show a page of results to the person who asked."""
    by = footing_of(request)
    try:
        found = results(by, entry_id, cursor=request.GET.get("after", ""))
    except (QueryLogEntry.DoesNotExist, ValueError) as missing:
        raise Http404 from missing
    names = dict(lprs().values_list("pk", "name"))
    context = {
        "entry": found.entry,
        "rows": _rows(found.page, entry_id, by.person, names, choice_of(request)),
        **case_wanted(request),
        "keeps_cases": bool(may_work_cases(by)),
        "next": str(found.page.next) if found.page.next else "",
        "first": "after" not in request.GET,
        "shown": request.GET.get("after", ""),
        "partners": view_answers(by, found.entry),
    }
    return render(request, "queries/results.html", context)


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Stop what the person waits for. Its entry in the Query Log says that it did not end well."""
    by = footing_of(request)
    by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.QUERY_BEGUN)
    deadline.stop(by.person.pk)
    return HttpResponse(status=204)


@require_safe
def image(request: HttpRequest, entry_id: int, ref: str) -> HttpResponse:
    """Send the picture of a read that stands in the person's own results; the reference is signed for both."""
    by = footing_of(request)
    try:
        read = read_named(ref, entry_id=entry_id, person=by.person)
        content = picture(by, entry_id, read, tools=("", *TOOLS)) if read else None
    except (signing.BadSignature, QueryLogEntry.DoesNotExist, ImageMissing, ImageDamaged) as missing:
        raise Http404 from missing
    if read is None or content is None or read.image is None:
        raise Http404
    response = HttpResponse(content, content_type=read.image.media_type)
    response["Cache-Control"] = "private, no-store"
    return response


def _rows(page: Page, entry_id: int, person: Person, names: dict[int, str], chosen: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "read": read,
            "lpr": names.get(read.row.lpr, str(read.row.lpr)),
            "seen_at": datetime.fromtimestamp(read.row.at / 1e6, tz=timezone.get_current_timezone()),
            "ref": named(read, entry_id=entry_id, person=person),
            "is_chosen": key_of(read) in chosen,
        }
        for read in page.reads
    ]


urlpatterns: list[URLPattern] = [
    path("", new, name="query_new"),
    path("stop/", stop, name="query_stop"),
    path("<int:entry_id>/", query, name="query"),
    path("<int:entry_id>/image/<str:ref>/", image, name="query_image"),
]
