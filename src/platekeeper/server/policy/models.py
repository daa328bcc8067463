"""The department's filled-in policy: versions of typed values, one of them in force; and its yearly review (IV.g)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class PolicyVersion(models.Model):
    """One version of the policy. A draft may change; an adopted version never does (the digest is over its content).

    In force is the adopted version of the highest number whose `effective_at` has come.
    """

    number = models.PositiveIntegerField(unique=True)
    values = models.JSONField(default=dict, help_text=_("blank key -> value, as `core.blanks` types it"))
    amendments = models.JSONField(default=dict, help_text=_("clause number -> what the department did to it"))
    unconfirmed = models.JSONField(default=list, help_text=_("keys of values that a profile proposed, nobody yet said"))
    drafted_at = models.DateTimeField()
    put_up_at = models.DateTimeField(null=True, blank=True, help_text=_("put up for review; a change takes it back"))
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.BigIntegerField(null=True, blank=True, help_text=_("the account's number"))
    adopted_by_name = models.CharField(max_length=120, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(models.Value(1), condition=Q(adopted_at=None), name="policy_one_draft_at_a_time"),
            models.CheckConstraint(
                condition=Q(adopted_at=None, digest="", effective_at=None)
                | (Q(adopted_at__isnull=False, effective_at__isnull=False) & ~Q(digest="")),
                name="policy_adopted_has_digest",
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"


class PolicyComment(models.Model):
    """What a reviewer says of a draft, of one clause or of the whole."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="comments")
    clause = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.version_id} {self.clause}"


class AnnualReview(Judged):
    """One yearly review: begun by the designated position, concluded by the Chief or Sheriff."""

    class Conclusion(models.TextChoices):
        KEEP = "keep", _("the policy stays as it is")
        AMEND = "amend", _("the policy is to be amended")

    due_on = models.DateField(null=True, blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    handed_over_at = models.DateTimeField(null=True, blank=True, help_text=_("recommendations went to the Chief"))
    concluded_at = models.DateTimeField(null=True, blank=True)
    concluded_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    conclusion = models.CharField(max_length=8, choices=Conclusion.choices, blank=True)
    remark = models.CharField(max_length=1000, blank=True)
    next_on = models.DateField(null=True, blank=True, help_text=_("by when the next review is due"))

    class Meta:
        ordering = ("-begun_at",)
        constraints = (
            models.UniqueConstraint(
                models.Value(1), condition=Q(concluded_at=None), name="policy_one_annual_review_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"review of version {self.policy_number}"


class Recommendation(models.Model):
    """What the reviewer recommends, and what the Chief or Sheriff decided on it."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    review = models.ForeignKey(AnnualReview, on_delete=models.PROTECT, related_name="recommendations")
    clause = models.CharField(max_length=20, blank=True)
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision.choices, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.review_id} {self.clause}"
