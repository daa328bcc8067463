"""Forms about the Query Log and its review."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.procedures.audit_queries import MOST
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.web.forms.calendar import Day
from platekeeper.server.web.forms.grounds import GroundForm

_EVERY = [("", _("every"))]
_FORMATS = [("csv", _("table (CSV)")), ("jsonl", _("JSON Lines"))]


class LogFilterForm(forms.Form):
    """What the Query Log is narrowed by; days are the department's own, both included."""

    person = forms.CharField(label=_("Person"), max_length=120, required=False)
    agency = forms.CharField(label=_("Agency"), max_length=120, required=False)
    plate = forms.CharField(label=_("Plate, or a part of it"), max_length=20, required=False)
    case_number = forms.CharField(label=_("Case or call number"), max_length=40, required=False)
    words = forms.CharField(label=_("Words in the justification"), max_length=120, required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[*_EVERY, *QueryLogEntry.Purpose.choices], required=False)
    state = forms.ChoiceField(label=_("How it stands"), choices=[*_EVERY, *QueryLogEntry.State.choices], required=False)
    since = Day(label=_("From"), required=False)
    until = Day(label=_("Until"), required=False)
    flagged = forms.BooleanField(label=_("Only flagged by a review"), required=False)

    def narrowing(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return what `querylog.lookups.filtered` takes, days as moments of the zone."""
        asked: dict[str, Any] = {name: value for name, value in self.cleaned_data.items() if name != "flagged"}
        since: date | None = asked["since"]
        until: date | None = asked["until"]
        return asked | {
            "plate": "".join(asked["plate"].split()).upper(),
            "since": datetime.combine(since, time(), zone) if since else None,
            "until": datetime.combine(until + timedelta(days=1), time(), zone) if until else None,
        }

    def told(self) -> dict[str, str]:
        """Return what was filtered by, as the ledger keeps it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class ExportForm(forms.Form):
    """How the log is written, and to whom the whole of it goes."""

    form = forms.ChoiceField(label=_("As"), choices=_FORMATS)


class WholeExportForm(GroundForm, ExportForm):
    """The log with plates and justifications leaves only to somebody, for a reason."""

    field_order = ("form", "to", "why", "agency", "order")
    to = forms.CharField(label=_("To whom it goes"), max_length=160)
    why = forms.CharField(label=_("Why"), max_length=240)


class StepForm(forms.Form):
    """One step on an entry under review, in words."""

    words = forms.CharField(
        label=_("In words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class SurveyForm(forms.Form):
    """How many entries a survey draws."""

    size = forms.IntegerField(label=_("Entries to draw"), min_value=1, max_value=MOST, initial=50)
