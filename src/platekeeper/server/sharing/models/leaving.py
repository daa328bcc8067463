"""What left the department (VI.i, VI.l): each file, packet and answer, and the routine transfers that send files."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.sharing.models.grounds import Mou, Order, Share


class Routine(Judged):
    """A standing transfer to another agency under an MOU: what, how often, in which format, and where to (VI.i)."""

    class Every(models.TextChoices):
        DAY = "day", _("daily")
        WEEK = "week", _("weekly, Monday to Sunday")
        MONTH = "month", _("monthly")

    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="routines")
    what = models.CharField(_("what is sent"), max_length=10, choices=Share.choices)
    purpose = models.CharField(_("purpose"), max_length=16)
    form = models.CharField(_("format"), max_length=8)
    every = models.CharField(_("how often"), max_length=6, choices=Every.choices)
    place = models.CharField(_("where to"), max_length=240, help_text=_("a folder of the server, or an https address"))
    receiver_key = models.CharField(
        _("key of who signs receipts"), max_length=44, blank=True, help_text=_("Ed25519, 32 bytes in base64")
    )
    begins_on = models.DateField(_("first day sent"))
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("mou__agency__name", "pk")

    def __str__(self) -> str:
        return f"{self.mou} {self.get_what_display()}"

    @property
    def format_label(self) -> str:
        """The format in words, as that of a dissemination."""
        return str(Dissemination.Form(self.form).label)


class Transfer(Judged):
    """One run of a routine: the UTC days from `since` to `until` (inclusive), a file each, then the manifest."""

    routine = models.ForeignKey(Routine, on_delete=models.PROTECT, related_name="transfers")
    uid = models.CharField(max_length=32, unique=True)
    since = models.DateField()
    until = models.DateField()
    due_at = models.DateTimeField(help_text=_("when it should have been sent"))
    begun_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=240, blank=True, help_text=_("why it stands still; empty while it goes on"))
    sent_at = models.DateTimeField(null=True, blank=True)
    manifest = models.TextField(blank=True, help_text=_("as signed (`core.transfer`)"))
    received_at = models.DateTimeField(null=True, blank=True)
    received_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    receipt = models.TextField(blank=True, help_text=_("the receiver's signed receipt, or what a person confirmed"))
    given_up_at = models.DateTimeField(null=True, blank=True, help_text=_("its reads went before it could be sent"))

    class Meta:
        ordering = ("-since", "-pk")
        constraints = (models.UniqueConstraint(fields=("routine", "since"), name="sharing_a_transfer_a_period"),)

    def __str__(self) -> str:
        return f"{self.routine_id} {self.since}"


class Dissemination(Judged):
    """One thing that left: begun and committed before it does, ended after. Without agency it went to somebody of none."""

    class Form(models.TextChoices):
        CSV = "csv", _("CSV")
        JSONL = "jsonl", _("JSON lines")
        PARQUET = "parquet", _("Parquet")
        NLETS = "nlets", _("Nlets-style answer (LPR)")
        PACKET = "packet", _("evidence packet")
        LOG = "log", _("Query Log")
        WORDS = "words", _("in words")
        SCREEN = "screen", _("seen on the screen")

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="disseminations")
    to = models.CharField(_("to whom"), max_length=160)
    what = models.CharField(_("what left"), max_length=10, choices=Share.choices)
    purpose = models.CharField(_("purpose"), max_length=16, blank=True)
    why = models.CharField(_("why"), max_length=240)
    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, null=True, blank=True, related_name="disseminations")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="disseminations")
    form = models.CharField(_("as"), max_length=8, choices=Form.choices)
    source = models.CharField(max_length=80, help_text=_("what it was taken from, such as query:12"))
    case_number = models.CharField(_("case or call number"), max_length=40, blank=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="files")
    day = models.DateField(null=True, blank=True, help_text=_("UTC day, of a transfer's file"))
    records = models.PositiveIntegerField(default=0)
    withheld = models.PositiveIntegerField(default=0, help_text=_("left out as the MOU's terms say"))
    size = models.BigIntegerField(default=0, help_text=_("bytes"))
    sha256 = models.CharField(max_length=64, help_text=_("of what left"))
    manifest = models.TextField(help_text=_("canonical JSON"))
    begun_at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("none: the clock")
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=240, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=240, blank=True, help_text=_("who confirmed it, and how"))

    class Meta:
        ordering = ("-begun_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(agency=None, mou=None, order=None)
                | Q(agency__isnull=False) & (Q(mou=None, order__isnull=False) | Q(mou__isnull=False, order=None)),
                name="sharing_nothing_leaves_without_a_ground",
            ),
            models.UniqueConstraint(fields=("transfer", "day"), name="sharing_a_file_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.to}"
