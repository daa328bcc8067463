"""Streets beneath the maps, out of the department's own archive: to whoever is signed in, from our own origin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect
from pmtiles.tile import TileType
from pytest_django import Settings

from platekeeper.server.cli.main import main
from platekeeper.server.cli.serve import map_is_usable
from platekeeper.server.equipment.models import LPR
from platekeeper.server.jobs.schedule import ensure_schedules
from platekeeper.server.web.maps import streets
from tests.cast import Cast
from tests.looking import look_at
from tests.storage.mapping import PICTURE, archive, drawn

pytestmark = pytest.mark.django_db
SAYS = {"attribution": '<a href="https://example.org/">&copy; Street makers</a>'}


@pytest.fixture
def map_path(settings: Settings, tmp_path: Path) -> Path:
    settings.MAP_FILE = archive(tmp_path, metadata=SAYS)
    path: Path = settings.MAP_FILE
    return path


def test_a_tile_is_sent_once(map_path: Path, as_role: Callable[[str], Client]) -> None:
    member = as_role("officer")
    found = member.get("/tiles/0/0/0")
    assert (found.content, found.headers["Content-Type"]) == (PICTURE, "image/png")
    assert found.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    again = member.get("/tiles/0/0/0", headers={"If-None-Match": found.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    nothing = member.get("/tiles/2/3/3")
    assert (nothing.status_code, nothing.content) == (204, b"")


@pytest.mark.parametrize(
    "place", ["9/0/0", "1/2/0", "0/0/9" + "9" * 30, "-1/0/0", "0/0/..", "0/0/%2e%2e%2fsecrets.json"]
)
def test_nothing_else_is_served(map_path: Path, as_role: Callable[[str], Client], place: str) -> None:
    assert as_role("officer").get(f"/tiles/{place}").status_code == 404


def test_nobody_else_is_served(map_path: Path, client: Client, own_home: object) -> None:
    assert client.get("/tiles/0/0/0").headers["Location"].startswith("/accounts/login/")


def test_a_tile_is_no_sitting(map_path: Path, as_role: Callable[[str], Client]) -> None:
    member = as_role("officer")
    member.get("/tiles/0/0/0")  # brings the session up
    with CaptureQueriesContext(connection) as asked:
        member.get("/tiles/0/0/0")
    assert not [each for each in asked if not each["sql"].startswith("SELECT")]


def test_a_broken_archive_takes_only_the_streets(map_path: Path, as_role: Callable[[str], Client]) -> None:
    map_path.write_bytes(map_path.read_bytes()[:150])
    assert as_role("officer").get("/tiles/0/0/0").status_code == 404
    assert streets() == {}


@pytest.mark.parametrize(("credit", "named"), [("", "© Street makers"), ("The <i>city</i>", "The <i>city</i>")])
def test_a_page_is_told_where_streets_are(map_path: Path, settings: Settings, credit: str, named: str) -> None:
    settings.MAP_CREDIT = credit
    found = streets()
    assert found["tiles"].startswith("/tiles/{z}/{x}/{y}?")
    assert (found["credit"], found["least"], found["most"]) == (named, 0, 2)


def test_it_starts_without_a_file_and_not_with_the_wrong_one(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MAP_FILE = tmp_path / "none.pmtiles"
    assert map_is_usable() and "No such file" in capsys.readouterr().err
    settings.MAP_FILE = archive(tmp_path, tile_type=TileType.MVT)
    assert not map_is_usable() and "QGIS" in capsys.readouterr().err


def test_doctor_looks_at_it(cast: Cast, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    LPR.objects.filter(pk=cast.lpr.pk).update(latitude=43.04, longitude=-76.15)
    ensure_schedules()
    for tile_type, said in ((TileType.PNG, "1 of 1 LPRs"), (TileType.MVT, "vector")):
        settings.MAP_FILE = archive(tmp_path, tile_type=tile_type)
        main(["doctor", "--json"])
        [line] = [each for each in json.loads(capsys.readouterr().out)["lines"] if each["name"] == "Map file"]
        assert said in line["found"]


@pytest.mark.django_db(transaction=True)
def test_streets_lie_beneath_the_map(
    cast: Cast, settings: Settings, tmp_path: Path, browse: Callable[..., Page]
) -> None:
    x, y = 9452, 12034  # of zoom 15, where the LPR is
    tiles = {(15, x + i, y + j): drawn(f"{x + i}, {y + j}") for i in range(-4, 5) for j in range(-3, 4)}
    settings.MAP_FILE = archive(tmp_path, tiles=tiles, metadata=SAYS)
    LPR.objects.filter(pk=cast.lpr.pk).update(latitude=43.0481, longitude=-76.1474)
    page = browse("administrator")
    page.goto(reverse("lprs"))
    expect(page.locator(".leaflet-tile-loaded").first).to_be_visible()
    assert all(page.eval_on_selector_all(".leaflet-tile-loaded", "all => all.map((each) => each.naturalWidth > 0)"))
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("© Street makers")
    look_at(page, "map-tiles")
