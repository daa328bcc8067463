"""What makes entries of the field (VII.f-g): alert bulletins, files signed offline and their keys; and whom an entry reached.

`models` imports what is here, so that Django finds it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import Judged
from platekeeper.server.personnel.models import Person

GROUNDS: dict[str, str | Promise] = {
    Ground.AMBER.value: _("AMBER Alert"),
    Ground.MISSING_CHILD.value: _("Missing Child"),
    Ground.MISSING_STUDENT.value: _("Missing College Student"),
    Ground.DISPATCH.value: _("Dispatch report"),
    Ground.BOLO.value: _("BOLO"),
    Ground.DIRECTED.value: _("Directed"),
}
"""The grounds of an entry of the field in words (VII.f-g)."""


class EntrySending(models.Model):
    """An entry was sent to a member who was on duty with an LPR, and seen by them or not yet; likewise that it was canceled
    since."""

    entry = models.ForeignKey("hotlist.HotListEntry", on_delete=models.PROTECT, related_name="sendings")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    cancel_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("sent_at", "pk")
        # two columns, or SQLite takes the index of `member`, under which all are that they ever saw
        indexes = (
            models.Index(fields=("member", "seen_at"), condition=Q(seen_at=None), name="hotlist_unseen_by"),
            models.Index(fields=("member", "entry"), name="hotlist_sent_to"),
        )
        constraints = (
            models.UniqueConstraint(fields=("entry", "lpr", "member"), name="hotlist_sent_once"),
            models.CheckConstraint(
                condition=Q(seen_at=None) | Q(seen_at__gte=models.F("sent_at")), name="hotlist_seen_after_sent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry_id} {self.lpr_id} {self.member_id}"


class AlertBulletin(Judged):
    """An alert bulletin (CAP 1.2), kept whole under its digest; what is entered from it a person has looked at.

    Of a file that was too large, or could not be read, its name is here, so that somebody reads it elsewhere.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits to be looked at")
        SETTLED = "settled", _("looked at")
        UNCLEAR = "unclear", _("not understood")

    sha256 = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text=_("none: the file could not be read")
    )
    content = models.BinaryField()
    file_name = models.CharField(max_length=160)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("none: the watched folder"),
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=240, blank=True, help_text=_("why it was not understood"))
    sender = models.CharField(max_length=200, blank=True)
    identifier = models.CharField(max_length=200, blank=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    message_type = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=10, blank=True)
    headline = models.CharField(max_length=240, blank=True)
    must_enter = models.BooleanField(default=False, help_text=_("an actual alert that VII.g names, with a plate in it"))
    expires_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remark = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return f"{self.sender} {self.identifier}"


class EntryKey(models.Model):
    """The public half of a key with which a member, or a unit, signs entries where there is no network."""

    public = models.CharField(max_length=64, unique=True, help_text=_("Ed25519, 32 bytes in hexadecimal"))
    fingerprint = models.CharField(max_length=64, unique=True, help_text=_("SHA-256 of it, as bundles name it"))
    member = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    enrolled_at = models.DateTimeField()
    enrolled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-enrolled_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(member=None, lpr__isnull=False) | Q(member__isnull=False, lpr=None),
                name="hotlist_entry_key_of_a_member_or_a_unit",
            ),
        )

    def __str__(self) -> str:
        return self.fingerprint


class SignedLine(models.Model):
    """A line of a file of signed entries as it was handed in, and what became of it. The same line is kept once."""

    class State(models.TextChoices):
        ENTERED = "entered", _("entered")
        KNOWN = "known", _("on the list already")
        OVER = "over", _("over before it was handed in")
        REFUSED = "refused", _("refused")

    sha256 = models.CharField(max_length=64, unique=True)
    content = models.BinaryField()
    uid = models.CharField(max_length=32, blank=True, db_index=True)
    key = models.ForeignKey(EntryKey, on_delete=models.PROTECT, null=True, blank=True, related_name="lines")
    made_at = models.DateTimeField(null=True, blank=True, help_text=_("by the unit's clock"))
    handed_in_at = models.DateTimeField(db_index=True)
    handed_in_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("none: by the command, or by a unit itself"),
    )  # fmt: skip
    state = models.CharField(max_length=10, choices=State.choices)
    clause = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    entry = models.ForeignKey(
        "hotlist.HotListEntry", on_delete=models.PROTECT, null=True, blank=True, related_name="signed_lines"
    )

    class Meta:
        ordering = ("-handed_in_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("uid",), condition=Q(state__in=("entered", "known", "over")), name="hotlist_signed_entry_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.uid} {self.state}"


class HotListUpload(Judged):
    """The lists in force were issued to a unit, signed, and good until they expire (V.a, VII.d).

    `held_at`: when the unit first said that it has them; till then they may not have reached it. `uid` is of the signed line.
    """

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the contents"))
    files = models.JSONField(help_text=_("SHA-256 of the rows of a whole file -> its delivery"))
    uid = models.CharField(max_length=32, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-issued_at", "-pk")
        indexes = (models.Index(fields=("lpr", "issued_at"), name="hotlist_uploads_to_an_lpr"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("issued_at")), name="hotlist_upload_ends_after_it_was_issued"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.issued_at:%Y-%m-%d}"
