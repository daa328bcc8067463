"""Taking stock: the audit packet of a year, reports for the public, reports to a state (VI.e, VI.l)."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platekeeper.core.rules.oversight import may_publish, may_take_stock
from platekeeper.core.state_reports import STATE_REPORTS
from platekeeper.server.ledger.actions import Action
from platekeeper.server.oversight import publications
from platekeeper.server.oversight.models import Publication
from platekeeper.server.procedures import publish_reports
from platekeeper.server.procedures.audit_packet import export_audit_packet
from platekeeper.server.register.period import PeriodError
from platekeeper.server.storage.file_by_file import unnamed, zipped
from platekeeper.server.web.forms.oversight import ReportForm, StateReportForm, YearForm
from platekeeper.server.web.screens import attached, attachment, footing_of, step_up


@require_safe
def oversight(request: HttpRequest) -> HttpResponse:
    """Show what can be handed out of a period, and what was published."""
    by = footing_of(request)
    by.demand(may_take_stock(by.authority, by.policy), attempted=Action.REPORT_PUBLISHED)
    first, last = _last_quarter(by.today)
    year_ago = {"first": date(by.today.year - 1, 1, 1), "last": date(by.today.year - 1, 12, 31)}
    context = {
        "year": YearForm(initial={"year": by.today.year}),
        "report": ReportForm(initial={"first": first, "last": last}, auto_id="report-%s"),
        "state": StateReportForm(initial=year_ago, auto_id="state-%s"),
        "publications": publications.publications(),
        "publishes": bool(may_publish(by.authority, by.policy)),
    }
    return render(request, "oversight/oversight.html", context)


@require_POST
@step_up
def packet(request: HttpRequest) -> HttpResponse | FileResponse:
    """Hand out the audit packet of a year."""
    by, form = footing_of(request), YearForm(request.POST)
    if not form.is_valid():
        return _back(request, _("Give a year, such as 2026."))
    year = form.cleaned_data["year"]
    try:
        files = export_audit_packet(by, year=year, at=by.at)
    except PeriodError as error:
        return _back(request, str(error))
    with files:
        packed = zipped(files, unnamed(settings.HOME.outgoing), folder=f"audit-{year}")
    return attached(packed, "application/zip", f"audit-{year}.zip")


@require_safe
def draft(request: HttpRequest) -> HttpResponse:
    """Show a report as the public would see it, before it is published."""
    by, form = footing_of(request), ReportForm(request.GET)
    if not form.is_valid():
        by.demand(may_take_stock(by.authority, by.policy), attempted=Action.REPORT_PUBLISHED)
        if not request.GET:
            return redirect("oversight")
        return _back(request, _("Give the first and the last day of the report."))
    try:
        drawn = publish_reports.draw_up(by, **form.cleaned_data)
    except PeriodError as error:
        return _back(request, str(error))
    context = {"report": drawn, "form": form, "publishes": bool(may_publish(by.authority, by.policy))}
    return render(request, "oversight/draft.html", context)


@require_POST
@step_up
def publish(request: HttpRequest) -> HttpResponse:
    """Publish a report."""
    by, form = footing_of(request), ReportForm(request.POST)
    if not form.is_valid():
        return _back(request, _("Give the first and the last day of the report."))
    try:
        published = publish_reports.publish(by, **form.cleaned_data)
    except PeriodError as error:
        return _back(request, str(error))
    messages.success(request, _("The report is published: anybody may read it now."))
    return redirect("transparency_report", published.pk)


@require_POST
@step_up
def withdraw(request: HttpRequest, publication_id: int) -> HttpResponse:
    """Take a report back."""
    found = get_object_or_404(Publication, pk=publication_id)
    publish_reports.withdraw(footing_of(request), found, why=request.POST.get("why", ""))
    return redirect("oversight")


@require_POST
def state_report(request: HttpRequest) -> HttpResponse:
    """Hand out a report to a state."""
    by, form = footing_of(request), StateReportForm(request.POST)
    if not form.is_valid():
        return _back(request, _("Choose a report, and give its first and its last day."))
    asked, first, last = (
        STATE_REPORTS[form.cleaned_data["report"]],
        form.cleaned_data["first"],
        form.cleaned_data["last"],
    )
    try:
        table, pdf = publish_reports.state_report(by, asked, first=first, last=last)
    except PeriodError as error:
        return _back(request, str(error))
    name = f"{asked.name.replace('_', '-')}-{first}-{last}"
    if form.cleaned_data["form"] == "csv":
        return attachment(table, "text/csv; charset=utf-8", f"{name}.csv")
    return attachment(pdf, "application/pdf", f"{name}.pdf")


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    return redirect("oversight")


def _last_quarter(today: date) -> tuple[date, date]:
    """Return the quarter that is over."""
    begins = date(today.year, today.month - (today.month - 1) % 3, 1)
    last = begins - timedelta(days=1)
    return date(last.year, last.month - 2, 1), last


urlpatterns: list[URLPattern] = [
    path("", oversight, name="oversight"),
    path("packet/", packet, name="audit_packet"),
    path("report/", draft, name="report_draft"),
    path("report/publish/", publish, name="report_publish"),
    path("report/<int:publication_id>/withdraw/", withdraw, name="report_withdraw"),
    path("state-report/", state_report, name="state_report"),
]
