"""The end of stored LPR data (VI.k) and its backups (VI.m)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged


class Disposal(Judged):
    """One day of reads disposed of: begun and committed before, completed after."""

    day = models.DateField(db_index=True, help_text=_("UTC day of capture"))
    begun_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, help_text=_("LPR number -> reads disposed of"))
    digest = models.CharField(max_length=64, blank=True)
    bytes_freed = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("-day",)

    def __str__(self) -> str:
        return str(self.day)


class Backup(Judged):
    """One run of the backup (VI.m)."""

    begun_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    by = models.BigIntegerField(help_text=_("the account's number, 0 for the schedule"))
    target = models.CharField(max_length=240)
    files = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    failure = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-begun_at",)

    def __str__(self) -> str:
        return f"{self.begun_at} {self.target}"


class RecoveryKey(Judged):
    """A recovery key that was made and handed out in shares; the key itself is nowhere here."""

    fingerprint = models.CharField(max_length=16, unique=True)
    made_at = models.DateTimeField()
    by = models.BigIntegerField(help_text=_("the account's number, 0 for the command line"))
    needed = models.PositiveSmallIntegerField(help_text=_("shares that give the key"))
    holders = models.JSONField(default=list, help_text=_("who holds a share, in the order of the shares"))

    class Meta:
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.fingerprint


class Drill(Judged):
    """A proof that backups can be trusted, or that they cannot (VI.m)."""

    class Kind(models.TextChoices):
        CHECK = "check", _("every file of a backup checked")
        SHARES = "shares", _("recovery key put together from its shares")
        RESTORE = "restore", _("backup restored and compared")

    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField(db_index=True)
    by = models.BigIntegerField(help_text=_("the account's number, 0 for the schedule or the command line"))
    target = models.CharField(max_length=240, blank=True)
    passed = models.BooleanField()
    said = models.CharField(max_length=240)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.said}"
