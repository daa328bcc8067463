"""People, the positions they hold and what they were authorized to do (IV.a-c, VI.b, VIII.b).

Rows keep the moment at which they began and ended, so that what somebody was at any past moment is what was judged then.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged


class Agency(models.Model):
    """A law enforcement agency: this department, or another one."""

    name = models.CharField(max_length=120, unique=True)
    ori = models.CharField(_("ORI"), max_length=9, blank=True)
    contact = models.CharField(_("whom to call"), max_length=160, blank=True)
    is_department = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = _("agencies")
        constraints = (
            models.UniqueConstraint(
                fields=("is_department",), condition=Q(is_department=True), name="personnel_one_department"
            ),
        )

    def __str__(self) -> str:
        return self.name


class People(BaseUserManager["Person"]):
    """Accounts are made by `personnel.changes` alone; this manager only finds them."""


class Person(AbstractBaseUser):
    """An account. Members are sworn officers, staff are non-sworn employees (III)."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("member")
        STAFF = "staff", _("staff")
        OUTSIDE = "outside", _("outside agency")

    username = models.CharField(_("login name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"), blank=True)
    badge = models.CharField(_("badge or employee number"), max_length=20, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="people")
    is_active = models.BooleanField(_("active"), default=True, help_text=_("follows the latest `Disabling`"))
    must_set_password = models.BooleanField(default=False, help_text=_("the password was set by somebody else"))
    added_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text=_("when a temporary account ends by itself"))

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = People()

    class Meta:
        verbose_name_plural = _("people")
        ordering = ("name",)
        constraints = (models.UniqueConstraint(Lower("username"), name="personnel_login_name_once_in_any_case"),)

    def __str__(self) -> str:
        return self.name


class Disabling(models.Model):
    """An account was disabled, until it is enabled again."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="disablings")
    disabled_at = models.DateTimeField()
    enabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(enabled_at=None), name="personnel_disabled_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.disabled_at}"


class Position(models.Model):
    """A position or named unit of the department, to which the policy gives duties."""

    title = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Holding(models.Model):
    """Somebody holds a position from a day on, until a day (inclusive) if one is set. `ended_at` cuts it off at once."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="holdings")
    position = models.ForeignKey(Position, on_delete=models.PROTECT, related_name="holdings")
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("since", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="personnel_holding_order"),
            models.UniqueConstraint(
                fields=("person", "position"),
                condition=Q(until=None, ended_at=None),
                name="personnel_held_once_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.position_id}"


class Grant(Judged):
    """An authorization given to one person: staff to reach LPR data (IV.c), a designee (VI.b), inquiries (VIII.b)."""

    class Kind(models.TextChoices):
        STAFF_ACCESS = "staff_access", _("staff access to LPR data (IV.c)")
        DESIGNEE = "designee", _("designee with access to LPR data (VI.b)")
        INQUIRIES = "inquiries", _("inquiries of stored LPR data (VIII.b)")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind"), condition=Q(ended_at=None), name="personnel_granted_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"
