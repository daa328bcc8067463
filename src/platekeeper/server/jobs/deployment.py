"""The facts that a deployment is judged by, gathered; `core.rules.deployment` judges."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db.models import Exists, OuterRef

from platekeeper.core.rules.deployment import Deployment
from platekeeper.server.equipment.lookups import lprs
from platekeeper.server.ledger import lookups as ledger
from platekeeper.server.ledger.guarding import weaknesses
from platekeeper.server.personnel.lookups.guarding import seals
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures.backup_standing import backup_standing
from platekeeper.server.procedures.hand_over import can_mail
from platekeeper.server.procedures.stores import backup_folders
from platekeeper.server.storage.databases import OWNER_URL
from platekeeper.server.storage.map_tiles import MapUnreadable, map_file

_KNOWN = {
    "security.W008": "the proxy that ends TLS sends people there",
    "security.W021": "a preload list is for names of the public Internet",
    "security.W004": "said under TLS", "security.W012": "said under TLS", "security.W016": "said under TLS",
    "security.W018": "said under Debug", "security.W020": "said under Names",
    "ledger.W001": "said under Database roles",
}  # fmt: skip
"""Warnings of Django's -> why they are not repeated."""


def deployment(*, at: datetime) -> Deployment:
    """Look at the machine, the settings and the records. Raises what the disk or the database raises."""
    home, held = settings.HOME.folder, ledger.horizon()
    backups = backup_standing(in_force(at=at), at=at)
    return Deployment(
        is_demo=settings.DEMO,
        as_root=os.geteuid() == 0,
        open_paths=list(open_paths(home)),
        hosts=settings.ALLOWED_HOSTS,
        behind_tls=settings.BEHIND_TLS,
        debug=settings.DEBUG,
        django=_django(),
        clock_synchronised=clock_synchronised(),
        encrypted=is_encrypted(home.stat().st_dev),
        backups_beside=[str(each) for each in backup_folders() if _device(each) == home.stat().st_dev],
        copies_missing=backups.copies_missing,
        has_recovery_key=backups.has_key,
        restore_due=backups.restore_due,
        mail=bool(can_mail()),
        weaknesses=weaknesses(),
        owner_named=bool(os.environ.get(OWNER_URL)),
        witnesses=len(ledger.mailings()),
        held_ago=at - held.at if held else None,
        without_factor=_without_factor(),
        sealed=seals().filter(ended_at=None, broken_at=None).exists(),
        **_streets(),
    )


def open_paths(home: Path) -> Iterator[str]:
    """Return what lies first in the home and others than its owner get at; the home itself being closed is enough."""
    if stat.S_IMODE(home.stat().st_mode) & 0o077:
        yield str(home)
        for each in sorted(home.iterdir()):
            if not each.is_symlink() and stat.S_IMODE(each.stat().st_mode) & 0o077:
                yield each.name


def is_encrypted(device: int, blocks: Path = Path("/sys/dev/block")) -> bool | None:
    """Say whether a disk, or one that it is made of, is encrypted by the kernel (dm-crypt); None where it cannot be seen."""
    place = blocks / f"{os.major(device)}:{os.minor(device)}"
    if not place.exists():
        return None
    waiting = [place]
    for each in waiting:
        kind = each / "dm" / "uuid"
        if kind.exists() and kind.read_text().startswith("CRYPT-"):
            return True
        waiting.extend((each / "slaves").glob("*"))
    return False


def _streets() -> dict[str, Any]:
    if settings.MAP_FILE is None:
        return {}
    try:
        archive = map_file(settings.MAP_FILE)
    except MapUnreadable as error:
        return {"map_trouble": str(error)}
    places = [(lpr.latitude, lpr.longitude) for lpr in lprs() if lpr.latitude is not None and lpr.longitude is not None]
    return {"on_map": (sum(archive.covers(*place) for place in places), len(places))}


def _device(folder: Path) -> int | None:
    return folder.stat().st_dev if folder.exists() else None


@cache
def _django() -> list[str]:
    """What Django says of the settings: once, since they are read as a process starts."""
    found = run_checks(include_deployment_checks=True)
    return [
        f"{each.id}: {each.msg}"
        for each in found
        if each.level >= WARNING and not each.is_silenced() and each.id not in _KNOWN
    ]


def clock_synchronised() -> bool | None:
    """Say whether a time service sets this machine's clock; None where it cannot be found out."""
    if not shutil.which("timedatectl"):
        return None
    asked = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10).stdout.strip()
    except subprocess.TimeoutExpired:
        return None
    return {"yes": True, "no": False}.get(told)


def _without_factor() -> int:
    factor = Authenticator.objects.filter(user=OuterRef("pk"))
    return Person.objects.filter(~Exists(factor), is_active=True).exclude(last_login=None).count()
