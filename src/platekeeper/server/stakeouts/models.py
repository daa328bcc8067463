"""Stake-outs: standing queries of newly stored reads (VIII). They raise no alarm and are on no hot list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry


class StakeOut(Judged):
    """One standing query, from being asked for to its end. Once it runs, `entry` is its entry in the Query Log."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for approval")
        RUNNING = "running", _("running")
        REFUSED = "refused", _("refused")
        ENDED = "ended", _("ended")

    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stake_outs")
    asked_at = models.DateTimeField()
    asked = models.JSONField(help_text=_("the question: terms and reasons"))
    until = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    remark = models.CharField(max_length=240, blank=True, help_text=_("why it was refused, or ended"))
    entry = models.OneToOneField(QueryLogEntry, on_delete=models.PROTECT, null=True, related_name="stake_out")
    seen_to = models.BigIntegerField(default=0, help_text=_("the number of the last read it was tried on"))
    found = models.PositiveIntegerField(default=0, help_text=_("reads found so far, those disposed of included"))

    class Meta:
        ordering = ("-asked_at", "-pk")

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class Find(models.Model):
    """A read that a stake-out found: where it is stored, and nothing of what it says. It goes when the read goes."""

    stake_out = models.ForeignKey(StakeOut, on_delete=models.PROTECT, related_name="finds")
    day = models.DateField(db_index=True, help_text=_("of capture, in UTC"))
    number = models.BigIntegerField()

    class Meta:
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("stake_out", "day", "number"), name="stakeouts_found_once"),)

    def __str__(self) -> str:
        return f"{self.stake_out_id} {self.day}"
