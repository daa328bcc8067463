"""Case files (V.c, VI.d, VI.h, VI.k.1-3): what is preserved in them is a copy, so no disposal can take it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class CaseFile(models.Model):
    """A case: what decides how long its records are kept."""

    number = models.CharField(_("case number"), max_length=40, unique=True)
    title = models.CharField(_("what it is about"), max_length=160)
    offence_class = models.CharField(_("class of offence"), max_length=80, blank=True)
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

    class Meta:
        ordering = ("-opened_at",)

    def __str__(self) -> str:
        return self.number


class Preserved(Judged):
    """One thing preserved in a case: a copy as it was, hashed as the ledger's leaf has it."""

    class Kind(models.TextChoices):
        HIT = "hit", _("hit")
        QUERY = "query", _("Query Log entry")

    case = models.ForeignKey(CaseFile, on_delete=models.PROTECT, related_name="preserved")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=40, help_text=_("what it was copied from, such as hit:12"))
    title = models.CharField(max_length=160)
    content = models.BinaryField(help_text=_("canonical JSON"))
    sha256 = models.CharField(max_length=64)
    preserved_at = models.DateTimeField()
    preserved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("preserved_at", "pk")
        constraints = (models.UniqueConstraint(fields=("case", "key"), name="casefiles_preserved_once_in_a_case"),)

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
