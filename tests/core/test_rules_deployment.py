"""Whether a deployment is safe: each finding by itself, with what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from platekeeper.core.rules.deployment import Deployment, findings
from platekeeper.core.rules.health import Level

SOUND = Deployment(
    is_demo=False, as_root=False, open_paths=(), hosts=("lpr.example.org",), behind_tls=True, debug=False, django=(),
    clock_synchronised=True, encrypted=True, backups_beside=(), copies_missing=0, has_recovery_key=True, restore_due=False,
    mail=True, weaknesses=(), owner_named=False, witnesses=1, held_ago=timedelta(days=1), without_factor=0, sealed=True,
)  # fmt: skip


def test_a_sound_deployment_has_nothing_to_see_to() -> None:
    assert {each.level for each in findings(SOUND)} == {Level.GOOD}


@pytest.mark.parametrize(
    ("change", "name", "level", "said"),
    [
        ({"open_paths": ("/srv/home", "secrets.json")}, "Home folder", Level.BAD, "/srv/home; secrets.json"),
        ({"as_root": True}, "User", Level.WARN, "root"),
        ({"hosts": ("*",)}, "Names", Level.BAD, "*"),
        ({"hosts": ("localhost",)}, "Names", Level.WARN, "localhost"),
        ({"behind_tls": False}, "TLS", Level.BAD, "off"),
        ({"debug": True}, "Debug", Level.BAD, "on"),
        ({"django": ("security.W009: a short key",)}, "Django's check", Level.WARN, "W009"),
        ({"clock_synchronised": False}, "Time service", Level.WARN, "not set"),
        ({"clock_synchronised": None}, "Time service", Level.WARN, "cannot be found out"),
        ({"encrypted": False}, "Disk encryption", Level.WARN, "no encryption"),
        ({"has_recovery_key": False}, "Backups", Level.BAD, "no recovery key"),
        ({"backups_beside": ("/srv/home/backups",)}, "Backups", Level.WARN, "own disk"),
        ({"copies_missing": 2}, "Backups", Level.WARN, "2 copies"),
        ({"restore_due": True}, "Backups", Level.WARN, "no restore"),
        ({"mail": False}, "Mail", Level.WARN, "not set up"),
        ({"weaknesses": ("The server connects as a superuser.",)}, "Database roles", Level.WARN, "superuser"),
        ({"owner_named": True}, "Database roles", Level.WARN, "OWNER_URL"),
        ({"held_ago": None}, "Witnesses", Level.WARN, "nobody outside"),
        ({"held_ago": timedelta(days=8)}, "Witnesses", Level.WARN, "8 days ago"),
        ({"without_factor": 3}, "Accounts", Level.WARN, "3 accounts"),
        ({"map_trouble": "It holds no pictures but vector tiles."}, "Map file", Level.WARN, "vector"),
        ({"on_map": (0, 3)}, "Map file", Level.WARN, "0 of 3"),
        ({"sealed": False}, "Accounts", Level.WARN, "no account is sealed"),
    ],
)
def test_each_finding_says_what_to_do(change: dict[str, Any], name: str, level: Level, said: str) -> None:
    [found] = [each for each in findings(replace(SOUND, **change)) if each.level is not Level.GOOD]
    assert (found.name, found.level) == (name, level)
    assert said in found.found and found.do


@pytest.mark.parametrize("on_map", [(1, 3), (0, 0)])
def test_a_map_with_some_lprs_on_it_is_in_order(on_map: tuple[int, int]) -> None:
    assert {each.level for each in findings(replace(SOUND, on_map=on_map))} == {Level.GOOD}


def test_the_demo_is_served_here_without_tls() -> None:
    demo = replace(SOUND, is_demo=True, hosts=("localhost",), behind_tls=False, sealed=False)
    assert {each.level for each in findings(demo)} == {Level.GOOD}
