"""The LPR Data Query Log (III, VI.c-g, VIII)."""

from __future__ import annotations

from datetime import datetime

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
        WAITING = "waiting", _("waits for approval")
        APPROVED = "approved", _("approved, not run yet")
        DENIED = "denied", _("not approved")

    class CaseKnown(models.TextChoices):
        YES = "yes", _("known")
        NO = "no", _("on no list")
        NO_LIST = "no_list", _("not checked: there is no list")

    class Purpose(models.TextChoices):
        INVESTIGATION = "investigation", _("criminal investigation")
        STOLEN = "stolen", _("stolen vehicle or plate")
        WANTED = "wanted", _("wanted person or fugitive")
        MISSING = "missing", _("missing or endangered person")
        ALERT = "alert", _("prior reads of a new hot list entry (VII.f.3, VII.g)")
        AUDIT = "audit", _("audit or test of the system")

    NEVER_RAN = (State.REFUSED, State.WAITING, State.APPROVED, State.DENIED)

    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="queries")
    agency = models.CharField(max_length=120)
    requestor = models.CharField(_("on behalf of"), max_length=120, blank=True, help_text=_("VI.g"))
    requestor_agency = models.CharField(_("requestor's agency"), max_length=120, blank=True)
    recipients = models.CharField(
        _("who else gets the result"), max_length=240, blank=True, help_text=_("VI.g, VIII.c: names and agencies")
    )
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    terms = models.JSONField(help_text=_("exactly what was asked: plate, lprs, since, until"))
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose.choices, blank=True)
    offense = models.CharField(_("offense type"), max_length=80, blank=True)
    case_number = models.CharField(_("case or call number"), max_length=40, blank=True)
    justification = models.CharField(_("justification"), max_length=400, blank=True)
    case_known = models.CharField(max_length=8, choices=CaseKnown.choices, blank=True)
    none_prohibited = models.BooleanField(default=False, help_text=_("declared to serve no prohibited purpose (VI.f)"))
    exigent = models.CharField(max_length=240, blank=True, help_text=_("why it could not wait for approval"))
    flags = models.JSONField(default=list, blank=True, help_text=_("what a reviewer should look at twice"))
    earliest = models.DateTimeField(null=True, blank=True, help_text=_("from when on it asks, as its terms say"))
    state = models.CharField(max_length=10, choices=State.choices)
    clause = models.CharField(max_length=12, blank=True, help_text=_("under which it was refused"))
    refusal = models.CharField(max_length=240, blank=True)
    found = models.PositiveIntegerField(null=True, blank=True, help_text=_("reads shown so far, all pages together"))
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-begun_at",)
        indexes = (
            models.Index(fields=("begun_at", "state"), name="querylog_ran_by_time"),
            models.Index(fields=("case_number",), name="querylog_of_a_case"),
        )

    def __str__(self) -> str:
        return f"{self.begun_at} {self.by_id}"

    @property
    def case_now(self) -> str:
        """The case or call number that counts: what the newest correction says, or what the query was made under."""
        corrections = list(self.corrections.all())
        return corrections[-1].number if corrections else self.case_number

    @property
    def corrected_at(self) -> datetime | None:
        """When that number was last corrected."""
        return max((each.at for each in self.corrections.all()), default=None)

    @property
    def known_now(self) -> str:
        """Whether that number was known when it was given, a `CaseKnown`; empty where this was not asked."""
        corrections = list(self.corrections.all())
        known = corrections[-1].known if corrections else self.case_known
        return QueryLogEntry.CaseKnown(known) if known else ""


class CaseCorrection(models.Model):
    """A query was made under a wrong case or call number; what it was made under stays. The newest correction counts."""

    entry = models.ForeignKey(QueryLogEntry, on_delete=models.PROTECT, related_name="corrections")
    number = models.CharField(max_length=40, db_index=True)
    known = models.CharField(max_length=8, choices=QueryLogEntry.CaseKnown.choices, blank=True)
    why = models.CharField(max_length=240)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.number}"


class Approval(models.Model):
    """A second person's word on a query: before one of older reads runs, or after an exigent one ran (VIII.b)."""

    class Kind(models.TextChoices):
        BEFORE = "before", _("before it runs")
        AFTER = "after", _("after it ran")

    entry = models.OneToOneField(QueryLogEntry, on_delete=models.PROTECT, related_name="approval")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    asked_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    granted = models.BooleanField(null=True, blank=True)
    remark = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("asked_at",)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind}"


class KnownCase(models.Model):
    """A case or call number that the department's own systems know, out of a file that the Custodian handed in."""

    folded = models.CharField(max_length=40, primary_key=True, help_text=_("as it is compared"))
    number = models.CharField(max_length=40)
    listed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number
