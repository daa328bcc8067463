"""The end of stored LPR data (VI.k) and its backups (VI.m)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class Proposal(Judged):
    """What would be disposed of, where two persons must agree: drawn up by the clock, put forward, approved or refused.

    It says of what, and nothing of it goes before `approved_at`. Until it is put forward it is drawn up anew.
    """

    drawn_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text=_("reads captured before go, dead letters received before"))
    hits_until = models.DateTimeField(null=True, help_text=_("hits raised before go that nothing holds"))
    reads = models.JSONField(default=dict, help_text=_("UTC day -> LPR number -> reads"))
    hits = models.PositiveIntegerField(default=0)
    letters = models.PositiveIntegerField(default=0, help_text=_("payloads that were not understood"))
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=240, blank=True, help_text=_("why it was refused"))
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-drawn_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(proposed_by__isnull=False) & ~Q(approved_by=F("proposed_by")),
                name="retention_two_persons_agree",
            ),
        )

    def __str__(self) -> str:
        return f"{self.until}"


class Disposal(Judged):
    """One disposal: of a day of reads, of steps of a day, or of hits. Begun and committed before, completed after.

    `certificate` is what it removed and what was preserved where, as canonical JSON; `note` the same, signed.
    """

    class Kind(models.TextChoices):
        READS = "reads", _("reads")
        HITS = "hits", _("hits")

    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.READS)
    day = models.DateField(db_index=True, help_text=_("UTC day of capture; of hits, the last on which one was raised"))
    until = models.DateTimeField(null=True, blank=True, help_text=_("of a part of a day: what was captured before"))
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, null=True, blank=True, related_name="disposals")
    begun_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, help_text=_("LPR number -> reads disposed of"))
    digest = models.CharField(max_length=64, blank=True)
    bytes_freed = models.BigIntegerField(default=0)
    certificate = models.TextField(blank=True)
    leaf = models.BigIntegerField(null=True, blank=True, help_text=_("index of the leaf that names the certificate"))
    note = models.TextField(blank=True, help_text=_("the certificate, signed; empty while the key is missing"))

    class Meta:
        ordering = ("-day", "-pk")

    def __str__(self) -> str:
        return str(self.day)


class Directive(Judged):
    """Command directs that what is named be kept (VI.k.4): it is copied into a case, what is stored and what arrives.

    What is not named does not narrow it. The copies are kept at least until `kept_until`, and so long it takes in more.
    """

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="directives")
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    plates = models.JSONField(default=list, help_text=_("plates and patterns"))
    lprs = models.JSONField(default=list, help_text=_("LPR numbers"))
    area = models.CharField(max_length=2400, blank=True, help_text=_("as it is written for a search"))
    since = models.DateTimeField(null=True, blank=True, help_text=_("captured from"))
    until = models.DateTimeField(null=True, blank=True, help_text=_("captured before"))
    kept_until = models.DateField()
    why = models.CharField(max_length=240)
    cursor = models.CharField(max_length=40, blank=True, help_text=_("how far what was stored is copied"))
    followed_at = models.DateTimeField(null=True, blank=True, help_text=_("when all that was stored was copied"))
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-given_at", "-pk")

    def __str__(self) -> str:
        return f"{self.case_id} {self.kept_until}"


class Backup(Judged):
    """One run of the backup (VI.m)."""

    begun_at = models.DateTimeField(db_index=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    by = models.BigIntegerField(help_text=_("the account's number, 0 for the schedule"))
    target = models.CharField(max_length=240)
    reached = models.BooleanField(
        default=True, help_text=_("the folder could be written: it may hold a part, at least")
    )
    files = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    failure = models.CharField(max_length=240, blank=True)
    destroyed = models.CharField(
        max_length=240, blank=True, help_text=_("how what it wrote was destroyed, where its folder is gone for good")
    )
    destroyed_at = models.DateTimeField(null=True, blank=True)

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
