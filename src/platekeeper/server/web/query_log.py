"""The Query Log (VI.c-e, VIII.c-e): narrowed, looked into, taken out, and what of it a case still has to preserve."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.access import has_duty
from platekeeper.core.rules.audits import may_audit
from platekeeper.core.rules.log_keeping import log_entry_kept_until
from platekeeper.core.rules.query_audit import HIGH, reasons_of
from platekeeper.core.rules.reasons import flag_title
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.oversight import audits
from platekeeper.server.oversight.query_facts import facts_for
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.copies import of_query
from platekeeper.server.procedures.correct_case_number import correct_case_number
from platekeeper.server.procedures.export_query_log import Format, export_query_log
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.list_cases import DUTY as KEEPS_NUMBERS
from platekeeper.server.procedures.preserve import kept_in, preserve_queries
from platekeeper.server.procedures.view_logs import may_view_query_log, view_query_log
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.querylog.requests import wished, wished_by
from platekeeper.server.web.forms.grounds import ground_of
from platekeeper.server.web.forms.query_log import ExportForm, LogFilterForm, WholeExportForm
from platekeeper.server.web.screens import footing_of, number_of, step_up

_PAGE = 50
_COUNTED = 1000
_CASES_SHOWN = 20


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the Query Log to the Custodian and the auditors, newest first, page by key; the view is logged first."""
    by, form = footing_of(request), LogFilterForm(request.GET or None)
    told = form.told() if form.is_valid() else {}
    before = request.GET.get("before", "")
    view_query_log(by, filters={**told, "before": before[:20]})
    found = _found(form, by)
    rows = list((found.filter(pk__lt=last) if (last := number_of(before)) else found).order_by("-pk")[: _PAGE + 1])
    numbers = [row.pk for row in rows]
    context = {
        "entries": rows[:_PAGE],
        "flagged": set(_flagged(lookups.entries().filter(pk__in=numbers), by).values_list("pk", flat=True)),
        "count": found[: _COUNTED + 1].count(),
        "counted": _COUNTED,
        "next": rows[_PAGE - 1].pk if len(rows) > _PAGE else None,
        "form": form,
        "told": told,
        "kept": _kept(request),
        "export": ExportForm(auto_id="export-%s"),
        "whole": WholeExportForm(auto_id="whole-%s"),
        "audits": bool(may_audit(by.authority, by.policy)),
        "keeps_numbers": bool(has_duty(by.authority, by.policy, KEEPS_NUMBERS)),
        **({} if told or before else _to_preserve(by)),
    }
    return render(request, "queries/log.html", context)


@require_safe
def log_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show one entry of the Query Log whole, and until when it is kept."""
    by = footing_of(request)
    view_query_log(by, filters={"entry": str(entry_id)})
    entry = get_object_or_404(lookups.entries(), pk=entry_id)
    names = dict(lprs().values_list("pk", "name"))
    context = {
        "entry": entry,
        "lprs": [names.get(each, each) for each in entry.terms.get("lprs", ())],
        "flags": [flag_title(flag) for flag in entry.flags],
        "keeping": log_entry_kept_until(lookups.facts_of(entry, zone=by.policy.zone), by.policy),
        "keeps_cases": bool(may_work_cases(by)),
        "kept_in": kept_in(of_query(entry)),
        "corrects": entry.by_id == by.person.pk or bool(may_audit(by.authority, by.policy)),
        **_reviewed(by, entry),
    }
    return render(request, "queries/entry.html", context)


@require_POST
@step_up
def export(request: HttpRequest) -> HttpResponseBase:
    """Hand out the entries found without what names plates and people."""
    return _export(request, whole=False)


@require_POST
@step_up
def export_whole(request: HttpRequest) -> HttpResponseBase:
    """Hand out the entries found whole, to somebody, for a reason."""
    return _export(request, whole=True)


@require_POST
def preserve(request: HttpRequest, case_id: int) -> HttpResponse:
    """Copy into a case every query made under its number that it does not preserve yet (VI.d)."""
    into = get_object_or_404(CaseFile, pk=case_id)
    preserve_queries(footing_of(request), into)
    messages.success(request, _("The queries are preserved in the case: they stay with it."))
    return redirect("case", case_id)


@require_POST
def correct_case(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Say under which case or call number a query belongs."""
    by, number = footing_of(request), request.POST.get("number", "").strip()[:40]
    entry = get_object_or_404(lookups.entries(), pk=entry_id)
    correct_case_number(by, entry, number=number, why=request.POST.get("why", ""))
    messages.success(request, _("The query is under %(number)s from now on.") % {"number": number})
    return redirect("query_log_entry", entry_id) if may_view_query_log(by) else redirect("home")


def _found(form: LogFilterForm, by: Footing) -> QuerySet[QueryLogEntry]:
    if not form.is_bound:
        return lookups.entries()
    if not form.is_valid():
        return lookups.entries().none()
    found = lookups.filtered(**form.narrowing(by.policy.zone))
    return _flagged(found, by) if form.cleaned_data["flagged"] else found


def _flagged(found: QuerySet[QueryLogEntry], by: Footing) -> QuerySet[QueryLogEntry]:
    """Narrow to what a review flagged; nobody learns here that their own query is under review."""
    return audits.flagged(found).exclude(by=by.person).exclude(pk__in=wished_by(by.person).values("query"))


def _export(request: HttpRequest, *, whole: bool) -> HttpResponseBase:
    by, form = footing_of(request), LogFilterForm(request.POST)
    chosen = Format.JSONL if request.POST.get("form") == Format.JSONL else Format.CSV
    lines = export_query_log(
        by, _found(form, by), filters=form.told() if form.is_valid() else {}, form=chosen, whole=whole,
        to=request.POST.get("to", ""), why=request.POST.get("why", ""), **(ground_of(request.POST) if whole else {}),
    )  # fmt: skip
    name = f"query-log-{by.today}{'' if whole else '-redacted'}.{chosen.value}"
    kind = "text/csv; charset=utf-8" if chosen is Format.CSV else "application/jsonl"
    return StreamingHttpResponse(lines, kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _to_preserve(by: Footing) -> dict[str, Any]:
    """Return the cases whose queries are still to be preserved, each with how many."""
    cases = lookups.cases_to_preserve_in()[:_CASES_SHOWN]
    counts = lookups.unpreserved_counts(cases)
    return {
        "to_preserve": [(case, counts[case.number]) for case in cases],
        "cases_shown": _CASES_SHOWN,
        "keeps_cases": bool(may_work_cases(by)),
    }


def _reviewed(by: Footing, entry: QueryLogEntry) -> dict[str, Any]:
    """Return for auditors what a review would say, and has said; of their own queries, and those made for them, nothing."""
    is_own = entry.by_id == by.person.pk or wished(by.person, [entry.pk])
    if is_own or not may_audit(by.authority, by.policy):
        return {}
    ran = entry.state not in QueryLogEntry.NEVER_RAN
    facts = facts_for([entry], zone=by.policy.zone, at=by.at)
    return {
        "reasons": reasons_of(facts[entry.pk]) if ran else (),
        "high": HIGH,
        "audits": audits.items().filter(entry=entry),
    }


def _kept(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("before", None)
    return kept.urlencode()


urlpatterns: list[URLPattern] = [
    path("", log, name="query_log"),
    path("<int:entry_id>/", log_entry, name="query_log_entry"),
    path("<int:entry_id>/case/", correct_case, name="query_case"),
    path("export/", export, name="query_log_export"),
    path("export/whole/", export_whole, name="query_log_export_whole"),
    path("preserve/<int:case_id>/", preserve, name="query_log_preserve"),
]
