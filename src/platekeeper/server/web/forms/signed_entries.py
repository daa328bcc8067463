"""Forms about entries signed without network, and the keys that sign them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.personnel.lookups import people
from platekeeper.server.personnel.models import Person


class SignedFile(forms.Form):
    """The file."""

    file = forms.FileField(label=_("File of signed entries"), help_text=_("Handing a file in twice changes nothing."))


class KeyForm(forms.Form):
    """A key and whose it is."""

    public = forms.CharField(
        label=_("Public key"),
        max_length=80,
        help_text=_("64 hexadecimal digits, as the unit or the command shows them."),
    )
    member = forms.ModelChoiceField(label=_("Of the member"), queryset=Person.objects.none(), required=False)
    lpr = forms.ModelChoiceField(label=_("Of the unit"), queryset=lprs().none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        member, lpr = self.fields["member"], self.fields["lpr"]
        assert isinstance(member, forms.ModelChoiceField) and isinstance(lpr, forms.ModelChoiceField)
        member.queryset = people().filter(kind=Person.Kind.MEMBER, is_active=True)
        lpr.queryset = lprs()
