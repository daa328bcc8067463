"""Forms of special details and mutual aid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.deployments import AIDS, Asked, Kind
from platekeeper.server.deployments.models import AfterAction, Deployment
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.lookups import agencies, people
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.web.forms.areas import AreaField
from platekeeper.server.web.forms.calendar import Moment
from platekeeper.server.web.forms.choices import CHOOSE

_DETAILS = [each for each in Deployment.Kind.choices if each[0] not in AIDS]


def _text(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=400, widget=forms.Textarea(attrs={"rows": 2}), **kwargs)


class DetailForm(forms.Form):
    """A special operation. What it lacks the rule says, and the refusal is logged; here is only what is no answer at all."""

    kind = forms.ChoiceField(label=_("Kind"), choices=[CHOOSE, *_DETAILS])
    purpose = _text(_("What it is for"))
    place = forms.CharField(label=_("Where"), max_length=240, help_text=_("streets, places, or the bounds of the area"))
    since = Moment(label=_("From"))
    until = Moment(label=_("Until"))
    in_charge = forms.ModelChoiceField(label=_("Who is in charge"), queryset=Person.objects.none())
    people = forms.ModelMultipleChoiceField(
        label=_("Members who take part"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    lprs = forms.ModelMultipleChoiceField(
        label=_("LPRs"), queryset=LPR.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    offense = forms.CharField(
        label=_("Crime"), max_length=80, required=False, help_text=_("needed for a directed investigation")
    )
    case_number = forms.CharField(label=_("Case or call number"), max_length=40, required=False)
    area = AreaField(help_text=_("circle 43.0481,-76.1474 800 (meters); if the places are to be drawn"))

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
            until=data["until"], lprs=len(data["lprs"]), people=len(data["people"]), offense=data["offense"],
            case_number=data["case_number"],
        )  # fmt: skip

    def more(self) -> dict[str, Any]:
        """Return who and what it is done with."""
        return {name: self.cleaned_data[name] for name in ("in_charge", "people", "lprs", "area")}


class AidForm(DetailForm):
    """Mutual aid, asked of us or by us. Whether members or LPRs of ours go along depends on who asks."""

    kind = forms.ChoiceField(label=_("Who asks"), choices=[
        (Kind.AID_GIVEN.value, _("another agency asks us")), (Kind.AID_SOUGHT.value, _("we ask another agency")),
    ])  # fmt: skip
    agency = forms.ModelChoiceField(label=_("Other agency"), queryset=Agency.objects.none(), required=False)
    agency_name = forms.CharField(label=_("or one not listed"), max_length=120, required=False)
    contact = forms.CharField(label=_("Who there, and how to reach them"), max_length=160)
    sought = _text(
        _("Vehicle sought, or data to gather"), help_text=_("plate, make, color, marks; or the area and what for")
    )

    field_order = (
        "kind", "agency", "agency_name", "contact", "offense", "case_number", "sought", "purpose", "place", "since", "until",
        "area", "in_charge", "people", "lprs",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies()  # type: ignore[attr-defined]
        self.fields["people"].required = self.fields["lprs"].required = False
        self.fields["offense"].help_text = _("the violent crime that it follows")
        self.fields["people"].label = _("Our members who go")
        self.fields["lprs"].label = _("Our LPRs that go, or are lent")

    def clean(self) -> dict[str, Any]:
        """Take the agency by its name, whether it is known or not."""
        data = super().clean() or self.cleaned_data
        if not (data.get("agency") or data.get("agency_name", "").strip()):
            self.add_error("agency", _("Name the other agency."))
        return data

    def asked(self) -> Asked:
        """Return what is asked for, as the rules judge it."""
        agency = self.cleaned_data["agency"]
        named = agency.name if agency else self.cleaned_data["agency_name"]
        return replace(super().asked(), agency=named, sought=self.cleaned_data["sought"])

    def more(self) -> dict[str, Any]:
        """Return who and what it is done with, and whom to call there."""
        return super().more() | {name: self.cleaned_data[name] for name in ("agency", "contact")}


class ReportForm(forms.ModelForm):  # type: ignore[type-arg] # Django's own is no generic at run time
    """What came of it, in numbers and words."""

    class Meta:
        model = AfterAction
        fields = ("reads", "hits", "correct", "misread", "stops", "arrests", "words")
        widgets = {"words": forms.Textarea(attrs={"rows": 4})}

    def numbers(self) -> dict[str, int]:
        """Return the numbers alone."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "words"}
