"""The Query Log under review (VI.e): rounds drawn from it, the entries in each, and every step taken on one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person
from platekeeper.server.querylog.models import QueryLogEntry


class AuditRound(Judged):
    """A draw from the queries that ran after `since`, up to `until`; without `since`, from all of them.

    The sample can be drawn again by anybody: `seed` is the hash of the ledger's leaf `leaf`, which nobody chose.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", _("weekly review")
        SURVEY = "survey", _("random survey")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField()
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    leaf = models.BigIntegerField(help_text=_("the ledger's newest leaf when it was drawn"))
    seed = models.CharField(max_length=64)
    entries = models.PositiveIntegerField(help_text=_("out of how many it was drawn"))
    sampled = models.PositiveIntegerField(help_text=_("how many were drawn at random"))

    class Meta:
        ordering = ("-drawn_at", "-pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.until}"


class AuditItem(models.Model):
    """One entry of the Query Log in a round, drawn at random, for its reasons, or both. Its steps say how far it is."""

    round = models.ForeignKey(AuditRound, on_delete=models.PROTECT, related_name="items")
    entry = models.ForeignKey(QueryLogEntry, on_delete=models.PROTECT, related_name="audits")
    drawn = models.BooleanField(help_text=_("at random"))
    score = models.PositiveSmallIntegerField()
    reasons = models.JSONField(help_text=_("each as [kind, weight, words], as it was when the round was drawn"))

    class Meta:
        ordering = ("-score", "pk")
        constraints = (models.UniqueConstraint(fields=("round", "entry"), name="oversight_once_in_a_round"),)

    def __str__(self) -> str:
        return f"{self.round_id} {self.entry_id}"


class AuditStep(Judged):
    """One step taken on an entry under review; none is ever changed. The kinds are `core.rules.audits.Step`."""

    class Kind(models.TextChoices):
        FINE = "fine", _("fine")
        ASKED = "asked", _("needs an explanation")
        ANSWERED = "answered", _("explained by the member")
        MISUSE = "misuse", _("misuse")
        CLOSED = "closed", _("explanation accepted")
        ENDED = "ended", _("finding ended")
        UNFOUNDED = "unfounded", _("finding unfounded")

    item = models.ForeignKey(AuditItem, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    words = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("item",),
                condition=Q(kind__in=("fine", "closed", "ended", "unfounded")),
                name="oversight_reviewed_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.kind}"
