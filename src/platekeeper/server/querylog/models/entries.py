"""The LPR Data Query Log (III, VI.c-g, VIII)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class QueryLogEntry(Judged):
    """One query of stored LPR data, committed before it runs and completed after. A refused one stays, too."""

    class State(models.TextChoices):
        BEGUN = "begun", _("begun")
        COMPLETED = "completed", _("completed")
        FAILED = "failed", _("failed")
        REFUSED = "refused", _("refused")

    class Purpose(models.TextChoices):
        INVESTIGATION = "investigation", _("criminal investigation")
        STOLEN = "stolen", _("stolen vehicle or plate")
        WANTED = "wanted", _("wanted person or fugitive")
        MISSING = "missing", _("missing or endangered person")
        ALERT = "alert", _("prior reads of a new hot list entry (VII.f.3, VII.g)")
        AUDIT = "audit", _("audit or test of the system")

    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="queries")
    agency = models.CharField(max_length=120)
    requestor = models.CharField(_("on behalf of"), max_length=120, blank=True, help_text=_("VI.g"))
    requestor_agency = models.CharField(_("requestor's agency"), max_length=120, blank=True)
    begun_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    terms = models.JSONField(help_text=_("exactly what was asked: plate, lprs, since, until"))
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices, blank=True)
    offence = models.CharField(_("offence type"), max_length=80, blank=True)
    case_number = models.CharField(_("case or call number"), max_length=40, blank=True)
    justification = models.CharField(_("justification"), max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    clause = models.CharField(max_length=12, blank=True, help_text=_("under which it was refused"))
    refusal = models.CharField(max_length=240, blank=True)
    found = models.PositiveIntegerField(null=True, blank=True, help_text=_("reads shown so far, all pages together"))
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-begun_at",)

    def __str__(self) -> str:
        return f"{self.begun_at} {self.by_id}"
