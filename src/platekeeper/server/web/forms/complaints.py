"""Forms about complaints."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.partial import PatternError, PlatePattern, parse_pattern
from platekeeper.server.oversight.models import FINDINGS, Complaint
from platekeeper.server.personnel.lookups import people
from platekeeper.server.personnel.models import Person
from platekeeper.server.web.forms.calendar import Day, Moment
from platekeeper.server.web.forms.choices import CHOOSE


def _text(label: Any, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}), **kwargs)


class ComplaintForm(forms.Form):
    """What the complainant says, and how to reach them."""

    received_on = Day(label=_("Came on"))
    way = forms.ChoiceField(label=_("How it came"), choices=Complaint.Way.choices)
    name = forms.CharField(label=_("Who complains"), max_length=120)
    contact = forms.CharField(label=_("How to reach them"), max_length=160)
    what_happened = _text(_("What happened"))
    plate = forms.CharField(label=_("Plate"), max_length=20, required=False, help_text=_("if they know it"))
    stopped_at = Moment(label=_("Time of the stop"), required=False, help_text=_("as near as they remember"))
    about = forms.ModelChoiceField(
        label=_("Whom it is about"), queryset=Person.objects.none(), required=False, empty_label=_("not known"),
        help_text=_("They will not see this complaint."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["about"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people().filter(kind=Person.Kind.MEMBER).order_by("name")

    def clean_plate(self) -> str:
        """Refuse what is no plate with what to write instead."""
        return _pattern(self.cleaned_data["plate"]).text if self.cleaned_data["plate"] else ""


class HitSearchForm(forms.Form):
    """Which hit it was: by the plate, complete or partial, and the time."""

    plate = forms.CharField(
        label=_("Plate"),
        max_length=20,
        help_text=_("complete, or ? for one character and * for any run; * alone for any plate"),
    )
    at = Moment(label=_("Time"), help_text=_("Hits within two hours of it are shown."))

    def clean_plate(self) -> PlatePattern:
        """Return the plate as a pattern."""
        return _pattern(self.cleaned_data["plate"], least_known=0)


class AssignForm(forms.Form):
    """Who handles the complaint from now on."""

    to = forms.ModelChoiceField(label=_("To whom"), queryset=Person.objects.none())

    def __init__(self, *args: Any, offered: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people()  # any may be sent: the rule refuses, and the refusal is logged
        field.choices = [CHOOSE, *((each.pk, each.name) for each in offered)]


class FindingForm(forms.Form):
    """What the complaint comes to; several may hold together."""

    findings = forms.MultipleChoiceField(
        label=_("What was found"), choices=list(FINDINGS.items()), widget=forms.CheckboxSelectMultiple
    )
    text = _text(_("On what it rests"))


class CorrectForm(forms.Form):
    """What is wrong with the entry, and who is told to correct it at the source."""

    source = forms.CharField(label=_("Notice of correction to"), max_length=160)
    text = _text(_("What is wrong, and what is right"))
    until = Moment(
        label=_("No alarm on this line until"), required=False,
        help_text=_("30 days at most. It ends sooner when the source takes the line off."),
    )  # fmt: skip

    def __init__(self, *args: Any, suppresses: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not suppresses:
            del self.fields["until"]


class AnswerForm(forms.Form):
    """What the complainant was answered."""

    text = _text(_("What was answered, and how"))


class LiftForm(forms.Form):
    """Why a suppressed line may raise alarms again."""

    why = forms.CharField(label=_("Why it may raise alarms again"), max_length=240)


def _pattern(text: str, *, least_known: int = 1) -> PlatePattern:
    try:
        return parse_pattern(text, least_known=least_known)
    except PatternError as error:
        raise forms.ValidationError(str(error)) from error
