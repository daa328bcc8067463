"""What the records database keeps about reads; the reads themselves live in the `ReadStore`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class ReadBatch(models.Model):
    """A batch of reads whose hits and ledger leaf are committed; at start-up a stored batch without this is completed."""

    batch = models.BinaryField(max_length=16, unique=True)
    received_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32, help_text=_("RFC 6962 root over the batch's reads"))
    leaf = models.BigIntegerField(help_text=_("index of the ledger leaf"))

    def __str__(self) -> str:
        return f"{self.received_at} {self.count}"


class DeadLetter(models.Model):
    """A payload that could not be understood, kept whole until the managing position closes it (VI.j)."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="dead_letters")
    format = models.CharField(max_length=40)
    received_at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=240)
    payload = models.BinaryField()
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the payload: a repeat is counted, not kept twice"))
    times = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.BigIntegerField(null=True, blank=True)
    remark = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-received_at",)
        constraints = (models.UniqueConstraint(fields=("lpr", "digest"), name="reads_one_letter_a_payload"),)

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.reason}"


class Refusal(models.Model):
    """Reads that arrived already past the policy's ceiling: counted by LPR and day, not stored (VI.k)."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("lpr", "day"), name="reads_one_refusal_count_a_day"),)

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.day} {self.count}"


class BarredPlace(Judged):
    """A place where collecting is barred: reads inside are counted, not stored and not matched (IV.h)."""

    class Kind(models.TextChoices):
        CLINIC = "clinic", _("clinic or hospital")
        WORSHIP = "worship", _("place of worship")
        SCHOOL = "school", _("school")
        COURT = "court", _("court")
        OTHER = "other", _("other")

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    area = models.CharField(max_length=2400, help_text=_("as it is written for a search"))
    why = models.CharField(_("why"), max_length=240)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    barred_at = models.DateTimeField()
    barred_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name


class BarredCount(models.Model):
    """Reads inside a barred place: counted by UTC day of capture, and nothing else is known of them."""

    place = models.ForeignKey(BarredPlace, on_delete=models.PROTECT, related_name="counts")
    day = models.DateField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("place", "day"), name="reads_one_barred_count_a_day"),)

    def __str__(self) -> str:
        return f"{self.place_id} {self.day} {self.count}"


class Contact(models.Model):
    """A stretch of time in which an LPR was heard from without a longer silence, or was out of service (V.b, VI.i)."""

    class Kind(models.TextChoices):
        UPLOAD = "upload", _("upload")
        ALIVE = "alive", _("sign of life")
        NOTHING = "nothing", _("nothing to upload")
        OUT = "out", _("out of service")

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="contacts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    lag = models.FloatField(
        null=True, help_text=_("seconds from the newest capture to its receipt, at the last upload noted")
    )

    class Meta:
        ordering = ("-until",)
        indexes = (models.Index(fields=("lpr", "until"), name="reads_contacts_of_an_lpr"),)

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.kind} {self.until}"


class BundleReceived(models.Model):
    """A bundle of reads that a unit handed in on removable media (V.b); it is all taken in once its receipt is there."""

    uid = models.CharField(max_length=32, unique=True)
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text=_("the fingerprint of the unit's key"))
    sha256 = models.CharField(max_length=64, help_text=_("of everything before the signed line"))
    reads = models.PositiveIntegerField(help_text=_("how many it holds"))
    made_at = models.DateTimeField(help_text=_("by the unit's clock"))
    begun_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, help_text=_("what became of the reads"))
    receipt = models.BinaryField(default=bytes)

    class Meta:
        ordering = ("-begun_at", "-pk")

    def __str__(self) -> str:
        return self.uid
