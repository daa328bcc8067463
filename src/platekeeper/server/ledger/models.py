"""The append-only record of every act the policy cares about, as leaves of a Merkle tree (RFC 6962)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from platekeeper.server.ledger.actions import Action, Outcome, action_choices
from platekeeper.verify import UNFIT, entry_hash


def is_whole(body: bytes | memoryview, leaf_hash: bytes | memoryview) -> bool:
    """Say whether a leaf's body is the one that was hashed."""
    try:
        return entry_hash(bytes(body)) == bytes(leaf_hash)
    except UNFIT:
        return False


class Judged(models.Model):
    """A record that keeps the policy it was judged under, as plain data: it outlives any change of the policy."""

    policy_number = models.PositiveIntegerField()
    policy_digest = models.CharField(max_length=64)

    class Meta:
        abstract = True


class LedgerEntry(models.Model):
    """One leaf. `leaf_hash` is `verify.entry_hash` of the body; the database refuses UPDATE and DELETE.

    The columns beside `body` repeat what the body says, so that the log can be searched; the body alone is evidence.
    """

    index = models.BigIntegerField(primary_key=True, help_text="leaf index, from 0, without gaps")
    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=32, choices=action_choices, db_index=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    clause = models.CharField(max_length=20, blank=True, db_index=True)
    person = models.BigIntegerField(db_index=True, help_text="the account's number, 0 for the system")
    subject = models.CharField(max_length=80, blank=True, help_text="what was acted on, such as hit:12")
    body = models.BinaryField(help_text="canonical JSON with salted commitments")
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ("index",)
        indexes = (
            models.Index(fields=("action", "at"), name="ledger_acts_of_a_time"),
            models.Index(fields=("subject", "at"), name="ledger_of_a_subject"),
        )

    def __str__(self) -> str:
        return f"{self.index} {self.action}"

    def get_action_display(self) -> str:  # type: ignore[no-redef]  # Django gives one
        """The act in words; Django's own way puts all two hundred acts into words to find one."""
        return str(Action(self.action).label) if self.action in Action else self.action

    @property
    def attempted(self) -> str:
        """What was refused, in words; empty for what was not."""
        if self.action != Action.ACTION_REFUSED:
            return ""
        attempted = self.content()["details"].get("attempted")
        return str(Action(attempted).label) if attempted in Action.values else ""

    def content(self) -> dict[str, Any]:
        """Return the body as data; sealed fields appear as their commitments."""
        content: dict[str, Any] = json.loads(bytes(self.body))
        return content

    def repeats(self, content: dict[str, Any]) -> bool:
        """Say whether the columns beside the body, by which the log is searched and counted, say what it says."""
        beside = (self.action, self.outcome, self.clause, self.person, self.subject)
        said = (
            *(content[name] for name in ("action", "outcome", "clause")),
            content["actor"]["person"],
            content["subject"],
        )
        return beside == said and self.at == datetime.fromisoformat(content["at"])

    def is_whole(self) -> bool:
        """Say whether the body is the one that was hashed."""
        return is_whole(self.body, self.leaf_hash)


class LedgerOpening(models.Model):
    """The salt and value behind one commitment: deletable, so that a field can expire while the tree still verifies."""

    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="openings")
    field = models.CharField(max_length=40)
    salt = models.BinaryField(max_length=16)
    value = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("entry", "field"), name="ledger_one_opening_a_field"),)

    def __str__(self) -> str:
        return f"{self.entry_id} {self.field}"


class LedgerKey(models.Model):
    """A key that signs checkpoints, under the ledger's name. The private half lies in the department's home."""

    origin = models.CharField(max_length=120, help_text="the ledger's name in every checkpoint; it never changes")
    public_key = models.BinaryField(max_length=32, help_text="Ed25519")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("begun_at", "pk")
        constraints = (
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(ended_at=None), name="ledger_one_key_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.origin} {self.begun_at}"


class LedgerNode(models.Model):
    """The hash of a whole subtree of 2^level leaves, level 1 and up: derived, and made again from the leaves if lost."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("level", "index"), name="ledger_one_node_a_place"),)

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class LedgerCheckpoint(models.Model):
    """A signed tree head (C2SP `tlog-checkpoint`)."""

    size = models.BigIntegerField(unique=True)
    note = models.TextField(help_text="the signed note, as it is handed to a witness")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ("size",)

    def __str__(self) -> str:
        return f"{self.size} leaves"


class Witness(models.Model):
    """Somebody outside who is mailed the newest checkpoint, once a day, until they are ended."""

    name = models.CharField(max_length=120)
    email = models.EmailField()
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(
                Lower("email"), condition=models.Q(ended_at=None), name="ledger_one_witness_an_address"
            ),
        )

    def __str__(self) -> str:
        return self.name


class HandOver(models.Model):
    """A checkpoint on its way to somebody outside; they hold it once the outcome is done."""

    class How(models.TextChoices):
        FILE = "file", _("as a file")
        MAIL = "mail", _("by mail")
        PRINT = "print", _("on paper")

    checkpoint = models.ForeignKey(LedgerCheckpoint, on_delete=models.PROTECT, related_name="hand_overs")
    witness = models.ForeignKey(
        Witness,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hand_overs",
        help_text="blank unless mailed",
    )
    to = models.CharField(max_length=120, help_text="who took it, as they were called then")
    how = models.CharField(max_length=8, choices=How.choices)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    failure = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.how} {self.outcome}"
