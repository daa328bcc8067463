"""On which ground something leaves, as people choose it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Refused
from platekeeper.server.personnel.lookups import agencies
from platekeeper.server.personnel.models import Agency
from platekeeper.server.sharing.models import Order

_GROUNDS = {Clause.VI_l, Clause.IV_h}
"""The clauses by which a packet has no ground to leave on."""


class ByOrderForm(forms.Form):
    """The order by which something leaves, where no MOU covers it."""

    order = forms.ModelChoiceField(
        label=_("By order"), queryset=Order.objects.none(), required=False, empty_label=_("no: under the MOU in force")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].queryset = Order.objects.filter(withdrawn_at=None).defer("document")  # type: ignore[attr-defined]


class GroundForm(ByOrderForm):
    """The other agency to which something goes, if it goes to one, and its ground."""

    field_order: tuple[str, ...] = ("agency", "order")
    agency = forms.ModelChoiceField(
        label=_("Of which agency"), queryset=Agency.objects.none(), required=False,
        empty_label=_("of none: a court, counsel"),
        help_text=_("to another agency it leaves under an MOU in force, or by an order (VI.l)"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].queryset = agencies()  # type: ignore[attr-defined]


def ground_of(posted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the agency and the order that were chosen. Raises `Http404` for what nobody could choose."""
    form = GroundForm(posted)
    if not form.is_valid():
        raise Http404
    return {name: form.cleaned_data[name] for name in ("agency", "order")}


def lacks_a_ground(refusal: Refused) -> bool:
    """Whether choosing another agency, order or MOU mends what was refused."""
    return not refusal.mend and refusal.clause in _GROUNDS
