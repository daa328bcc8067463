"""What the watch over LPRs counts a day, and what it found (IV.d). No row holds a plate."""

from __future__ import annotations

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from platekeeper.core.watching.findings import Trouble
from platekeeper.server.equipment.models.lprs import LPR

TROUBLES: dict[str, str | Promise] = {
    Trouble.BLIND.value: _("reads nothing, or next to nothing"),
    Trouble.DRIFTING.value: _("reads less and less"),
    Trouble.MISREADING.value: _("misreads a character"),
    Trouble.CLOCK.value: _("clock is off"),
}
"""What is wrong, in words."""


class DayCount(models.Model):
    """What an LPR read on a UTC day. `characters` are counted over the day's different plates, and only of many."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="day_counts")
    day = models.DateField(db_index=True)
    watched = models.BooleanField(help_text=_("whether reads were to be expected"))
    reads = models.PositiveIntegerField()
    readable = models.PositiveIntegerField()
    confidence = models.FloatField(null=True, help_text=_("mean of those reads that came with one"))
    characters = models.JSONField(default=list, help_text=_("36 counts, 0 to Z; empty where there were few plates"))
    lag = models.FloatField(
        null=True, help_text=_("seconds from capture to receipt that one read in a hundred stays under")
    )
    expected = models.FloatField(null=True, help_text=_("readable reads that were to be expected, once judged"))

    class Meta:
        ordering = ("day",)
        constraints = (models.UniqueConstraint(fields=("lpr", "day"), name="equipment_one_count_a_day"),)

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.day} {self.reads}"


class WatchFinding(models.Model):
    """A trouble that the watch found; `core.watching.findings.Finding` says what its values mean."""

    lpr = models.ForeignKey(LPR, on_delete=models.PROTECT, related_name="watch_findings")
    trouble = models.CharField(max_length=12, choices=list(TROUBLES.items()))
    day = models.DateField(db_index=True)
    since = models.DateField()
    size = models.FloatField()
    strength = models.FloatField()
    character = models.CharField(max_length=1, blank=True)
    instead = models.CharField(max_length=1, blank=True)
    found_at = models.DateTimeField()

    class Meta:
        ordering = ("-day", "pk")
        constraints = (models.UniqueConstraint(fields=("lpr", "trouble", "day"), name="equipment_one_finding_a_day"),)

    def __str__(self) -> str:
        return f"{self.lpr_id} {self.trouble} {self.day}"

    @property
    def words(self) -> str:
        """What was found, in a sentence without a plate."""
        left = {"share": f"{self.size:.0%}", "since": self.since.isoformat()}
        match Trouble(self.trouble):
            case Trouble.BLIND:
                return _("Reads %(share)s of what is expected, since %(since)s.") % left
            case Trouble.DRIFTING:
                return _("Reads fell to %(share)s of what is expected, since %(since)s.") % left
            case Trouble.MISREADING:
                pair = {"character": self.character, "instead": self.instead}
                return _("About %(share)s of %(character)s are read as %(instead)s, since %(since)s.") % (left | pair)
            case Trouble.CLOCK:
                off = {"minutes": max(1, round(abs(self.size) / 60))} | left
                if self.size > 0:
                    return _("The clock is slow by %(minutes)s minutes, since %(since)s.") % off
                return _("The clock is fast by %(minutes)s minutes, since %(since)s.") % off
