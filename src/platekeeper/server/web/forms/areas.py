"""An area, as the map draws it and as people write it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.search.drawn import drawn


class AreaField(forms.CharField):
    """The text of an area, empty for none; what is no area is refused with what would be one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Area"), max_length=2_400, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        """Return the text with single spaces."""
        text = " ".join(super().clean(value).split())
        if text:
            try:
                drawn(text)
            except ValueError as error:
                raise forms.ValidationError(str(error)) from error
        return text
