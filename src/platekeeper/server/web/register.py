"""The clause register as a page, as JSON and as PDF, of today or of any past day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from platekeeper.core.wording import HEADINGS
from platekeeper.server.printing.pdf import demo_mark, report_pdf
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.procedures.view_logs import view_register
from platekeeper.server.register.evidence import Status
from platekeeper.server.register.lines import Line, counted, register
from platekeeper.server.register.period import WINDOWS, Period, PeriodError, period_of
from platekeeper.server.register.report import amended, as_data, report, spoken_period
from platekeeper.server.web.forms.calendar import Day
from platekeeper.server.web.navigation import open_to
from platekeeper.server.web.screens import footing_of

PAGES: dict[str, Any] = {
    "annual_review": _("Annual review"),
    "cases": _("Cases"),
    "dead_letters": _("Dead letters"),
    "deployments": _("Deployments"),
    "defects": _("Defects"),
    "directives": _("Command directives"),
    "disseminations": _("Handed out"),
    "disposals": _("Disposals"),
    "entries": _("Hot list entries"),
    "hits_board": _("Live board"),
    "hits_departures": _("Departures"),
    "hits_dispatch": _("Dispatch queue"),
    "hot_lists": _("Hot lists"),
    "ledger": _("Ledger"),
    "lprs": _("LPRs"),
    "people": _("People"),
    "policy": _("Policy"),
    "questions": _("Technical questions"),
    "query_log": _("Query Log"),
    "tours": _("Tours"),
    "user_logs": _("Daily User Logs"),
    "training": _("Training"),
    "transfers": _("Routine transfers"),
    "upkeep": _("Upkeep"),
}
"""What the pages are called that lines of the register name."""
STATUSES: dict[Status, tuple[Any, str, str]] = {
    Status.BREACH: (_("breach"), "is-bad", "✕"),
    Status.CAUTION: (_("caution"), "is-warn", "!"),
    Status.KEPT: (_("kept"), "is-good", "✓"),
    Status.IDLE: (_("no activity"), "is-quiet", "–"),
    Status.GUIDANCE: (_("guidance"), "is-info", "i"),
}
"""Each status as people read it, its color, and its sign: never color alone. The worst first."""
_TALLIES = {
    Status.BREACH: _("in breach"),
    Status.CAUTION: _("with a caution"),
    Status.KEPT: _("kept"),
    Status.IDLE: _("without activity"),
    Status.GUIDANCE: _("guidance"),
}
_INDEX = {"header": _("Header"), "signature": _("Signature")}


class PeriodForm(forms.Form):
    """Which day, and how many days back from it."""

    on = Day(
        label=_("Day"), required=False,
        error_messages={"invalid": _("Write the day as 2026-03-01.")},
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("Looking back"), required=False, coerce=int, empty_value=None,
        choices=[
            ("", _("as usual")), (1, _("that day alone")),
            *((n, format_lazy("{} {}", n, _("days"))) for n in WINDOWS[1:]),
        ],
        error_messages={"invalid_choice": _("Choose one of the windows offered.")},
    )  # fmt: skip
    status = forms.ChoiceField(required=False, choices=[("", ""), *((status.value, "") for status in Status)])


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show every clause with the department's answers, how it is kept, and the evidence."""
    by, form = footing_of(request), PeriodForm(request.GET)
    view_register(by, filters=_filters(request))
    period, wrong = _period(by, form)
    if period is None:
        return render(request, "register/no_register.html", {"form": form, "wrong": wrong}, status=400)
    lines, chosen = register(period), form.cleaned_data["status"]
    shown = [line for line in lines if chosen in ("", line.status.value)]
    counts, days = counted(lines), (period.today - period.first_day).days + 1
    context = {
        "form": PeriodForm({"on": period.today, "days": days}),
        "period": period,
        "spoken": spoken_period(period),
        "days": days,
        "strips": _strips(lines),
        "counts": [(status, counts[status], _TALLIES[status], *STATUSES[status][1:]) for status in STATUSES],
        "chosen": chosen,
        "sections": _sections(shown, by),
        "shown": len(shown),
        "parameters": _parameters(form),
    }
    return render(request, "register/register.html", context)


@require_safe
def as_json(request: HttpRequest) -> JsonResponse:
    """Return the register for machines."""
    by = footing_of(request)
    view_register(by, filters=_filters(request))
    period, wrong = _period(by, PeriodForm(request.GET))
    if period is None:
        return JsonResponse({"error": wrong}, status=400)
    return JsonResponse(as_data(register(period), period))


@require_safe
def as_pdf(request: HttpRequest) -> HttpResponse:
    """Return the register to print."""
    by, form = footing_of(request), PeriodForm(request.GET)
    view_register(by, filters=_filters(request))
    period, wrong = _period(by, form)
    if period is None:
        return render(request, "register/no_register.html", {"form": form, "wrong": wrong}, status=400)
    printed_on = f"{by.at.astimezone(period.zone):%Y-%m-%d %H:%M}"
    printed = report(
        register(period), period, printed_by=by.person.name, printed_on=printed_on,
        watermark=demo_mark(),
    )  # fmt: skip
    answer = HttpResponse(report_pdf(printed, at=by.at), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="clause-register-{period.today}.pdf"'
    return answer


def _period(by: Footing, form: PeriodForm) -> tuple[Period | None, str]:
    """Return the period asked for, or none and what is wrong with what was asked."""
    if not form.is_valid():
        return None, " ".join(str(error) for errors in form.errors.values() for error in errors)
    on: date | None = form.cleaned_data["on"]
    days = form.cleaned_data["days"]
    try:
        return period_of(now=by.at, current=by.policy, on=on, days=days, store=read_store()), ""
    except PeriodError as error:
        return None, str(error)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:20] for name in ("on", "days", "status")}


def _parameters(form: PeriodForm) -> str:
    data = form.cleaned_data
    given = {"on": data["on"].isoformat() if data["on"] else "", "days": data["days"] or ""}
    return "&".join(f"{name}={value}" for name, value in given.items() if value)


def _sections(lines: list[Line], by: Footing) -> list[dict[str, Any]]:
    pages = open_to(by) | {"annual_review"}
    if "hot_lists" in pages:
        pages.add("entries")
    return [
        {
            "number": section if section in HEADINGS else "",
            "heading": HEADINGS.get(section) or _INDEX[section],
            "rows": [
                {
                    "line": line,
                    **_status(line),
                    "amended": amended(line),
                    "page": PAGES[line.page],
                    "is_open": line.page in pages,
                }
                for line in group
            ],
        }
        for section, group in _by_section(lines)
    ]


def _by_section(lines: list[Line]) -> Iterator[tuple[str, Iterator[Line]]]:
    return groupby(lines, key=lambda line: line.section)


def _strips(lines: list[Line]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the lines as rows of cells: a row for each section of clauses, one for each run of what has none."""
    rows = groupby(lines, key=lambda line: line.section if "." in line.number and line.section != "III" else "")
    return [(section, [_cell(line, section) for line in group]) for section, group in rows]


def _cell(line: Line, section: str) -> dict[str, Any]:
    """Return a line as a cell: within the row of a section only the part of the number that differs is written."""
    return {
        **_status(line),
        "line": line,
        "short": line.number.partition(".")[2] if section else line.number,
    }


def _status(line: Line) -> dict[str, Any]:
    return dict(zip(("label", "tone", "sign"), STATUSES[line.status], strict=True))


urlpatterns: list[URLPattern] = [
    path("", page, name="register"),
    path("register.json", as_json, name="register_json"),
    path("register.pdf", as_pdf, name="register_pdf"),
]
