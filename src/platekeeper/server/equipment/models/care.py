"""What is done for LPRs, and what people ask about them (IX)."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.inventory import CareKind
from platekeeper.server.equipment.models.lprs import LPR
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

CARE: dict[str, str | Promise] = {
    CareKind.AIM.value: _("aim checked"),
    CareKind.CALIBRATION.value: _("calibrated"),
    CareKind.MAINTENANCE.value: _("maintained"),
    CareKind.CLEANING.value: _("lenses cleaned"),
    CareKind.SOFTWARE.value: _("software or firmware brought up to date"),
}
"""What is done for an LPR, in words."""


class Care(Judged):
    """Something was done for an LPR; `next_on` is by when it is to be done again, None where nobody said."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="care")
    kind = models.CharField(max_length=12, choices=list(CARE.items()))
    in_order = models.BooleanField(default=True)
    words = models.CharField(max_length=400, blank=True)
    on = models.DateField(help_text=_("in the department's calendar"))
    next_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.kind} {self.on}"


class TechnicalQuestion(Judged):
    """A technical question about LPRs, to the position that the policy names (IX.d)."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, null=True, related_name="questions")
    words = models.CharField(max_length=400)
    asked_at = models.DateTimeField(db_index=True)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=800, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("asked_at", "pk")

    def __str__(self) -> str:
        return f"{self.asked_by_id} {self.asked_at}"
