"""Forms about the policy's blanks, people and LPRs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from platekeeper.core.blanks import Blank, Kind
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.lookups import positions
from platekeeper.server.personnel.models import Person


class BlankForm(forms.Form):
    """One blank; positions are written one a line, so that new ones can be named."""

    def __init__(self, *args: Any, blank: Blank, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = self._field(blank)

    @staticmethod
    def _field(blank: Blank) -> forms.Field:
        shared: dict[str, Any] = {"label": blank.label, "required": False}
        match blank.kind:
            case Kind.CHOICE:
                return forms.ChoiceField(choices=[("", "—"), *blank.choices], **shared)
            case Kind.POSITIONS:
                known = ", ".join(position.title for position in positions())
                help_text = _("One position a line. Known: %(known)s") % {"known": known}
                return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), help_text=help_text, **shared)
        return forms.CharField(help_text=f"{blank.unit} {blank.example}".strip(), **shared)

    def value(self, blank: Blank) -> Any:
        """Return the value to store, None for an empty one."""
        text: str = self.cleaned_data["value"].strip()
        if blank.kind is Kind.POSITIONS:
            return [line for line in text.splitlines() if line.strip()] or None
        return text or None


class PersonForm(forms.Form):
    """A new account."""

    name = forms.CharField(label=_("Name"), max_length=120)
    username = forms.SlugField(label=_("Login name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=Person.Kind.choices[:2])
    badge = forms.CharField(label=_("Badge or employee number"), max_length=20, required=False)
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("12 characters or more"),
    )

    def clean_password(self) -> str:
        """Refuse a weak password."""
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


class PositionForm(forms.Form):
    """A position to give or end."""

    title = forms.CharField(label=_("Position"), max_length=80)


class TrainingForm(forms.Form):
    """A training taken."""

    on = forms.DateField(label=_("Taken on"), widget=forms.DateInput(attrs={"type": "date"}))
    subject = forms.CharField(label=_("Subject"), max_length=160)


class FieldNamesForm(forms.Form):
    """Under which names an LPR sends the fields of a camera format; an empty one has its usual names."""

    def __init__(self, *args: Any, usual: Mapping[str, tuple[str, ...]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for ours, theirs in usual.items():
            self.fields[ours] = forms.CharField(
                label=ours.replace("_", " "),
                required=False,
                max_length=80,
                help_text=_("usually %(names)s") % {"names": _(" or ").join(theirs)},
            )


class LPRForm(forms.Form):
    """A new LPR."""

    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=LPR.Kind.choices)
    place = forms.CharField(label=_("Place, or the vehicle that carries it"), max_length=160, required=False)
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90, required=False)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180, required=False)
