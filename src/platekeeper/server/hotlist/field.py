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
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

GROUNDS: dict[str, str | Promise] = {
    Ground.AMBER.value: _("AMBER Alert"),
    Ground.MISSING_CHILD.value: _("Missing Child"),
    Ground.MISSING_STUDENT.value: _("Missing College Student"),
    Ground.DISPATCH.value: _("Dispatch report"),
    Ground.BOLO.value: _("BOLO"),
    Ground.DIRECTED.value: _("Directed"),
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


class AlertBulletin(Judged):
    """An alert bulletin (CAP 1.2), kept whole under its digest; what is entered from it a person has looked at."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be looked at")
        SETTLED = "settled", _("looked at")
        UNCLEAR = "unclear", _("not understood")

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    file_name = models.CharField(max_length=160)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("none: the watched folder"),
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=240, blank=True, help_text=_("why it was not understood"))
    sender = models.CharField(max_length=200, blank=True)
    identifier = models.CharField(max_length=200, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    message_type = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=10, blank=True)
    headline = models.CharField(max_length=240, blank=True)
    must_enter = models.BooleanField(default=False, help_text=_("an actual alert that VII.g names, with a plate in it"))
    expires_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return f"{self.sender} {self.identifier}"
