"""The clause that somebody writes of, chosen among those there are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platekeeper.core.amendments import clauses_with
from platekeeper.core.policy import Policy
from platekeeper.server.web.forms.choices import CHOOSE
from platekeeper.server.web.templatetags.clauses import clause_heading


class ClauseForm(forms.Form):
    """Begins with a clause of a policy, the department's own among them; where it may be left out, with none."""

    def __init__(self, *args: Any, policy: Policy, required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.number, clause_heading(each)) for each in clauses_with(policy.amendments)]
        label, empty = (_("Clause"), CHOOSE) if required else (_("Clause (optional)"), ("", _("none")))
        field = forms.ChoiceField(label=label, choices=[empty, *choices], required=required)
        self.fields = {"clause": field, **self.fields}
