"""Hits: a read that matches an entry, with its own copy of both, and every step taken on it (VII.e)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from platekeeper.core.categories import Category, HitAction
from platekeeper.core.formats.reads import LONGEST_PLATE
from platekeeper.core.matching import HowMatched, StateAgreement
from platekeeper.server.equipment.models import LPR
from platekeeper.server.hotlist.models import choices_of
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person


class Hit(Judged):
    """A read that matches an entry. `read` and `entry` are copies as they were: disposal of a day cannot take them.

    `plate` is the text as it was sent where that is no plate, and another text that it may be matched.

    The first hit of a vehicle on an entry within the policy's window is the alarm; later ones are its repeats.

    `closed_at` is when its first outcome was recorded since it was last opened, or its recall, `corrected_at` when its LPR
    corrected the read: what the read says then may be another hit on the same entry.
    """

    read_id = models.CharField(max_length=32, help_text=_("keyed hash of the read, hexadecimal"))
    entry_key = models.CharField(
        max_length=80, db_index=True, help_text=_("own:<number>, or <source>:<key of the line>")
    )
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="hits")
    plate = models.CharField(max_length=LONGEST_PLATE, db_index=True)
    read_state = models.CharField(max_length=2, blank=True)
    read = models.JSONField()
    proof = models.JSONField(null=True, help_text=_("that the leaf of its batch names the read"))
    entry = models.JSONField()
    category = models.CharField(max_length=24, choices=[(c.value, c.value) for c in Category])
    how = models.CharField(max_length=12, choices=[(h.value, h.value) for h in HowMatched])
    state_agreement = models.CharField(max_length=10, choices=[(s.value, s.value) for s in StateAgreement])
    action = models.CharField(max_length=16, choices=choices_of(HitAction))
    urgent = models.BooleanField(help_text=_("sounds at once"))
    list_stale = models.BooleanField(help_text=_("the hot list was not of that day (V.a, VII.d)"))
    seen_at = models.DateTimeField(db_index=True, help_text=_("when the LPR captured the read"))
    raised_at = models.DateTimeField(db_index=True)
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="repeats")
    closed_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-raised_at", "-pk")
        # The few that are open among all that ever were: asked for at each change, for each who watches the board. Two
        # columns, or SQLite takes the index of `repeat_of`, under which all alarms are.
        indexes = (models.Index(fields=("closed_at", "repeat_of"), condition=Q(closed_at=None), name="hits_open"),)
        constraints = (
            models.UniqueConstraint(
                fields=("read_id", "entry_key"), condition=Q(corrected_at=None), name="hits_one_a_read_and_entry"
            ),
        )

    def __str__(self) -> str:
        return f"{self.plate} {self.seen_at}"


class HitImage(models.Model):
    """The image of the read, copied with the hit."""

    hit = models.OneToOneField(Hit, on_delete=models.PROTECT, related_name="image")
    content = models.BinaryField()
    media_type = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.hit_id} {self.media_type}"


class HitStep(Judged):
    """One step taken on a hit. What a hit's state is follows from its steps."""

    class Kind(models.TextChoices):
        SHOWN = "shown", _("shown")
        IMAGE_VERIFIED = "image_verified", _("image agrees with the vehicle")
        IMAGE_DIFFERS = "image_differs", _("image differs from the vehicle")
        CONFIRMATION_ASKED = "confirmation_asked", _("confirmation asked of dispatch")
        CONFIRMED = "confirmed", _("confirmed")
        NOT_CONFIRMED = "not_confirmed", _("not confirmed")
        STOPPED = "stopped", _("stop made")
        STOP_TAKEN_BACK = "stop_taken_back", _("stop taken back")
        OUTCOME = "outcome", _("outcome recorded")
        REOPENED = "reopened", _("opened again")
        RECALLED = "recalled", _("recalled")
        RECALL_SEEN = "recall_seen", _("recall seen")
        READ_CORRECTED = "read_corrected", _("read corrected by the LPR")

    CLOSING = (Kind.OUTCOME, Kind.RECALLED)
    """After these nothing more is to be done."""

    class Outcome(models.TextChoices):
        CORRECT = "correct", _("correct read")
        WRONG_STATE = "wrong_state", _("wrong state")
        MISREAD = "misread", _("misread")
        DISMISSED = "dismissed", _("dismissed")

    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="steps", db_index=False)  # one begins with it
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    self_attested = models.BooleanField(default=False, help_text=_("the member's word for what dispatch said"))
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    remark = models.CharField(max_length=240, blank=True)
    led_on = models.BooleanField(
        default=False,
        help_text=_("of an outcome: enforcement action, an investigation or a prosecution came of it (V.c)"),
    )

    class Meta:
        ordering = ("at", "pk")
        indexes = (
            models.Index(fields=("kind", "at", "hit", "outcome"), name="hits_steps_of_a_kind"),
            models.Index(fields=("hit", "kind", "at"), name="hits_steps_of_a_hit"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("hit", "kind"),
                condition=Q(kind__in=("confirmation_asked", "recalled")),
                name="hits_each_step_once",
            ),
            models.UniqueConstraint(
                fields=("hit", "kind", "by"),
                condition=Q(kind__in=("shown", "recall_seen")),
                name="hits_shown_once_each",
            ),
        )

    def __str__(self) -> str:
        return f"{self.hit_id} {self.kind}"


class Departure(Judged):
    """A stop made without both steps of VII.e: always recordable, and reviewed by a supervisor."""

    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="departures")
    clause = models.CharField(max_length=12)
    reason = models.CharField(max_length=240)
    at = models.DateTimeField()
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    review = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.hit_id} {self.clause}"
