"""Days and moments that people name: within years that can be reckoned with, and as browsers want them written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

_EARLIEST, _LATEST = date(1900, 1, 1), date(2999, 12, 31)
"""The day before and the day after, and their moments in each zone, can be reckoned."""
_SAID = _("Name a day of the years 1900 to 2999.")


class Day(forms.DateField):
    """A day, chosen from the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [MinValueValidator(_EARLIEST, _SAID), MaxValueValidator(_LATEST, _SAID)]


class Moment(forms.DateTimeField):
    """A moment to the minute, by the department's clock."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_validators = [
        MinValueValidator(datetime.combine(_EARLIEST, time.min, UTC), _SAID),
        MaxValueValidator(datetime.combine(_LATEST, time.max, UTC), _SAID),
    ]
