"""Copying into a case what it needs, from where it is seen: a hit, a Query Log entry, reads that were found, a tour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from platekeeper.core.rules.access import may_inquire
from platekeeper.core.rules.cases import may_work
from platekeeper.server.casefiles.lookups import facts_of
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.lookups import hits
from platekeeper.server.ledger.actions import Action
from platekeeper.server.procedures import preserve
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.querylog.lookups import entries, own
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.stakeouts.models import StakeOut
from platekeeper.server.storage.rows import StoredRead
from platekeeper.server.userlog.lookups import tours
from platekeeper.server.web.found import choice_kept, read_named
from platekeeper.server.web.screens import footing_of


@require_POST
def one(request: HttpRequest, kind: str, number: int) -> HttpResponse:
    """Copy a hit, a Query Log entry or the user log of a tour into the case of a number."""
    by = footing_of(request)
    into = _case(request, by, subject=f"{kind}:{number}")
    if into is None:
        wanted = _number(request)
        messages.error(request, _("There is no case %(number)s. Open it first.") % {"number": wanted})
        return redirect(f"{reverse('cases')}?{urlencode({'open': wanted})}#open")
    copy, back = _of(kind, number)
    if (asking := second_look(request, into, back=back)) is not None:
        return asking
    copy(by, case=into)
    messages.success(request, _("It is preserved in the case: no disposal can take it."))
    return redirect("case", into.pk)


def _of(kind: str, number: int) -> tuple[Callable[..., Preserved], str]:
    """Return what copies a thing into a case, and the address where the thing is seen."""
    match kind:
        case "hit":
            hit = get_object_or_404(hits().select_related("image"), pk=number)
            return partial(preserve.preserve_hit, hit=hit), reverse("hit", args=[number])
        case "query":
            entry = get_object_or_404(entries(), pk=number)
            return partial(preserve.preserve_query, entry=entry), reverse("query_log_entry", args=[number])
        case "tour":
            tour = get_object_or_404(tours(), pk=number)
            return partial(preserve.preserve_tour, tour=tour), reverse("user_log", args=[tour.log_id])
        case "copy":
            copy = get_object_or_404(Preserved.objects.exclude(set_aside_at=None), pk=number)
            return partial(preserve.preserve_copy, copy=copy), reverse("case_preserved", args=[copy.case_id, number])
    raise Http404


def second_look(request: HttpRequest, into: CaseFile, *, back: str) -> HttpResponse | None:
    """Show what a case is about whose number somebody wrote, and ask once more before anything is copied into it; None once
    that was answered, where the case's own page led here, and where the case takes nothing, which is refused as ever."""
    if request.POST.get("into") == f"{into.pk}" or not may_work(facts_of(into)):
        return None
    posted = ((name, value) for name, values in request.POST.lists() for value in values)
    carried = [(name, value) for name, value in posted if name not in {"csrfmiddlewaretoken", "into"}]
    return render(request, "cases/copy_into.html", {"case": into, "carried": carried, "back": back})


@require_POST
def found(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Copy the chosen reads out of one's own results into a case, with the query that found them (VI.h)."""
    by = footing_of(request)
    by.demand(may_inquire(by.authority, by.policy, by.today), attempted=Action.PRESERVED, subject=f"query:{entry_id}")
    entry = get_object_or_404(own(by.person), pk=entry_id)
    into = _case(request, by, subject=f"query:{entry_id}")
    try:
        reads = [read_named(ref, entry_id=entry_id, person=by.person) for ref in request.POST.getlist("read")]
    except signing.BadSignature as wrong:
        raise Http404 from wrong
    there = [read for read in reads if read is not None]
    if len(there) < len(reads) or not reads:
        messages.error(request, _("Choose reads that are still stored: none was chosen, or some are gone by now."))
        return redirect(_shown_again(request, entry, there))
    if into is None:
        return redirect(_shown_again(request, entry, there))
    if (asking := second_look(request, into, back=_shown_again(request, entry, there))) is not None:
        return asking
    preserve.preserve_reads(by, entry, there, case=into)
    messages.success(request, _("The reads and the query are preserved in the case: no disposal can take them."))
    return redirect("case", into.pk)


def _case(request: HttpRequest, by: Footing, *, subject: str) -> CaseFile | None:
    """Return the case whose number was given, None when there is no such case."""
    by.demand(may_work_cases(by), attempted=Action.PRESERVED, subject=subject[:80])
    return CaseFile.objects.filter(number=request.POST.get("number", "").strip()).first()


def _number(request: HttpRequest) -> str:
    return request.POST.get("number", "").strip()[:40]


def _shown_again(request: HttpRequest, entry: QueryLogEntry, chosen: Sequence[StoredRead]) -> str:
    """Return where the reads were chosen: the same page of them, as it was filled in."""
    collected, shown = StakeOut.objects.filter(entry=entry).first(), request.POST.get("shown", "")[:200]
    name, number, cursor = ("stake_out", collected.pk, "before") if collected else ("query", entry.pk, "after")
    kept = choice_kept(chosen, number=_number(request), on={cursor: shown} if shown else {})
    return f"{reverse(name, args=[number])}?{kept}#preserve"


urlpatterns: list[URLPattern] = [
    path("reads/<int:entry_id>/", found, name="reads_preserve"),
    path("<slug:kind>/<int:number>/", one, name="case_preserve"),
]
