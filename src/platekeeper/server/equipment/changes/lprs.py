"""The only writer of the inventory of LPRs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from platekeeper.server.equipment.digests import digests_of
from platekeeper.server.equipment.known import known_keys
from platekeeper.server.equipment.lookups import hash_of_key
from platekeeper.server.equipment.models import LPR
from platekeeper.server.storage.holding import hold


def add_lpr(
    *,
    name: str,
    kind: LPR.Kind,
    zone: str,
    at: datetime,
    model: str = "",
    software: str = "",
    place: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
) -> LPR:
    """Add an LPR to the inventory (IV.f)."""
    return LPR.objects.create(
        name=name, kind=kind, zone=zone, added_at=at, model=model, software=software, place=place,
        latitude=latitude, longitude=longitude,
    )  # fmt: skip


def rename_lpr(lpr: LPR, *, name: str) -> None:
    """Call an LPR otherwise. One that logs in by HTTP digest does so under the name for which its key was issued."""
    lpr.key_name, lpr.name = lpr.key_name or lpr.name, name
    lpr.save(update_fields=["key_name", "name"])
    known_keys.forget()


def change_make(lpr: LPR, *, model: str, software: str) -> None:
    """Say which model and software an LPR is."""
    lpr.model, lpr.software = model, software
    lpr.save(update_fields=["model", "software"])


def change_place(lpr: LPR, *, place: str, latitude: float | None, longitude: float | None) -> None:
    """Say where an LPR is; what comes in from now on was read there."""
    lpr.place, lpr.latitude, lpr.longitude = place, latitude, longitude
    lpr.save(update_fields=["place", "latitude", "longitude"])
    known_keys.forget()


def schedule_uploads(lpr: LPR, *, way: str, every: str, at: datetime) -> None:
    """Say how an LPR uploads, and how often at least; "" for as the policy says."""
    if every != lpr.upload_every:
        lpr.upload_since = at
    lpr.upload_way, lpr.upload_every = way, every
    lpr.save(update_fields=["upload_way", "upload_every", "upload_since"])


def issue_key(lpr: LPR, *, at: datetime) -> str:
    """Give an LPR a new ingest key and return it; it is shown once, and the old one ends."""
    key = f"lpr-{secrets.token_urlsafe(32)}"
    lpr.key_hash, lpr.key_issued_at = hash_of_key(key), at
    lpr.key_digests, lpr.key_name = digests_of(key, names=(str(lpr.pk), lpr.name)), ""
    lpr.save(update_fields=["key_hash", "key_digests", "key_name", "key_issued_at"])
    known_keys.forget()
    return key


def name_fields(lpr: LPR, *, format: str, names: Mapping[str, str]) -> None:
    """Say under which names an LPR sends the fields of a camera format; other formats keep theirs."""
    with transaction.atomic():
        hold(lpr)
        lpr.field_names = {**lpr.field_names, format: dict(names)}
        lpr.save(update_fields=["field_names"])
        known_keys.forget()


def set_in_service(lpr: LPR, *, in_service: bool) -> None:
    """Take an LPR out of service, or put it back."""
    lpr.in_service = in_service
    lpr.save(update_fields=["in_service"])
    known_keys.forget()
