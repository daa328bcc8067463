"""The search form: what is asked, and why."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.case_numbers import LARGEST
from platekeeper.core.partial import PatternError, parse_pattern
from platekeeper.core.rules.reasons import EXAMPLE, PROHIBITED, Prohibited
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.inquire import Question
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
        label=_("Why this look is needed"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("what happened, and what is looked for: %(example)s") % {"example": EXAMPLE},
    )
    none_prohibited = forms.BooleanField(label=_("This search serves none of these purposes"), required=False)
    requestor = forms.CharField(
        label=_("On behalf of"), max_length=120, required=False, help_text=_("if somebody asked for it")
    )
    requestor_agency = forms.CharField(label=_("Their agency or unit"), max_length=120, required=False)
    recipients = forms.CharField(
        label=_("Who else gets the result"), max_length=240, required=False, help_text=_("names and agencies")
    )
    is_exigent = forms.BooleanField(label=_("It cannot wait: a life is in danger, or somebody escapes"), required=False)
    exigent = forms.CharField(
        label=_("What the danger is"),
        max_length=240,
        required=False,
        help_text=_("The search runs at once. Somebody else reviews it within a day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lprs"].queryset = lprs()  # type: ignore[attr-defined]

    def asks(self) -> list[forms.BoundField]:
        """Return the fields that say what is asked."""
        return self._fields("plate", "since", "until", "lprs")

    def reasons(self) -> list[forms.BoundField]:
        """Return the fields that say why."""
        return self._fields("purpose", "offence", "case_number", "justification")

    def prohibited(self) -> tuple[Prohibited, ...]:
        """Return what nobody searches for."""
        return PROHIBITED

    def others(self) -> list[forms.BoundField]:
        """Return the fields that say for whom, and who else gets the result (VI.g, VIII.c)."""
        return self._fields("requestor", "requestor_agency", "recipients")

    def is_for_others(self) -> bool:
        """Say whether one of them is filled, so that they are shown."""
        return any(field.value() for field in self.others())

    def _fields(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names]

    def clean_plate(self) -> str:
        """Refuse what is no plate with what to write instead."""
        try:
            return parse_pattern(self.cleaned_data["plate"]).text
        except PatternError as error:
            raise forms.ValidationError(str(error)) from error

    def question(self) -> Question:
        """Return the cleaned form as a question."""
        data = self.cleaned_data
        asked = {each.name: data[each.name] for each in fields(Question) if each.name in data}
        return Question(**(asked | {"lprs": tuple(lpr.pk for lpr in data["lprs"])}))


class DecisionForm(forms.Form):
    """A second person's word on a query."""

    granted = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda said: said == "yes")
    remark = forms.CharField(max_length=240, required=False)


class CaseNumbersForm(forms.Form):
    """A file of the department's case and call numbers."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, at most %(largest)s bytes: the column headed “number”, else the first one")
        % {"largest": f"{LARGEST:,}"},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )
    how = forms.ChoiceField(
        label=_("What it does"),
        choices=[("extend", _("adds to the list")), ("replace", _("takes the place of the list"))],
    )
