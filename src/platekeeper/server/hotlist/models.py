"""Hot lists: deliveries from outside as immutable snapshots, and the department's own entries (III, V.a, VI.a)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


def choices_of(words: type[Category] | type[HitAction] | type[Source]) -> list[tuple[str, str]]:
    """Return the words of an enumeration as choices."""
    return [(word.value, word.value.replace("_", " ")) for word in words]


class HotListDelivery(Judged):
    """One file from the portal, accepted whole. Its bytes lie beside the database, under the name of their digest."""

    source = models.CharField(max_length=12, choices=choices_of(Source))
    format = models.CharField(max_length=40)
    file_name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file as delivered"))
    delivered_at = models.DateTimeField(db_index=True)
    delivered_by = models.BigIntegerField(help_text=_("the account's number, 0 for the watched folder"))
    lines = models.PositiveIntegerField()
    counts = models.JSONField(help_text=_("category -> number of plates"))
    skipped = models.JSONField(help_text=_("[line number, reason, text] of every line left out"))
    added = models.PositiveIntegerField(help_text=_("plates that the delivery before did not hold"))
    removed = models.PositiveIntegerField()
    changes = models.JSONField(
        help_text=_("the first of the plates added and removed, as {added: [...], removed: [...]}")
    )

    class Meta:
        ordering = ("-delivered_at",)

    def __str__(self) -> str:
        return f"{self.file_name} {self.delivered_at:%Y-%m-%d}"


class HotListEntry(Judged):
    """A plate, complete or partial, on the department's own hot list (VI.a, VII.f-g)."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for a decision")
        ACTIVE = "active", _("on the hot list")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    plate = models.CharField(
        _("plate"), max_length=20, help_text=_("normalised; ? stands for one character, * for any run")
    )
    is_partial = models.BooleanField()
    jurisdiction = models.CharField(_("state"), max_length=2, blank=True)
    category = models.CharField(_("category"), max_length=24, choices=choices_of(Category))
    source = models.CharField(max_length=12, choices=choices_of(Source), default=Source.DEPARTMENT)
    reason = models.CharField(_("reason"), max_length=240)
    authority = models.CharField(_("authority"), max_length=160, help_text=_("warrant, bulletin, or who directed it"))
    case_number = models.CharField(_("case or call number"), max_length=40, blank=True)
    hit_action = models.CharField(_("what a hit does"), max_length=16, choices=choices_of(HitAction))
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("ends"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision_remark = models.CharField(max_length=240, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-requested_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("effective_at")), name="hotlist_entry_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.plate

    @property
    def key(self) -> str:
        """The key under which the index and its hits name this entry."""
        return f"own:{self.pk}"


class HotListChange(models.Model):
    """A counter in one row: it moves whenever a delivery or an own entry changes, so that a running matcher reloads."""

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.version)
