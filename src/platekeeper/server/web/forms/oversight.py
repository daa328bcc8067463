"""Forms of public oversight."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.state_reports import STATE_REPORTS
from platekeeper.server.web.forms.calendar import Day
from platekeeper.server.web.language import said_lazily


class YearForm(forms.Form):
    """A year to take stock of."""

    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2999)


class PeriodForm(forms.Form):
    """Which days a report is of."""

    first, last = Day(label=_("First day")), Day(label=_("Last day"))


class ReportForm(PeriodForm):
    """A report for the public."""

    places = forms.BooleanField(
        label=_("Say where the fixed cameras stand"), required=False,
        help_text=_("Their places are public anyway where cameras stand openly; the department decides."),
    )  # fmt: skip


class StateReportForm(PeriodForm):
    """A report to a state."""

    report = forms.ChoiceField(
        label=_("Report"), choices=[(each.name, said_lazily(each.title)) for each in STATE_REPORTS.values()]
    )
    form = forms.ChoiceField(label=_("As"), choices=[("pdf", _("PDF")), ("csv", _("CSV"))])
