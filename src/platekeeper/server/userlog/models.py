"""Tours of duty: what the LPR Daily User Log is made of (VII.h)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.tours import Purpose
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import HotListDelivery
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

PURPOSES: dict[str, str | Promise] = {
    Purpose.PATROL.value: _("general patrol"),
    Purpose.CALL.value: _("a call for service, or a crime just reported"),
    Purpose.ALERT.value: _("an AMBER Alert, bulletin or broadcast"),
}
"""The purposes of a tour in words (VII.a)."""


class Tour(Judged):
    """A member uses an LPR, from when the tour began until it ended; `hot_list` is what was on hand then (V.a)."""

    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tours")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="tours")
    purpose = models.CharField(max_length=16, choices=list(PURPOSES.items()))
    hot_list = models.ForeignKey(HotListDelivery, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-begun_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("member",), condition=Q(ended_at=None), name="userlog_one_tour_a_member"),
            models.UniqueConstraint(fields=("lpr",), condition=Q(ended_at=None), name="userlog_one_tour_an_lpr"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("begun_at"), ended_by__isnull=False),
                name="userlog_tour_ends_after_start_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.lpr_id} {self.begun_at}"
