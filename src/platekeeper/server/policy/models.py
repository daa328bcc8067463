"""The department's filled-in policy: versions of typed values, one of them in force."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PolicyVersion(models.Model):
    """One version of the policy. A draft may change; an adopted version never does (the digest is over its values)."""

    number = models.PositiveIntegerField(unique=True)
    values = models.JSONField(default=dict, help_text=_("blank key -> value, as `policy.blanks` types it"))
    drafted_at = models.DateTimeField()
    adopted_at = models.DateTimeField(null=True, blank=True)
    adopted_by = models.BigIntegerField(null=True, blank=True, help_text=_("the account's number"))
    adopted_by_name = models.CharField(max_length=120, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(models.Value(1), condition=Q(adopted_at=None), name="policy_one_draft_at_a_time"),
            models.CheckConstraint(
                condition=Q(adopted_at=None, digest="") | (Q(adopted_at__isnull=False) & ~Q(digest="")),
                name="policy_adopted_has_digest",
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"
