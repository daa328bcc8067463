"""What the department has published about its LPRs: frozen as it was on the day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class Publication(Judged):
    """A transparency report of a period that the public may read, until it is withdrawn. It is never made anew."""

    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    report = models.JSONField(help_text=_("what is shown, small counts left out already"))
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64, help_text=_("of the PDF"))
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_why = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-last_day", "-pk")

    def __str__(self) -> str:
        return f"{self.first_day} {self.last_day}"
