"""The inventory of LPRs (III, IV.f)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LPR(models.Model):
    """A license plate reader: fixed, mobile or portable (III)."""

    class Kind(models.TextChoices):
        FIXED = "fixed", _("fixed")
        MOBILE = "mobile", _("mobile")
        PORTABLE = "portable", _("portable")

    class Way(models.TextChoices):
        LIVE = "live", _("live over the network")
        FILE = "file", _("by file")
        DOCKED = "docked", _("when docked at the station")

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    model = models.CharField(_("make and model"), max_length=80, blank=True)
    software = models.CharField(_("software version"), max_length=40, blank=True)
    place = models.CharField(max_length=160, blank=True, help_text=_("where it stands, or the vehicle that carries it"))
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    zone = models.CharField(max_length=60, help_text=_("time zone of vendor times that name none"))
    in_service = models.BooleanField(default=True)
    key_hash = models.CharField(max_length=64, blank=True, db_index=True, help_text=_("SHA-256 of the ingest key"))
    key_digests = models.JSONField(
        default=dict, blank=True, help_text=_("for HTTP digest: algorithm, user name, digest")
    )
    key_name = models.CharField(
        max_length=80,
        blank=True,
        db_index=True,
        help_text=_("its name when the key was issued, where it has another now"),
    )
    key_issued_at = models.DateTimeField(null=True, blank=True)
    field_names = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("camera format, our name of a field, the name that this LPR sends it under"),
    )
    upload_way = models.CharField(max_length=10, choices=Way.choices, blank=True, help_text=_("how it uploads (V.b)"))
    upload_every = models.CharField(
        max_length=20, blank=True, help_text=_("a period of its own, shorter than the policy's (V.b, VI.i)")
    )
    upload_since = models.DateTimeField(null=True, blank=True, help_text=_("since when it goes by that period"))
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def in_field(self) -> bool:
        """Whether it is out in the field, mobile or portable, so that V.b speaks of it."""
        return self.kind != self.Kind.FIXED
