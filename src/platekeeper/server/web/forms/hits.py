"""Forms about hits."""

from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platekeeper.core.plates import STATES
from platekeeper.server.hits.models import HitStep
from platekeeper.server.web.forms.choices import CHOOSE


class StateSeenForm(forms.Form):
    """Which state a member sees on the vehicle."""

    state = forms.ChoiceField(label=_("Which state do you see on the vehicle's plate?"))

    def __init__(self, data: QueryDict | None = None, *, likely: tuple[str, ...] = ()) -> None:
        """Offer the states, the likely ones first."""
        super().__init__(data)
        states = dict.fromkeys([*filter(STATES.__contains__, likely), *sorted(STATES)])
        self.fields["state"].choices = [CHOOSE, *((state, state) for state in states)]  # type: ignore[attr-defined]


class AttestForm(forms.Form):
    """The member's own word for what dispatch said by voice."""

    who = forms.CharField(label=_("Who at dispatch answered"), max_length=120)


class OutcomeForm(forms.Form):
    """How a hit ended, and what followed."""

    outcome = forms.ChoiceField(label=_("How it ended"), choices=[("", _("Choose")), *HitStep.Outcome.choices])
    led_on = forms.BooleanField(
        label=_("Enforcement action, an investigation or a prosecution came of it: it is to be preserved (V.c)"),
        required=False,
    )
    followed = forms.CharField(
        label=_("What followed"),
        max_length=240,
        required=False,
        help_text=_("arrest, citation, vehicle recovered, nothing"),
    )


class RemarkForm(forms.Form):
    """A remark."""

    remark = forms.CharField(label=_("What came of the review"), max_length=240)
