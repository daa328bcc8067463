"""Case files (V.c, VI.d, VI.h, VI.k.1-3, VII.h.3): what is preserved in them is a copy, so no disposal can take it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class CaseFile(models.Model):
    """A case: what decides how long its records are kept."""

    class Ending(models.TextChoices):
        EXPUNGED = "expunged", _("expunged by order")
        DISPOSED = "disposed", _("disposed of when its time was over")

    number = models.CharField(_("case number"), max_length=40, unique=True)
    title = models.CharField(_("what it is about"), max_length=160)
    offense_class = models.CharField(_("class of offense"), max_length=80, blank=True)
    is_felony = models.BooleanField(_("felony investigation"), default=False)
    opened_at = models.DateTimeField()
    opened_on = models.DateField(help_text=_("in the department's calendar"))
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    arrested_on = models.DateField(_("arrest on"), null=True, blank=True)
    charges = models.CharField(_("charges"), max_length=240, blank=True)
    disposed_on = models.DateField(_("final disposition on"), null=True, blank=True)
    disposition = models.CharField(_("final disposition"), max_length=160, blank=True)
    directed_until = models.DateField(_("command directs that it be kept until"), null=True, blank=True)
    directed_why = models.CharField(_("why"), max_length=240, blank=True)
    sealed_on = models.DateField(null=True, blank=True)
    order = models.CharField(_("order"), max_length=160, blank=True, help_text=_("by which it was sealed or expunged"))
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("since when nothing is kept in it any more"))
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at=None, ending="") | (Q(ended_at__isnull=False) & ~Q(ending="")),
                name="casefiles_an_ended_case_says_how",
            ),
        )

    def __str__(self) -> str:
        return self.number


class Preserved(Judged):
    """One thing preserved in a case: a copy as it was, hashed as the ledger's leaf has it.

    What came into the wrong case is set aside: the copy and its hash stay, it counts as preserved no more and is in no
    packet, and the same thing may be taken in again. Once the case has ended `content` is empty; that it was there, and its
    hash, remain.
    """

    class Kind(models.TextChoices):
        HIT = "hit", _("hit")
        READ = "read", _("read")
        QUERY = "query", _("Query Log entry")
        TOUR = "tour", _("user log of a tour")
        SEARCH = "search", _("request for a search")

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="preserved", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=40, help_text=_("what it was copied from, such as hit:12"))
    title = models.CharField(max_length=160)
    content = models.BinaryField(help_text=_("canonical JSON"))
    sha256 = models.CharField(max_length=64)
    seen_at = models.DateTimeField(
        null=True, db_index=True, help_text=_("when the read of a hit or a read was captured")
    )
    preserved_at = models.DateTimeField()
    preserved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_why = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("preserved_at", "pk")
        indexes = (
            models.Index(fields=("key",), name="casefiles_copies_of"),
            # What is counted and looked for stands in it whole: beside each copy's content that would be a look at all of it.
            models.Index(fields=("case", "kind", "preserved_at", "set_aside_at", "key"), name="casefiles_copies_in"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("case", "key"), condition=Q(set_aside_at=None), name="casefiles_preserved_once_in_a_case"
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at=None, set_aside_by=None)
                | Q(set_aside_at__isnull=False, set_aside_by__isnull=False),
                name="casefiles_set_aside_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.key}"


class PreservedImage(models.Model):
    """An image that belongs to what is preserved."""

    preserved = models.OneToOneField(Preserved, on_delete=models.PROTECT, related_name="image")
    content = models.BinaryField()
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.preserved_id} {self.media_type}"


class RecordsRequest(Judged):
    """Somebody asks for records: of a case (discovery, subpoena), or the public (VI.h). Its steps say where it stands."""

    class Kind(models.TextChoices):
        DISCOVERY = "discovery", _("discovery")
        SUBPOENA = "subpoena", _("subpoena or court order")
        PUBLIC = "public", _("public records")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    asked_by = models.CharField(_("who asks"), max_length=120)
    contact = models.CharField(_("how to reach them"), max_length=160, blank=True)
    what = models.CharField(_("what they ask for"), max_length=400)
    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("to be answered by"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.asked_by}"


class RequestStep(models.Model):
    """One step taken on a request for records."""

    class Kind(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        EXTENDED = "extended", _("time extended")
        CORRECTED = "corrected", _("day corrected")
        PACKET = "packet", _("evidence packet handed over")
        GRANTED = "granted", _("granted")
        IN_PART = "in_part", _("granted in part")
        DENIED = "denied", _("denied")
        NOTHING = "nothing", _("there is nothing of the kind")
        WITHDRAWN = "withdrawn", _("withdrawn")
        REOPENED = "reopened", _("taken up again")

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    words = models.CharField(max_length=400, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("of the packet that was handed over"))
    due_on = models.DateField(null=True, blank=True, help_text=_("the new day, where it was moved"))
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"
