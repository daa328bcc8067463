"""The search form: what is asked, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.partial import PatternError, parse_pattern
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.search_lpr_data import Question
from platekeeper.server.querylog.models import QueryLogEntry

_PURPOSES = [choice for choice in QueryLogEntry.Purpose.choices if choice[0] != QueryLogEntry.Purpose.ALERT]
_MOMENT = {"type": "datetime-local"}


class SearchForm(forms.Form):
    """Reasons are not required here: a search without them is refused by the rule, and the refusal is logged."""

    plate = forms.CharField(
        label=_("Plate"),
        max_length=20,
        help_text=_("Complete, or ? for one character and * for any run: ABC1234, AB?1*"),
    )
    since = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(label=_("Until"), widget=forms.DateTimeInput(attrs=_MOMENT, format="%Y-%m-%dT%H:%M"))
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), required=False, help_text=_("none chosen: all of them")
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[("", "—"), *_PURPOSES], required=False)
    offence = forms.CharField(label=_("Offence or incident type"), max_length=80, required=False)
    case_number = forms.CharField(label=_("Case or call number"), max_length=40, required=False)
    justification = forms.CharField(
        label=_("Why this look is needed"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    requestor = forms.CharField(
        label=_("On behalf of"), max_length=120, required=False, help_text=_("if somebody asked for it")
    )
    requestor_agency = forms.CharField(label=_("Their agency"), max_length=120, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lprs"].queryset = lprs()  # type: ignore[attr-defined]

    def clean_plate(self) -> str:
        """Refuse what is no plate with what to write instead."""
        try:
            return parse_pattern(self.cleaned_data["plate"]).text
        except PatternError as error:
            raise forms.ValidationError(str(error)) from error

    def question(self) -> Question:
        """Return the cleaned form as a question."""
        data = self.cleaned_data
        return Question(
            plate=data["plate"],
            since=data["since"],
            until=data["until"],
            lprs=tuple(lpr.pk for lpr in data["lprs"]),
            purpose=data["purpose"],
            offence=data["offence"],
            case_number=data["case_number"],
            justification=data["justification"],
            requestor=data["requestor"],
            requestor_agency=data["requestor_agency"],
        )
