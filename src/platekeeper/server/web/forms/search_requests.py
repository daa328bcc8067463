"""Forms about requests for searches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from platekeeper.core.clauses import Clause
from platekeeper.core.partial import PatternError, parse_pattern
from platekeeper.core.rules.search_requests import GROUNDS, Asked
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.request_searches import Outsider
from platekeeper.server.querylog.models import QueryLogEntry, SearchRequest, SearchStep
from platekeeper.server.web.forms.calendar import Moment
from platekeeper.server.web.forms.choices import CHOOSE
from platekeeper.server.web.forms.grounds import ByOrderForm
from platekeeper.server.web.language import said_lazily

_PURPOSES = [each for each in QueryLogEntry.Purpose.choices if each[0] != QueryLogEntry.Purpose.ALERT]
_WAYS = [each for each in SearchRequest.Way.choices if each[0] != SearchRequest.Way.HERE]
OUTSIDE = ("name", "agency", "agency_name", "contact", "way", "mutual_aid")


def _text(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=400, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class SearchRequestForm(forms.Form):
    """What is asked for and why; and for whom, where somebody of another agency asks."""

    plate = forms.CharField(
        label=_("Plate"), max_length=20, required=False,
        help_text=_("complete, or ? for one character and * for any run; empty if it is not known"),
    )  # fmt: skip
    description = _text(_("What is sought"), required=False, help_text=_("the vehicle and the place, as far as known"))
    since = Moment(label=_("From"))
    until = Moment(label=_("Until"))
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), required=False, help_text=_("none chosen: all of them")
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[CHOOSE, *_PURPOSES])
    offense = forms.CharField(label=_("Offense or incident type"), max_length=80)
    case_number = forms.CharField(label=_("Case or call number"), max_length=40)
    justification = _text(_("Why the search is needed"))
    urgent = forms.BooleanField(label=_("Urgent"), required=False)
    due_at = Moment(label=_("Needed by"), required=False)
    name = forms.CharField(label=_("Who asks"), max_length=120, required=False, help_text=_("empty: you do"))
    agency = forms.ModelChoiceField(label=_("Their agency"), queryset=Agency.objects.none(), required=False)
    agency_name = forms.CharField(label=_("or another agency"), max_length=120, required=False)
    contact = forms.CharField(label=_("How to reach them"), max_length=160, required=False)
    way = forms.ChoiceField(label=_("How it came"), choices=_WAYS, required=False)
    mutual_aid = forms.BooleanField(label=_("Mutual aid after a violent crime (V.e)"), required=False)

    def __init__(self, *args: Any, outsider: bool, sees_lprs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lprs"].queryset = lprs()  # type: ignore[attr-defined]
        self.fields["agency"].queryset = agencies()  # type: ignore[attr-defined]
        hidden = {*(OUTSIDE[:-1] if outsider else ()), *(() if sees_lprs else ("lprs",))}
        for name in hidden:
            del self.fields[name]

    def clean_plate(self) -> str:
        """Refuse what is no plate with what to write instead."""
        try:
            return parse_pattern(self.cleaned_data["plate"]).text if self.cleaned_data["plate"] else ""
        except PatternError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Demand a plate or a description; and of somebody outside the agency, since agencies may ask."""
        data = super().clean() or self.cleaned_data
        if "plate" in data and not (data["plate"] or data.get("description")):
            self.add_error("plate", _("Give the plate, or describe what is sought."))
        agency = data.get("agency") or data.get("agency_name")
        if bool(data.get("name")) != bool(agency):
            self.add_error("name", _("Name who asks and their agency, or leave both empty."))
        return data

    def wanted(self) -> Asked:
        """Return what is asked for."""
        data = self.cleaned_data
        return Asked(
            plate=data["plate"], description=data["description"], since=data["since"], until=data["until"],
            purpose=data["purpose"], offense=data["offense"], case_number=data["case_number"],
            justification=data["justification"], lprs=frozenset(lpr.pk for lpr in data.get("lprs", ())),
        )  # fmt: skip

    def of(self) -> Outsider | None:
        """Return who asks, None for the person before the screen."""
        data = self.cleaned_data
        if not data.get("name"):
            return None
        agency = data["agency"].name if data["agency"] else data["agency_name"]
        return Outsider(data["name"], agency, data["contact"], data["way"] or SearchRequest.Way.PHONE)

    def more(self) -> dict[str, Any]:
        """Return how pressing it is, and whether it is mutual aid."""
        return {name: self.cleaned_data[name] for name in ("urgent", "due_at", "mutual_aid")}


class RefuseForm(forms.Form):
    """Why a request is refused."""

    clause = forms.ChoiceField(
        label=_("Under"),
        choices=[(each.number, format_lazy("{} {}", each.number, said_lazily(each.title))) for each in GROUNDS],
    )
    words = _text(_("Why, as who asked will read it"))

    def clean_clause(self) -> Clause:
        """Return the clause itself."""
        return Clause.by_number(self.cleaned_data["clause"])


class AnswerForm(ByOrderForm):
    """What was found, where it is kept, who gets it, and on which ground."""

    field_order = ("words", "case", "how", "recipients", "order")
    words = _text(_("What was found"), help_text=_("in words; the reads themselves are kept in the case file"))
    case = forms.ModelChoiceField(
        label=_("Case file"), queryset=CaseFile.objects.filter(ended_at=None), to_field_name="number",
        widget=forms.TextInput, help_text=_("its number; the search and this request are copied into it (VI.h)"),
        error_messages={"invalid_choice": _("There is no such case. Open it first.")},
    )  # fmt: skip
    how = forms.ChoiceField(label=_("Handed over"), choices=SearchStep.How.choices)
    recipients = _text(_("Who gets it"), help_text=_("one a line: name, agency; without agency: of this department"))

    def clean_recipients(self) -> list[tuple[str, str]]:
        """Return (name, agency) of each."""
        lines = [line.partition(",") for line in self.cleaned_data["recipients"].splitlines() if line.strip(" ,")]
        return [(name.strip(), agency.strip()) for name, _comma, agency in lines]
