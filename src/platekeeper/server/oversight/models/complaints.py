"""Complaints of people who were stopped: what they say, every step taken on it, and who is told that an entry was wrong."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.complaints import Finding
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import Suppression
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

FINDINGS: dict[str, str | Promise] = {
    Finding.NOT_LPR.value: _("not about an LPR"),
    Finding.STOP_RIGHT.value: _("the stop was right"),
    Finding.MISREAD.value: _("misread by the LPR"),
    Finding.WRONG_STATE.value: _("wrong state"),
    Finding.WRONG_ENTRY.value: _("stale or wrong hot list entry"),
    Finding.STEPS_NOT_TAKEN.value: _("both steps of VII.e were not taken"),
    Finding.OTHER.value: _("other"),
}
"""The findings in words."""


class Complaint(Judged):
    """What somebody says happened to them. How far it is follows from its steps."""

    class Way(models.TextChoices):
        IN_PERSON = "in_person", _("in person")
        LETTER = "letter", _("letter")
        PHONE = "phone", _("phone")
        EMAIL = "email", _("e-mail")
        COUNSEL = "counsel", _("through counsel")

    received_at = models.DateTimeField(help_text=_("when it was entered here"))
    received_on = models.DateField(_("came on"), help_text=_("in the department's calendar"))
    way = models.CharField(_("how it came"), max_length=10, choices=Way.choices)
    name = models.CharField(_("who complains"), max_length=120)
    contact = models.CharField(_("how to reach them"), max_length=160)
    what_happened = models.TextField(_("what happened"))
    plate = models.CharField(_("plate"), max_length=20, blank=True)
    stopped_at = models.DateTimeField(_("time of the stop"), null=True, blank=True)
    about = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("whom it is about")
    )
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints")

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return f"{self.pk}"


class ComplaintStep(Judged):
    """One step taken on a complaint; none is ever changed."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("received")
        ASSIGNED = "assigned", _("assigned")
        HIT_FOUND = "hit_found", _("hit found")
        FINDING = "finding", _("finding recorded")
        CORRECTED = "corrected", _("correction made")
        ANSWERED = "answered", _("answered to the complainant")
        CLOSED = "closed", _("closed")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("assigned to"))
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("found"))
    findings = models.JSONField(default=list, help_text=_("what was found; the latest finding stands"))
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("complaint", "kind"),
                condition=Q(kind__in=("received", "closed")),
                name="oversight_begun_and_closed_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.kind}"

    @property
    def found(self) -> list[str | Promise]:
        """What was found, in words."""
        return [FINDINGS[finding] for finding in self.findings]


class Correction(models.Model):
    """What a correction did: an own entry is off the list, or a line of a list is suppressed while its source is told."""

    step = models.OneToOneField(ComplaintStep, on_delete=models.PROTECT, related_name="correction")
    entry_key = models.CharField(max_length=80, db_index=True)
    plate = models.CharField(max_length=20)
    source = models.CharField(max_length=160, help_text=_("to whom the notice of correction goes"))
    suppression = models.OneToOneField(Suppression, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.step_id} {self.entry_key}"


class Notice(models.Model):
    """One person who was alerted by a wrong entry is told so; `seen_at` is their receipt."""

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="notices")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("person__name", "pk")
        constraints = (models.UniqueConstraint(fields=("correction", "person"), name="oversight_told_once_each"),)

    def __str__(self) -> str:
        return f"{self.correction_id} {self.person_id}"
