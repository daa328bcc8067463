"""Searches of stored reads (VI.c, VIII) and the Query Log (VI.e)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from platekeeper.core.rules.access import may_inquire
from platekeeper.server.casefiles.lookups import cases_of
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger.actions import Action
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.search_lpr_data import PAGES_OPEN_FOR, results, search
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.procedures.view_logs import view_query_log
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.storage.images import ImageDamaged, ImageMissing
from platekeeper.server.storage.reads import Page
from platekeeper.server.web.forms.queries import LogFilterForm, SearchForm
from platekeeper.server.web.found import named, read_named
from platekeeper.server.web.screens import footing_of, person_of


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a search. It is logged before it runs; without a lawful reason it is refused, and that is logged."""
    by = footing_of(request)
    if request.method == "POST":
        form = SearchForm(request.POST)
        if form.is_valid():
            found = search(by, form.question())
            return redirect("query", found.entry.pk)
    else:
        by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.QUERY_BEGUN)
        now = timezone.localtime(by.at)
        form = SearchForm(
            initial={
                "plate": request.GET.get("plate", "")[:20],
                "since": now - timedelta(days=7),
                "until": now + timedelta(minutes=1),
            }
        )
    own = lookups.own(by.person)[:20]
    return render(request, "queries/new.html", {"form": form, "own": own, "open_for": by.at - PAGES_OPEN_FOR})


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
        "rows": _rows(found.page, entry_id, by.person, names),
        "keeps_cases": bool(may_work_cases(by)),
        "next": str(found.page.next) if found.page.next else "",
        "first": "after" not in request.GET,
    }
    return render(request, "queries/results.html", context)


@require_safe
def image(request: HttpRequest, entry_id: int, ref: str) -> HttpResponse:
    """Send the picture of a read that stands in the person's own results; the reference is signed for both."""
    try:
        read = read_named(ref, entry_id=entry_id, person=person_of(request))
        content = read_store().image(read) if read else None
    except (signing.BadSignature, ImageMissing, ImageDamaged) as missing:
        raise Http404 from missing
    if read is None or content is None or read.image is None:
        raise Http404
    response = HttpResponse(content, content_type=read.image.media_type)
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the Query Log to the Custodian and the auditors; the view is logged first."""
    form = LogFilterForm(request.GET)
    filters: dict[str, str] = dict(form.cleaned_data) if form.is_valid() else {}
    view_query_log(footing_of(request), filters=filters)
    page = Paginator(lookups.filtered(**filters), 50).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    kept = request.GET.copy()
    kept.pop("page", None)
    return render(request, "queries/log.html", {"page": page, "form": form, "kept": kept.urlencode()})


@require_safe
def log_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show one entry of the Query Log whole."""
    by = footing_of(request)
    view_query_log(by, filters={"entry": str(entry_id)})
    context = {
        "entry": get_object_or_404(lookups.entries(), pk=entry_id),
        "keeps_cases": bool(may_work_cases(by)),
        "kept_in": cases_of(f"query:{entry_id}"),
    }
    return render(request, "queries/entry.html", context)


def _rows(page: Page, entry_id: int, person: Person, names: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "read": read,
            "lpr": names.get(read.row.lpr, str(read.row.lpr)),
            "seen_at": datetime.fromtimestamp(read.row.at / 1e6, tz=timezone.get_current_timezone()),
            "ref": named(read, entry_id=entry_id, person=person),
        }
        for read in page.reads
    ]


urlpatterns: list[URLPattern] = [
    path("", new, name="query_new"),
    path("log/", log, name="query_log"),
    path("log/<int:entry_id>/", log_entry, name="query_log_entry"),
    path("<int:entry_id>/", query, name="query"),
    path("<int:entry_id>/image/<str:ref>/", image, name="query_image"),
]
