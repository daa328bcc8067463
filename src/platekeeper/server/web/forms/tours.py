"""The forms of a tour of duty."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.tours import ASKED, Answer, Answers, Phase, Question
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.equipment.models import LPR
from platekeeper.server.userlog.models import PURPOSES
from platekeeper.server.web.forms.choices import CHOOSE

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise

_SAID: dict[Question, tuple[Words, Words, Words]] = {
    Question.AIM: (_("Aim of the cameras (IX.a)"), _("checked: right lanes"), _("wrong")),
    Question.LENS: (_("Lenses (IX.b)"), _("clean"), _("not clean")),
    Question.DAMAGE: (_("Damage (IX.c)"), _("none"), _("damaged")),
    Question.PARKED: (_("Where it is parked (VII.c)"), _("secured"), _("not secured")),
}
"""Each question of the member, the answer when all is well, and the other."""


def _radio(label: Words, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    """Return a question that the browser wants answered; left out all the same, the rule refuses and it is logged."""
    widget = forms.RadioSelect(attrs={"required": True})
    return forms.ChoiceField(label=label, choices=list(choices), required=False, widget=widget)


class AnswersForm(forms.Form):
    """What a member is asked at the beginning or the end of a tour, and what is not in order, in words."""

    words = forms.CharField(
        label=_("What is not in order"), max_length=240, required=False,
        help_text=_("Only if something is wrong: it stands in the log."),
    )  # fmt: skip

    def __init__(self, data: QueryDict | None = None, *, phase: Phase) -> None:
        super().__init__(data)
        self.phase = phase
        for question in ASKED[phase]:
            label, well, wrong = _SAID[question]
            self.fields[question.value] = _radio(label, [(Answer.YES.value, well), (Answer.NO.value, wrong)])
        self.order_fields([question.value for question in ASKED[phase]])

    @property
    def answers(self) -> Answers:
        """The answers given, by question."""
        return {each: said for each in ASKED[self.phase] if (said := self.cleaned_data.get(each.value))}

    def clean(self) -> dict[str, Any]:
        """Ask for words on what is wrong before anything is sent off."""
        cleaned: Mapping[str, Any] = super().clean() or {}
        wrong = any(cleaned.get(question.value) == Answer.NO for question in ASKED[self.phase])
        if wrong and not str(cleaned.get("words", "")).strip():
            self.add_error("words", _("Say what is not in order."))
        return dict(cleaned)


class TourForm(AnswersForm):
    """Any LPR may be sent, and no purpose is required here: the rule refuses, and the refusal is logged."""

    lpr = forms.ModelChoiceField(label=_("LPR"), queryset=LPR.objects.none())
    purpose = _radio(_("Purpose (VII.a)"), PURPOSES.items())
    attested = _radio(
        _("The unit's own hot list (V.a)"),
        [(Answer.YES.value, _("is of today")), (Answer.NO.value, _("is not of today"))],
    )

    def __init__(
        self, data: QueryDict | None = None, *, offered: Iterable[LPR], own_list: Iterable[LPR], likely: LPR | None
    ) -> None:
        """`own_list`: the LPRs among those offered that carry a list of their own; `likely` is chosen already."""
        super().__init__(data, phase=Phase.BEGIN)
        field, own = self.fields["lpr"], list(own_list)
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = lprs()
        field.initial = likely
        field.choices = [
            CHOOSE,
            *((lpr.pk, format_lazy("{} ({})", lpr.name, LPR.Kind(lpr.kind).label)) for lpr in offered),
        ]
        if not own:
            del self.fields["attested"]
        else:
            self.fields["attested"].help_text = _("Only with: %(names)s") % {
                "names": ", ".join(lpr.name for lpr in own)
            }
            self.fields["attested"].widget.attrs = {}
        self.offers = len(field.choices) > 1
        self.order_fields(["lpr", "purpose", "attested"])

    @property
    def word(self) -> bool | None:
        """The member's word for the unit's own list, None where they gave none."""
        said = self.cleaned_data.get("attested")
        return said == Answer.YES if said else None


class OverrideForm(forms.Form):
    """Why a tour cannot wait for what stands in its way."""

    lpr = forms.ModelChoiceField(label=_("LPR"), queryset=LPR.objects.none(), widget=forms.HiddenInput)
    why = forms.CharField(label=_("Why the tour cannot wait"), max_length=240)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        field = self.fields["lpr"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = lprs()
