"""Forms about case files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.policy import Policy

_DAY = {"type": "date"}


class CaseForm(forms.Form):
    """A case: what decides how long it is kept. The classes of offence are those of the policy's record schedule."""

    number = forms.CharField(label=_("Case number"), max_length=40)
    title = forms.CharField(label=_("What it is about"), max_length=160)
    offence_class = forms.ChoiceField(label=_("Class of offence"), required=False)
    is_felony = forms.BooleanField(label=_("Felony investigation"), required=False)

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        classes = [what for what, _period in policy.values.get("VI.k.2.schedule", ())]
        field = self.fields["offence_class"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("not known yet")), *((each, each) for each in classes)]


class CaseFactsForm(CaseForm):
    """What becomes of a case."""

    arrested_on = forms.DateField(label=_("Arrest on"), required=False, widget=forms.DateInput(attrs=_DAY))
    charges = forms.CharField(label=_("Charges"), max_length=240, required=False)
    disposed_on = forms.DateField(label=_("Final disposition on"), required=False, widget=forms.DateInput(attrs=_DAY))
    disposition = forms.CharField(label=_("Final disposition"), max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["number"]


class PacketForm(forms.Form):
    """To whom an evidence packet goes, and why."""

    to = forms.CharField(label=_("To whom it goes"), max_length=160)
    why = forms.CharField(label=_("Why"), max_length=240)


class DirectiveForm(forms.Form):
    """Command directs that a case be kept."""

    until = forms.DateField(label=_("Keep until"), required=False, widget=forms.DateInput(attrs=_DAY))
    why = forms.CharField(label=_("Why"), max_length=240, required=False)
