"""What makes entries of the field (VII.f-g): alert bulletins, files signed offline and their keys; and whom an entry reached.

`models` imports what is here, so that Django finds it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.equipment.models import LPR
from platekeeper.server.personnel.models import Person

GROUNDS: dict[str, str | Promise] = {
    Ground.AMBER: _("AMBER Alert"),
    Ground.MISSING_CHILD: _("Missing Child"),
    Ground.MISSING_STUDENT: _("Missing College Student"),
    Ground.DISPATCH: _("Dispatch report"),
    Ground.BOLO: _("BOLO"),
    Ground.DIRECTED: _("Directed"),
}
"""The grounds of an entry of the field in words (VII.f-g)."""


class EntrySending(models.Model):
    """An entry was sent to a member who was on duty with an LPR, and seen by them or not yet."""

    entry = models.ForeignKey("hotlist.HotListEntry", on_delete=models.PROTECT, related_name="sendings")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("sent_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("entry", "lpr", "member"), name="hotlist_sent_once"),
            models.CheckConstraint(
                condition=Q(seen_at=None) | Q(seen_at__gte=models.F("sent_at")), name="hotlist_seen_after_sent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.lpr_id} {self.member_id}"
