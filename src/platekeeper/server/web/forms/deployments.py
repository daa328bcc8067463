"""Forms of special details and mutual aid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.deployments import AIDS, Asked, Kind
from platekeeper.server.deployments.models import AfterAction, Deployment
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.lookups import people
from platekeeper.server.personnel.models import Person
from platekeeper.server.web.forms.areas import AreaField

_FORMAT = "%Y-%m-%dT%H:%M"
_DETAILS = [each for each in Deployment.Kind.choices if each[0] not in AIDS]


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_FORMAT)
    return forms.DateTimeField(label=label, widget=widget)


def _text(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=400, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class DetailForm(forms.Form):
    """A special operation. What it lacks the rule says, and the refusal is logged; here is only what is no answer at all."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[("", "—"), *_DETAILS])
    purpose = _text(_("What it is for"))
    place = forms.CharField(label=_("Where"), max_length=240, help_text=_("streets, places, or the bounds of the area"))
    since = _moment(_("From"))
    until = _moment(_("Until"))
    in_charge = forms.ModelChoiceField(label=_("Who is in charge"), queryset=Person.objects.none())
    people = forms.ModelMultipleChoiceField(
        label=_("Members who take part"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    offence = forms.CharField(
        label=_("Crime"), max_length=80, required=False, help_text=_("needed for a directed investigation")
    )
    case_number = forms.CharField(label=_("Case or call number"), max_length=40, required=False)
    area = AreaField(help_text=_("circle 43.0481,-76.1474 800 (metres); if the places are to be drawn"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = people().filter(kind=Person.Kind.MEMBER, is_active=True).order_by("name")
        for name, offered in (("in_charge", members), ("people", members), ("lprs", lprs().filter(in_service=True))):
            if name in self.fields:
                self.fields[name].queryset = offered  # type: ignore[attr-defined]

    def asked(self) -> Asked:
        """Return what is asked for, as the rules judge it."""
        data = self.cleaned_data
        return Asked(
            kind=Kind(data["kind"]), purpose=data["purpose"], place=data["place"], since=data["since"],
            until=data["until"], lprs=len(data["lprs"]), people=len(data["people"]), offence=data["offence"],
            case_number=data["case_number"],
        )  # fmt: skip

    def more(self) -> dict[str, Any]:
        """Return who and what it is done with."""
        return {name: self.cleaned_data[name] for name in ("in_charge", "people", "lprs", "area")}


class ReportForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own is no generic at run time
    """What came of it, in numbers and words."""

    class Meta:
        model = AfterAction
        fields = ("reads", "hits", "correct", "misread", "stops", "arrests", "words")
        widgets = {"words": forms.Textarea(attrs={"rows": 4})}

    def numbers(self) -> dict[str, int]:
        """Return the numbers alone."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "words"}
