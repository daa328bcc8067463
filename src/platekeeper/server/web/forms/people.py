"""Forms about people, their positions, and the agencies outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.personnel.lookups import agencies, positions
from platekeeper.server.personnel.models import Person
from platekeeper.server.web.forms.calendar import Day


class PeopleFilterForm(forms.Form):
    """Whom to list."""

    q = forms.CharField(label=_("Name, login or badge"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=(("", _("all")), *Person.Kind.choices), required=False)
    position = forms.ChoiceField(label=_("Position"), required=False)
    state = forms.ChoiceField(
        label=_("Who"),
        choices=(
            ("active", _("active")),
            ("ended", _("disabled or ended")),
            ("lapsed", _("active, without current training")),
            ("lapsing", _("active, training lapses within 30 days")),
            ("all", _("all")),
        ),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["position"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("all")), *((each.title, each.title) for each in positions())]


class NameForm(forms.Form):
    """What somebody is called, and how they are reached."""

    name = forms.CharField(label=_("Name"), max_length=120)
    badge = forms.CharField(label=_("Badge or employee number"), max_length=20, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)


class PersonForm(NameForm):
    """A new account. Its first password is made by the product and shown once."""

    field_order = ("name", "username", "kind", "agency", "badge", "email", "ends_on")
    username = forms.SlugField(label=_("Login name"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=Person.Kind.choices)
    agency = forms.ModelChoiceField(
        label=_("Agency"), queryset=agencies(), required=False, empty_label=_("this department"),
        help_text=_("for people of another agency"),
    )  # fmt: skip
    ends_on = Day(label=_("Last day of a temporary account"), required=False)


class PositionForm(forms.Form):
    """A position to give, from a day on and until another where there is one."""

    title = forms.ChoiceField(label=_("Position"))
    since = Day(label=_("From"), required=False, help_text=_("today"))
    until = Day(label=_("Last day"), required=False, help_text=_("open if empty"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["title"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.title, each.title) for each in positions()]


class LastDayForm(forms.Form):
    """The last day of a temporary account, empty for one that does not end by itself."""

    last_day = Day(label=_("Last day"), required=False)

    def __init__(self, *args: Any, person: Person, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person.ends_at is not None:
            self.initial["last_day"] = (person.ends_at - timedelta(seconds=1)).astimezone(zone).date()


class AgencyForm(forms.Form):
    """Another agency."""

    name = forms.CharField(label=_("Name"), max_length=120)
    ori = forms.CharField(label=_("ORI"), max_length=9, required=False)
    contact = forms.CharField(label=_("Whom to call"), max_length=160, required=False)


class WorkstationForm(forms.Form):
    """The workstation somebody sits at, that is not to lock."""

    name = forms.CharField(label=_("Workstation"), max_length=80, help_text=_("such as Car 3, or Dispatch desk 1"))
    why = forms.CharField(
        label=_("Where it stands, and why nobody else gets at it"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=365, initial=365)
