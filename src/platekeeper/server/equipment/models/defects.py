"""Defects of LPRs and damage to them (IV.d, IX.c). Where one stands is nothing but its steps."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.defects import ENDED, DefectKind, DefectStep, Taken, stands_at, time_to_repair
from platekeeper.server.equipment.models.lprs import LPR
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

KINDS: dict[str, str | Promise] = {
    DefectKind.DAMAGE.value: _("damaged"),
    DefectKind.AIM.value: _("out of aim"),
    DefectKind.LENS.value: _("lens dirty or scratched"),
    DefectKind.BLIND.value: _("reads nothing"),
    DefectKind.DRIFTING.value: _("reads less and less"),
    DefectKind.MISREADING.value: _("misreads plates"),
    DefectKind.CLOCK.value: _("clock is off"),
    DefectKind.POWER.value: _("power, cable or network"),
    DefectKind.OTHER.value: _("something else"),
}
"""What is wrong, in words."""
STEPS: dict[str, str | Promise] = {
    DefectStep.REPORTED.value: _("reported"),
    DefectStep.SEEN_AGAIN.value: _("seen again"),
    DefectStep.ACKNOWLEDGED.value: _("acknowledged"),
    DefectStep.IN_REPAIR.value: _("in repair"),
    DefectStep.MENDED.value: _("mended"),
    DefectStep.CLOSED.value: _("closed without repair"),
}
"""What was done, in words."""


class Defect(Judged):
    """Something is wrong with an LPR. Its first step says who reported it: nobody, where the system found it."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="defects")
    kind = models.CharField(max_length=12, choices=list(KINDS.items()))
    reported_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ("reported_at", "pk")

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.kind} {self.reported_at}"

    @property
    def taken(self) -> list[Taken]:
        """The steps as the rules see them; cheap where `steps` is prefetched."""
        return [Taken(DefectStep(note.step), note.at) for note in self.steps.all()]

    @property
    def stands(self) -> DefectStep:
        """Where it stands."""
        return stands_at(self.taken)

    def took(self, *, at: datetime) -> timedelta:
        """How long its repair took, or has taken by `at`."""
        return time_to_repair(self.taken, at=at)


class DefectNote(Judged):
    """A step: who did what about a defect, and when. `by` is None where the system did."""

    defect = models.ForeignKey(Defect, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=12, choices=list(STEPS.items()))
    words = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("defect", "step"),
                condition=~Q(step=DefectStep.SEEN_AGAIN.value),
                name="equipment_each_step_once",
            ),
            models.UniqueConstraint(
                fields=("defect",),
                condition=Q(step__in=[each.value for each in ENDED]),
                name="equipment_a_defect_ends_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.defect_id} {self.step}"


class DefectPhoto(models.Model):
    """The photograph of a defect, as a JPEG of bounded size."""

    defect = models.OneToOneField(Defect, on_delete=models.PROTECT, related_name="photo")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.defect_id} {self.sha256}"
