"""What an LPR consists of, what it is worth, and who has it (IV.f). What changes is entered anew: the newest counts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.models.lprs import LPR
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class Camera(models.Model):
    """A camera of an LPR."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="cameras")
    position = models.CharField(max_length=60, help_text=_("on the vehicle or pole, such as front left"))
    model = models.CharField(max_length=80, blank=True)
    serial = models.CharField(max_length=60, blank=True)
    firmware = models.CharField(max_length=40, blank=True)
    direction = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("degrees from north, as it looks"))
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.position}"


class Papers(Judged):
    """What an LPR cost and is worth, its warranty, and whether it is on the municipality's plan, as said at a moment."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="papers")
    serial = models.CharField(max_length=60, blank=True)
    value = models.PositiveIntegerField(null=True, blank=True, help_text=_("dollars"))
    bought_on = models.DateField(null=True, blank=True)
    warranty_until = models.DateField(null=True, blank=True)
    on_plan = models.BooleanField(default=False)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.at}"


class Custody(Judged):
    """Who has an LPR from a moment on: a person, or a place such as the property room."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="custodies")
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.who}"

    @property
    def who(self) -> str:
        """Who has it, or where it is."""
        return self.holder.name if self.holder else self.place
