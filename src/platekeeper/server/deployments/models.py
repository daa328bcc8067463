"""Deployments: special details (V.d) and mutual aid (V.e), every step on them, and each use of an LPR."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.deployments import Kind as RuleKind
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Agency, Person


class Deployment(Judged):
    """What is asked for: LPRs and people at a place for a time. What became of it, its steps say."""

    class Kind(models.TextChoices):
        CRIME_AREA = RuleKind.CRIME_AREA.value, _("high crime area patrol")
        DWI = RuleKind.DWI.value, _("STOP DWI initiative")
        ENFORCEMENT = RuleKind.ENFORCEMENT.value, _("enforcement detail")
        INVESTIGATION = RuleKind.INVESTIGATION.value, _("directed criminal investigation")
        OTHER = RuleKind.OTHER.value, _("another special operation")
        AID_GIVEN = RuleKind.AID_GIVEN.value, _("mutual aid that another agency asks of us")
        AID_SOUGHT = RuleKind.AID_SOUGHT.value, _("mutual aid that we ask of another agency")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    purpose = models.CharField(_("what it is for"), max_length=400)
    offense = models.CharField(_("crime"), max_length=80, blank=True)
    case_number = models.CharField(_("case or call number"), max_length=40, blank=True)
    sought = models.CharField(_("vehicle or data sought"), max_length=400, blank=True)
    place = models.CharField(_("where"), max_length=240)
    area = models.CharField(_("area on the map"), max_length=2_400, blank=True, help_text=_("as it was drawn"))
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), db_index=True)
    in_charge = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    lprs = models.ManyToManyField(LPR, related_name="deployments")
    people = models.ManyToManyField(Person, related_name="deployments")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    agency_name = models.CharField(_("other agency"), max_length=120, blank=True, help_text=_("as it was named then"))
    contact = models.CharField(_("who there, and how to reach them"), max_length=160, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-since", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="deployments_ends_after_it_begins"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}"

    @property
    def rule_kind(self) -> RuleKind:
        """The kind as the rules know it."""
        return RuleKind(self.kind)


class DeploymentStep(Judged):
    """One step taken on a deployment; none is ever changed."""

    class Kind(models.TextChoices):
        AUTHORIZED = "authorized", _("authorized")
        REFUSED = "refused", _("refused")
        CANCELED = "canceled", _("taken back")
        GRANTED = "granted", _("the other agency helps")
        DECLINED = "declined", _("the other agency does not help")
        ENDED = "ended", _("ended")

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("deployment", "kind"), name="deployments_each_step_once"),
            models.UniqueConstraint(
                fields=("deployment",),
                condition=Q(kind__in=("refused", "canceled", "ended")),
                name="deployments_one_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.deployment_id} {self.kind}"


class Use(Judged):
    """A member uses an LPR on a deployment, from when it was taken until it was brought back."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="uses")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("begun_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("lpr",), condition=Q(ended_at=None), name="deployments_one_use_an_lpr"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__gte=F("begun_at"), ended_by__isnull=False),
                name="deployments_use_ends_after_start_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.deployment_id} {self.lpr_id}"


class AfterAction(Judged):
    """What came of a deployment, as who was in charge says it; `counted` is what the records said then."""

    deployment = models.OneToOneField(Deployment, on_delete=models.PROTECT, related_name="after_action")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reads = models.PositiveIntegerField(_("reads"))
    hits = models.PositiveIntegerField(_("hits"))
    correct = models.PositiveIntegerField(_("hits read correctly"))
    misread = models.PositiveIntegerField(_("hits misread, or of another state"))
    stops = models.PositiveIntegerField(_("stops"))
    arrests = models.PositiveIntegerField(_("arrests from hits"))
    counted = models.JSONField()
    words = models.CharField(_("what came of it"), max_length=1_000)

    def __str__(self) -> str:
        return f"{self.deployment_id}"


class Loan(Judged):
    """An LPR in the hands of another agency, with the receipt of its handing over and that of its coming back."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="loans")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    lent_at = models.DateTimeField(db_index=True)
    lent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    receiver = models.CharField(_("who takes it over"), max_length=120)
    state = models.CharField(_("condition, accessories"), max_length=240, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_to = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    giver = models.CharField(_("who gives it back"), max_length=120, blank=True)
    state_back = models.CharField(_("condition when it came back"), max_length=240, blank=True)

    class Meta:
        ordering = ("lent_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("lpr",), condition=Q(returned_at=None), name="deployments_one_loan_an_lpr"),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_to=None)
                | Q(returned_at__gte=F("lent_at"), returned_to__isnull=False),
                name="deployments_loan_ends_after_start_with_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.deployment_id} {self.lpr_id}"


class RoadMap(models.Model):
    """The roads of the area, out of a file that was handed in. The newest counts; of those before it only the facts stay."""

    file_name = models.CharField(max_length=160)
    sha256 = models.CharField(max_length=64, help_text=_("of the file"))
    content = models.BinaryField(help_text=_("the network, packed"))
    crossings = models.PositiveIntegerField()
    roads = models.PositiveIntegerField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.file_name


class Perimeter(Judged):
    """Posts for LPRs that were kept with a deployment, as they were proposed; the newest counts."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="perimeters")
    road_map = models.ForeignKey(RoadMap, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked = models.JSONField(help_text=_("scene, times and LPRs"))
    posts = models.JSONField(help_text=_("where LPRs stand, the most important first"))

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.deployment_id} {self.at}"
