"""Hot lists: deliveries from outside as immutable snapshots, and the department's own entries (III, V.a, VI.a)."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from platekeeper.core.categories import Category, HitAction, Source
from platekeeper.core.rules.lists import ListRules, MatchKind
from platekeeper.server.hotlist.field import GROUNDS, AlertBulletin, EntryKey, EntrySending, HotListUpload, SignedLine
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

__all__ = [
    "AlertBulletin",
    "EntryKey",
    "EntrySending",
    "HotList",
    "HotListChange",
    "HotListDelivery",
    "HotListEntry",
    "HotListLoading",
    "HotListUpload",
    "SignedLine",
    "Suppression",
    "choices_of",
]


def choices_of(words: type[Category] | type[HitAction] | type[Source]) -> list[tuple[str, str]]:
    """Return the words of an enumeration as choices."""
    return [(word.value, word.value.replace("_", " ")) for word in words]


class HotList(models.Model):
    """A list with a source and rules of its own (III): how it is written, what alarms, what a hit does, when it is stale.

    `slug` begins the keys of its hits and names its folder under the watched one; it never changes.
    """

    slug = models.SlugField(max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    source = models.CharField(_("source"), max_length=12, choices=choices_of(Source))
    format = models.CharField(_("format"), max_length=40)
    columns = models.JSONField(default=dict, help_text=_("the template of a mapped file: our column -> theirs"))
    words = models.JSONField(default=dict, help_text=_("the list's own words -> our categories"))
    categories = models.JSONField(default=list, help_text=_("the categories that count; none named: all of them"))
    alarms = models.JSONField(help_text=_("the kinds of match that alarm; the others wait for silent review"))
    actions = models.JSONField(default=dict, help_text=_("category -> what a hit does; else what is usual"))
    stale_after = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("hours; none: the department's calendar day (V.a, VII.d)")
    )
    in_use = models.BooleanField(default=True)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("added_at", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        """What the keys of its hits begin with."""
        return f"{self.slug}:"

    @property
    def layout(self) -> dict[str, dict[str, str]]:
        """How its files are to be read beyond their format; a delivery keeps the one it was read with, and in which zone."""
        return {"columns": self.columns, "words": self.words}

    @property
    def rules(self) -> ListRules:
        """The list's rules."""
        return ListRules(
            alarms=frozenset(MatchKind(kind) for kind in self.alarms),
            categories=frozenset(Category(category) for category in self.categories),
            actions={Category(category): HitAction(action) for category, action in self.actions.items()},
            stale_after=None if self.stale_after is None else timedelta(hours=self.stale_after),
        )


class HotListDelivery(Judged):
    """One file, accepted whole. Its bytes lie beside the database, under the name of their digest.

    A file of changes stands on the whole list delivered before it (`base`, None if there never was one); what all
    changes since then come to is a file of our own, kept under `sum_digest`.
    """

    hot_list = models.ForeignKey(HotList, on_delete=models.PROTECT, related_name="deliveries")
    source = models.CharField(max_length=12, choices=choices_of(Source))
    format = models.CharField(max_length=40)
    layout = models.JSONField(default=dict)
    file_name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file as delivered"))
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    sum_digest = models.CharField(max_length=64, blank=True, help_text=_("SHA-256 of the sum of changes"))
    delivered_at = models.DateTimeField(db_index=True)
    delivered_by = models.BigIntegerField(help_text=_("the account's number, 0 for the watched folder"))
    lines = models.PositiveIntegerField(help_text=_("plates on the list with this delivery"))
    counts = models.JSONField(help_text=_("category -> number of plates"))
    skipped = models.JSONField(
        help_text=_("[line number, reason, text] of the lines left out, as far as they are listed")
    )
    left_out = models.JSONField(default=dict, help_text=_("reason -> number of lines left out"))
    added = models.PositiveIntegerField(help_text=_("plates that the delivery before did not hold"))
    removed = models.PositiveIntegerField()
    changes = models.JSONField(
        help_text=_("the first of the plates added and removed, as {added: [...], removed: [...]}")
    )

    class Meta:
        ordering = ("-delivered_at",)

    def __str__(self) -> str:
        return f"{self.file_name} {self.delivered_at:%Y-%m-%d}"

    @property
    def is_changes(self) -> bool:
        """Whether the file held changes of the list rather than the list."""
        return bool(self.sum_digest)


class HotListLoading(models.Model):
    """A file handed in on the page, and how far its loading is: it is loaded beside the server, not within a request."""

    class State(models.TextChoices):
        KEEPING = "keeping", _("being kept")
        WAITING = "waiting", _("waiting")
        LOADING = "loading", _("being loaded")
        ACCEPTED = "accepted", _("in force")
        REFUSED = "refused", _("refused")

    hot_list = models.ForeignKey(HotList, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=40)
    file_name = models.CharField(max_length=160)
    accept_shorter = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.KEEPING)
    percent = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(blank=True)
    shorter_than = models.ForeignKey(
        HotListDelivery, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("refused for being much shorter than this: may be accepted in its place"),
    )  # fmt: skip
    delivery = models.ForeignKey(HotListDelivery, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self.state in (self.State.KEEPING, self.State.WAITING, self.State.LOADING)


class HotListEntry(Judged):
    """A plate, complete or partial, on the department's own hot list (VI.a, VII.f-g)."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("waiting for a decision")
        ACTIVE = "active", _("on the hot list")
        REFUSED = "refused", _("refused")
        CANCELED = "canceled", _("canceled")

    plate = models.CharField(
        _("plate"), max_length=20, help_text=_("normalized; ? stands for one character, * for any run")
    )
    is_partial = models.BooleanField()
    jurisdiction = models.CharField(_("state"), max_length=2, blank=True)
    category = models.CharField(_("category"), max_length=24, choices=choices_of(Category))
    source = models.CharField(max_length=12, choices=choices_of(Source), default=Source.DEPARTMENT)
    reason = models.CharField(_("reason"), max_length=240)
    authority = models.CharField(_("authority"), max_length=160, help_text=_("warrant, bulletin, or who directed it"))
    case_number = models.CharField(_("case or call number"), max_length=40, blank=True)
    hit_action = models.CharField(_("what a hit does"), max_length=16, choices=choices_of(HitAction))
    requested_at = models.DateTimeField(db_index=True)
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("ends"))
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    decided_at = models.DateTimeField(null=True, blank=True, db_index=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decision_remark = models.CharField(max_length=240, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    canceled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cancel_reason = models.CharField(max_length=240, blank=True)
    ground = models.CharField(
        max_length=16, choices=list(GROUNDS.items()), blank=True,
        help_text=_("of an entry made in the field (VII.f-g); empty: asked for under VI.a"),
    )  # fmt: skip
    directed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    direction_confirmed_at = models.DateTimeField(null=True, blank=True)
    bulletin = models.ForeignKey(
        AlertBulletin, on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )  # fmt: skip

    class Meta:
        ordering = ("-requested_at",)
        indexes = (models.Index(fields=("state", "expires_at"), name="hotlist_standing_until"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("effective_at")), name="hotlist_entry_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(direction_confirmed_at=None) | Q(directed_by__isnull=False),
                name="hotlist_entry_confirmed_by_its_director",
            ),
        )

    def __str__(self) -> str:
        return self.plate

    @property
    def key(self) -> str:
        """The key under which the index and its hits name this entry."""
        return f"own:{self.pk}"


class Suppression(Judged):
    """A delivered line that was found wrong and raises no alarm here while its source still carries it.

    It holds for reads captured before `ends_at`; it ends sooner by hand, or once a delivery no longer holds the line: should
    the source enter the plate again, that is a new reason.
    """

    entry_key = models.CharField(max_length=80, help_text=_("the key of the line, as its hits name it"))
    reason = models.CharField(max_length=240)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-begun_at", "-pk")
        indexes = (models.Index(fields=("entry_key",), name="hotlist_suppression_of_a_line"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("begun_at")), name="hotlist_suppression_ends_later"),
        )

    def __str__(self) -> str:
        return self.entry_key


class HotListChange(models.Model):
    """A counter in one row: it moves whenever a delivery or an own entry changes, so that a running matcher reloads."""

    version = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.version)
