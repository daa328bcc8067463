"""The days of a period."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

_LATEST = date(2999, 12, 31)
"""As the years of a report: the day after it is one, too."""


def day(label: Any) -> forms.DateField:
    """Return a field for the first or the last day of a period."""
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}), validators=[MaxValueValidator(_LATEST)]
    )
