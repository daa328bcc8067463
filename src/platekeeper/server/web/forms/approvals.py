"""A second person's word on a query, and the department's list of case numbers."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.case_numbers import LARGEST


class DecisionForm(forms.Form):
    """A second person's word on a query."""

    granted = forms.TypedChoiceField(choices=[("yes", "yes"), ("no", "no")], coerce=lambda said: said == "yes")
    remark = forms.CharField(max_length=240, required=False)


class CaseNumbersForm(forms.Form):
    """A file of the department's case and call numbers."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, at most %(largest)s MB: the column headed “number”, else the first one")
        % {"largest": LARGEST // 1_000_000},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt"}),
    )
    how = forms.ChoiceField(
        label=_("What it does"),
        choices=[("extend", _("adds to the list")), ("replace", _("takes the place of the list"))],
    )
