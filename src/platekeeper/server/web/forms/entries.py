"""Forms about the department's own entries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.categories import Category, HitAction
from platekeeper.server.web.forms.calendar import Moment
from platekeeper.server.web.forms.choices import CHOOSE

STANDS_FOR = timedelta(days=30)
"""How long an entry stands unless somebody says otherwise."""

CATEGORIES: dict[str, str | Promise] = {
    Category.AMBER: _("AMBER Alert"),
    Category.MISSING_PERSON: _("missing person"),
    Category.CRIME_JUST_OCCURRED: _("crime just occurred"),
    Category.STOLEN_VEHICLE: _("stolen vehicle"),
    Category.STOLEN_PLATE: _("stolen plate"),
    Category.WANTED_PERSON: _("wanted person"),
    Category.FUGITIVE: _("fugitive"),
    Category.CRIME_SUSPECT: _("crime suspect"),
    Category.SEARCH_WARRANT: _("search warrant target"),
    Category.REGISTRATION: _("suspended or revoked registration"),
    Category.GANG: _("gang member or associate"),
    Category.SEX_OFFENDER: _("sex offender"),
    Category.TERRORIST: _("terrorist watch list"),
    Category.OTHER: _("other investigative target"),
}
"""The policy's categories (III, VI.a) in words, the urgent ones first."""

HIT_ACTIONS: dict[str, str | Promise] = {
    HitAction.STOP: _("stop, after both steps of VII.e"),
    HitAction.CONFIRM_FIRST: _("confirm first: the facts may have changed"),
    HitAction.OBSERVE: _("observe: no ground for a stop"),
    HitAction.SILENT: _("silent: reviewed, no alarm"),
}


class EntryForm(forms.Form):
    """What a member asks to be put on the department's hot list."""

    plate = forms.CharField(
        label=_("Plate"),
        max_length=30,
        help_text=_("complete, or ? for one character and * for any run: AB?12* fits ABC1234"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    jurisdiction = forms.CharField(
        label=_("State"),
        max_length=2,
        required=False,
        help_text=_("Two letters, such as NY. Leave it empty if it is not known."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "size": 4}),
    )
    category = forms.ChoiceField(label=_("Category"), choices=[CHOOSE, *CATEGORIES.items()])
    reason = forms.CharField(
        label=_("Reason"), max_length=240, help_text=_("What the member who sees the hit must know.")
    )
    authority = forms.CharField(
        label=_("Authority"), max_length=160,
        help_text=_("The bulletin, warrant or broadcast, or who directed the entry."),
    )  # fmt: skip
    case_number = forms.CharField(
        label=_("Case or call number"), max_length=40, help_text=_("The look at prior reads is logged under it.")
    )
    hit_action = forms.ChoiceField(
        label=_("What a hit does"),
        choices=[("", _("what is usual for its category")), *HIT_ACTIONS.items()],
        required=False,
        help_text=_("Whatever it does, a hit alone is no ground for a stop."),
    )
    expires_at = Moment(
        label=_("Ends"),
        help_text=_("The entry stops matching then. It can be entered again."),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["expires_at"].initial = timezone.localtime(at + STANDS_FOR).replace(second=0, microsecond=0)


class DecisionForm(forms.Form):
    """The decision on an entry; a refusal needs its reason."""

    decision = forms.ChoiceField(choices=[("approve", "approve"), ("refuse", "refuse")], error_messages={
        "required": _("Choose: put it on the list, or refuse it."),
    })  # fmt: skip
    remark = forms.CharField(
        label=_("Remark"), max_length=240, required=False,
        help_text=_("Needed for a refusal: whoever asked for the entry reads it."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class CancelForm(forms.Form):
    """Why an entry is taken off the list."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("Recovered, withdrawn, entered by mistake.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
