"""What guards accounts beside passwords: sealed accounts for an emergency, and workstations that do not lock."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.personnel.models.people import Person


class Seal(models.Model):
    """A sealed account's password was put into an envelope. A sign-in breaks the seal; somebody answers for it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seals")
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    broken_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("when it was mailed to who governs"))
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("answered for, or sealed anew unbroken"))
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    answer = models.TextField(blank=True, help_text=_("why it was broken, and what was done"))

    class Meta:
        ordering = ("-sealed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(ended_at=None), name="personnel_sealed_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.sealed_at}"


class Workstation(models.Model):
    """A browser that a session may be left idle in: in a patrol vehicle or a dispatch room (AC-11)."""

    name = models.CharField(_("name"), max_length=80)
    why = models.TextField(_("where it stands, and why nobody else gets at it"))
    token_hash = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of what the browser keeps"))
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-named_at", "-pk")

    def __str__(self) -> str:
        return self.name
