"""Violations of the policy: what is said to have happened, and every step until its end."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules import violations as rules
from platekeeper.server.ledger.models import Judged
from platekeeper.server.oversight.models.audits import AuditItem
from platekeeper.server.oversight.models.complaints import Complaint
from platekeeper.server.personnel.models import Person


class Violation(Judged):
    """Opened from a finding of a review, from a complaint, or by hand. How far it is follows from its steps."""

    clause = models.CharField(_("clause"), max_length=20, help_text=_("of the policy, such as VI.f"))
    what = models.TextField(_("what happened"))
    about = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("whom it is about")
    )
    item = models.ForeignKey(AuditItem, on_delete=models.PROTECT, null=True, related_name="violations")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, null=True, related_name="violations")
    opened_at = models.DateTimeField(db_index=True)
    due_on = models.DateField(help_text=_("by when it has its end"))

    class Meta:
        ordering = ("-opened_at", "-pk")

    def __str__(self) -> str:
        return f"{self.pk}"


class ViolationStep(Judged):
    """One step; none is ever changed."""

    class Kind(models.TextChoices):
        OPENED = rules.Step.OPENED.value, _("opened")
        FOUNDED = rules.Step.FOUNDED.value, _("assessed: founded")
        UNFOUNDED = rules.Step.UNFOUNDED.value, _("assessed: unfounded")
        MEASURE = rules.Step.MEASURE.value, _("measure taken")
        CLOSED = rules.Step.CLOSED.value, _("closed")

    class Outcome(models.TextChoices):
        UNFOUNDED = rules.Outcome.UNFOUNDED.value, _("unfounded")
        EXPLAINED = rules.Outcome.EXPLAINED.value, _("spoken with")
        RETRAINED = rules.Outcome.RETRAINED.value, _("trained anew")
        DISCIPLINED = rules.Outcome.DISCIPLINED.value, _("disciplined")
        ACCESS_ENDED = rules.Outcome.ACCESS_ENDED.value, _("access ended")
        REFERRED = rules.Outcome.REFERRED.value, _("referred for prosecution")
        OTHER = rules.Outcome.OTHER.value, _("other")

    violation = models.ForeignKey(Violation, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    words = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("violation", "kind"),
                condition=Q(kind__in=("opened", "closed")),
                name="oversight_violation_opened_and_closed_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.violation_id} {self.kind}"
