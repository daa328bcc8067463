"""Training (IV.i, VII.b): courses, what was taken, bulletins with their receipts, and the changes that ask for them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models.people import Person


class Course(models.Model):
    """What is taught. An initial course comes before the first use; a refresher counts only after one."""

    class Kind(models.TextChoices):
        INITIAL = "initial", _("initial: before the first use")
        REFRESHER = "refresher", _("refresher: repeats it")
        IN_SERVICE = "in_service", _("in-service: on a change of hardware, software or law")

    title = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    outline = models.TextField(blank=True, help_text=_("what it covers"))
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Training(Judged):
    """A course taken. Whether it is still current is for the rules to say; a record made in error is withdrawn."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="trainings")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="trainings")
    on = models.DateField()
    given_by = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.person_id} {self.on}"


class Cause(models.TextChoices):
    """What changed (IV.i)."""

    HARDWARE = "hardware", _("hardware")
    SOFTWARE = "software", _("software")
    LAW = "law", _("law")
    POLICY = "policy", _("policy")


class Bulletin(Judged):
    """What everybody concerned is to read, or a course they are to take, by a day. After it, `must` stops use of LPRs
    and access to LPR data until it is done."""

    title = models.CharField(max_length=160)
    text = models.TextField()
    cause = models.CharField(max_length=10, choices=Cause.choices)
    course = models.ForeignKey(Course, on_delete=models.PROTECT, null=True, blank=True, related_name="bulletins")
    positions = models.JSONField(default=list, help_text=_("titles it concerns; none: everybody with an account"))
    due_on = models.DateField()
    must = models.BooleanField(default=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-issued_at", "-pk")

    def __str__(self) -> str:
        return self.title


class BulletinReceipt(models.Model):
    """Somebody says that they have read a bulletin."""

    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="receipts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="receipts")
    read_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("bulletin", "person"), name="personnel_one_receipt_each"),)

    def __str__(self) -> str:
        return f"{self.bulletin_id} {self.person_id}"


class ChangeNotice(models.Model):
    """Hardware, software, law or the policy changed: answered by a bulletin, or by a word why none is needed (IV.i)."""

    cause = models.CharField(max_length=10, choices=Cause.choices)
    what = models.CharField(max_length=240)
    subject = models.CharField(max_length=80, blank=True, help_text=_("what changed, such as lpr:3 or policy:2"))
    arose_at = models.DateTimeField()
    arose_by = models.BigIntegerField(help_text=_("the account's number"))
    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, null=True, blank=True, related_name="answers")
    no_need = models.CharField(max_length=240, blank=True, help_text=_("why no bulletin is needed"))
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-arose_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(answered_at=None, bulletin=None, no_need="")
                | Q(answered_at__isnull=False, bulletin__isnull=False, no_need="")
                | (Q(answered_at__isnull=False, bulletin=None) & ~Q(no_need="")),
                name="personnel_notice_answered_one_way",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cause}: {self.what}"
