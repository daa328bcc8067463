"""MOUs with other agencies, and orders of courts: the grounds on which LPR data leaves the department (IV.h, VI.l)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.sharing import Share as RuleShare
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Agency, Person


class Share(models.TextChoices):
    """What may leave, in words."""

    HOT_LISTS = RuleShare.HOT_LISTS.value, _("entries of hot lists")
    READS = RuleShare.READS.value, _("reads")
    HITS = RuleShare.HITS.value, _("hits")
    SEARCHES = RuleShare.SEARCHES.value, _("answers to searches")


class Mou(Judged):
    """A memorandum of understanding. It is never changed: how it stands, its steps and its days say."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="mous")
    title = models.CharField(_("title"), max_length=160)
    shares = models.JSONField(_("what is shared"), help_text=_("`Share` values"))
    purposes = models.JSONField(_("purposes it is shared for"), help_text=_("as queries name them"))
    barred = models.JSONField(_("purposes barred"), default=list)
    terms = models.JSONField(help_text=_("`core.rules.sharing.Terms`"))
    document = models.BinaryField(help_text=_("PDF"))
    sha256 = models.CharField(max_length=64, help_text=_("of the document"))
    begins_on = models.DateField(_("in force from"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        ordering = ("agency__name", "-begins_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="sharing_mou_ends_after_it_begins"),
        )

    def __str__(self) -> str:
        return self.title


class MouStep(Judged):
    """One step taken on an MOU; none is ever changed."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", _("drafted")
        OURS = "ours", _("attested by us")
        THEIRS = "theirs", _("attested by them")
        SUSPENDED = "suspended", _("suspended")
        RESUMED = "resumed", _("resumed")
        ENDED = "ended", _("ended")

    mou = models.ForeignKey(Mou, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("mou", "kind"),
                condition=Q(kind__in=("drafted", "ours", "theirs", "ended")),
                name="sharing_mou_step_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mou_id} {self.kind}"


class Order(Judged):
    """A warrant, subpoena or court order that obliges the department to hand something to an agency."""

    class Kind(models.TextChoices):
        WARRANT = "warrant", _("search warrant")
        SUBPOENA = "subpoena", _("subpoena")
        COURT = "court", _("court order")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="orders")
    court = models.CharField(_("court or who issued it"), max_length=160)
    number = models.CharField(_("docket or index number"), max_length=60)
    shares = models.JSONField(_("what it asks for"), help_text=_("`Share` values"))
    scope = models.CharField(_("what exactly"), max_length=400)
    issued_on = models.DateField(_("issued on"))
    ends_on = models.DateField(_("last day"))
    document = models.BinaryField(help_text=_("PDF"))
    sha256 = models.CharField(max_length=64, help_text=_("of the document"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_why = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-issued_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("issued_on")), name="sharing_order_ends_after_it_begins"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
