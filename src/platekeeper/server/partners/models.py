"""Partners: other departments' Platekeepers, what is asked of them, and the hot lists that go either way (VI.l, IV.h)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.server.hotlist.models import HotList
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Agency, Person
from platekeeper.server.querylog.models import QueryLogEntry


class Partner(Judged):
    """Another department's server, known by its key. `account` is in whose name its searches stand in the Query Log."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="partners")
    address = models.CharField(_("address"), max_length=240)
    public_key = models.CharField(max_length=64, help_text=_("Ed25519, hexadecimal"))
    fingerprint = models.CharField(max_length=64, unique=True)
    account = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="partner")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.agency_id} {self.fingerprint[:8]}"


class PartnerStep(Judged):
    """A connection begins, is stopped, is resumed: what it is follows from its newest step."""

    class Kind(models.TextChoices):
        CONNECTED = "connected", _("connected")
        STOPPED = "stopped", _("stopped")
        RESUMED = "resumed", _("resumed")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.partner_id} {self.kind}"


class Heard(models.Model):
    """The number of a request that was taken from a partner, so that none is taken twice."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="heard")
    uid = models.CharField(max_length=32)
    at = models.DateTimeField(db_index=True)
    repeated = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "uid"), name="partners_heard_once"),)

    def __str__(self) -> str:
        return self.uid


class PartnerQuestion(models.Model):
    """A query is put to a partner: `chosen` with the query, `begun` before it leaves, then what came of it.

    One that stays `begun` was cut off here: the partner may have answered it.
    """

    class State(models.TextChoices):
        CHOSEN = "chosen", _("not asked yet")
        BEGUN = "begun", _("no answer yet")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("refused by the partner")
        FAILED = "failed", _("failed there")
        DOWN = "down", _("not reached")
        INVALID = "invalid", _("no valid answer")
        UNASKED = "unasked", _("not asked")

    entry = models.ForeignKey(QueryLogEntry, on_delete=models.PROTECT, related_name="partner_questions")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="questions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.CHOSEN)
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the answer as it came"))
    clause = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    number = models.BigIntegerField(default=0, help_text=_("of the partner's Query Log entry"))
    found = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("entry", "partner"), name="partners_asked_once_a_query"),)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.partner_id} {self.state}"


class PartnerAnswer(models.Model):
    """What a partner found, kept while the results are open."""

    question = models.OneToOneField(PartnerQuestion, on_delete=models.PROTECT, related_name="answer")
    said = models.JSONField(help_text=_("`core.federation.words.Found`"))

    def __str__(self) -> str:
        return f"{self.question_id}"


class Offer(Judged):
    """A hot list that a partner may have, by its slug; `sent` are the digests of what it was sent, the newest last, and
    `made_of` says of what the newest was made."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="offers")
    name = models.CharField(max_length=20)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    sent = models.JSONField(default=list)
    made_of = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "name"), condition=Q(ended_at=None), name="partners_offered_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} {self.name}"


class Subscription(Judged):
    """A partner's hot list, fetched into a list of the department's own. `digest`: of the rows that are in force."""

    class State(models.TextChoices):
        NEW = "new", _("not fetched yet")
        FETCHED = "fetched", _("fetched")
        REFUSED = "refused", _("refused by the partner")
        DOWN = "down", _("not reached")
        INVALID = "invalid", _("no valid answer")
        UNLOADED = "unloaded", _("fetched, and refused here")

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="subscriptions")
    name = models.CharField(max_length=20, help_text=_("as the partner calls it"))
    purpose = models.CharField(max_length=16, help_text=_("as queries name them: what the MOU must share it for"))
    hot_list = models.ForeignKey(HotList, on_delete=models.PROTECT, related_name="subscriptions")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    tried_at = models.DateTimeField(null=True)
    clause = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("hot_list",), condition=Q(ended_at=None), name="partners_subscribed_once_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} {self.name}"
