"""Forms about training: courses, classes, bulletins, and changes that ask for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from platekeeper.server.personnel.lookups import people, positions
from platekeeper.server.personnel.lookups.training import courses, notices
from platekeeper.server.personnel.models import Course, Person
from platekeeper.server.personnel.models.training import Cause
from platekeeper.server.web.forms.calendar import Day


class CourseForm(forms.Form):
    """A course to give."""

    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=Course.Kind.choices)
    outline = forms.CharField(
        label=_("What it covers"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ClassForm(forms.Form):
    """A course that people took together."""

    course = forms.ModelChoiceField(label=_("Course"), queryset=courses())
    on = Day(label=_("Taken on"))
    people = forms.ModelMultipleChoiceField(
        label=_("Who took it"), queryset=Person.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = self.fields["on"].initial = today
        field = self.fields["people"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = people().filter(is_active=True).exclude(kind=Person.Kind.OUTSIDE)

    def clean_on(self) -> date:
        """Say it at the field, so that nobody ticks a whole class again."""
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("A training is recorded once it was taken."))
        return on


class BulletinForm(forms.Form):
    """A bulletin to issue."""

    title = forms.CharField(label=_("Title"), max_length=160)
    cause = forms.ChoiceField(label=_("What changed"), choices=Cause.choices)
    text = forms.CharField(label=_("Text"), max_length=10000, widget=forms.Textarea(attrs={"rows": 8}))
    course = forms.ModelChoiceField(
        label=_("Course to take"), queryset=courses(), required=False, empty_label=_("none: reading is enough")
    )
    due_on = Day(label=_("To be read, or taken, by"))
    must = forms.BooleanField(
        label=_("After that day, use of LPRs and access to LPR data stop until it is done"),
        required=False,
        initial=True,
    )
    positions = forms.MultipleChoiceField(
        label=_("Whom it concerns"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: everybody."),
    )
    answers = forms.ModelMultipleChoiceField(
        label=_("Changes that it answers"), queryset=notices(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field = self.fields["positions"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(each.title, each.title) for each in positions()]
        if not notices().exists():
            del self.fields["answers"]

    def clean_due_on(self) -> date:
        """Say it at the field, so that nobody writes the text again."""
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise ValidationError(_("Give people until today at least."))
        return due_on


class ChangeForm(forms.Form):
    """Something that changed."""

    cause = forms.ChoiceField(label=_("What kind of change"), choices=Cause.choices, initial=Cause.LAW)
    what = forms.CharField(label=_("What changed"), max_length=240)
