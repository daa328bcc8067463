"""The clause list walked in Chromium by the whole cast: the pages behind each clause, in two widths, light and dark.

`make album` runs it. `PLATEKEEPER_SHOTS` names the folder of the pictures, with a sheet a clause, and `index.html` of them.
A page that looks the same to somebody as to one before them is looked at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from platekeeper.core.clauses import Clause
from platekeeper.server.register.entries import ENTRIES
from platekeeper.server.register.guidance import GUIDANCE
from platekeeper.server.web.templatetags.clauses import clause_heading
from tests.cast import ROLES, Cast
from tests.looking import look_at
from tests.web.table import Row
from tests.web.test_screens import LIBRARYS, PAGES

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS, SCHEMES = (1280, 360), ("light", "dark")
NO_CLAUSES = "Beside the clauses"
Visit = Callable[..., Page]


@dataclass(frozen=True, slots=True)
class Sight:
    """What one of the cast saw of a page: `like` is the role in whose pictures it is."""

    page: str
    role: str
    refused: bool
    like: str


Album = list[Sight]


@pytest.fixture(scope="session")
def album() -> Iterator[Album]:
    """Collect what is seen, and make the sheets of it at the end."""
    seen: Album = []
    yield seen
    if shots := os.environ.get("PLATEKEEPER_SHOTS"):
        write_sheets(Path(shots), seen)


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row.name)
def test_everybody_sees_the_page_or_the_reason_why_not(row: Row, cast: Cast, visit: Visit, album: Album) -> None:
    address = row.address(cast)
    known: dict[str, str] = {}
    for role in ROLES:
        page, refused = visit(role), role not in row.allowed
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == (403 if refused else 200), role
        if refused:
            assert_says_why(page)
        text = re.sub(r'(name="csrfmiddlewaretoken" value=|data-at=)"[^"]*"', "", page.locator("main").inner_html())
        if text not in known:
            look_everywhere(page, f"{row.name}-{role}")
        album.append(Sight(row.name, role, refused, known.setdefault(text, role)))


@pytest.mark.parametrize("address", ["/accounts/login/", *LIBRARYS])
def test_the_librarys_pages(address: str, cast: Cast, visit: Visit) -> None:
    page = visit("officer")
    if "login" in address:
        page.context.clear_cookies()
    page.goto(address)
    look_everywhere(page, address.strip("/").replace("/", "-"))


def assert_says_why(page: Page) -> None:
    """Hold a refusal to its form: the clause, a reason, the way back."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Action refused")
    clause, reason = page.get_by_role("alert").locator("p").all_text_contents()
    assert clause in {clause_heading(each) for each in Clause}
    assert len(reason.split()) > 3, reason
    expect(page.get_by_role("link", name="Home").last).to_be_visible()


def look_everywhere(page: Page, name: str) -> None:
    """Look at the page before us in each width, light and dark."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            look_at(page, f"{name}-{width}-{scheme}")
    page.emulate_media(color_scheme="light")


def write_sheets(folder: Path, seen: Album) -> None:
    """Write a sheet for each clause: the register's page of it first, then the others of that subject."""
    rows, sheets, shown = {row.name: row for row in PAGES}, [], set()
    for clause in Clause:
        line = ENTRIES.get(clause) or GUIDANCE[clause]
        beside = [row.name for row in PAGES if row.subject == rows[line.page].subject and row.name != line.page]
        shown |= {line.page, *beside}
        sheets.append((clause.number, f"{clause.number} · {clause.title}", line.how, [line.page, *beside]))
    sheets.append(("beside", NO_CLAUSES, "", [name for name in rows if name not in shown]))
    for file, title, how, names in sheets:
        body = "".join(_page(name, [sight for sight in seen if sight.page == name]) for name in names)
        _write(folder / f"{file}.html", title, f"<p>{escape(how)}</p>{body}")
    links = "".join(f'<li><a href="{file}.html">{escape(title)}</a></li>' for file, title, *_ in sheets)
    _write(folder / "index.html", "The clauses, walked", f"<ul>{links}</ul>")


def _page(name: str, sights: Album) -> str:
    shown = []
    for first in sorted((sight for sight in sights if sight.like == sight.role), key=lambda sight: sight.refused):
        who = ", ".join(sight.role for sight in sights if sight.like == first.role)
        pictures = "".join(
            f'<a href="{file}"><img src="{file}" height="300" loading="lazy" alt="{width}, {scheme}"></a> '
            for width in WIDTHS
            for scheme in SCHEMES
            for file in [f"{name}-{first.role}-{width}-{scheme}.png"]
        )
        shown.append(f"<h3>{'Refused: ' if first.refused else ''}{who}</h3>{pictures}")
    return f"<h2>{name}</h2>{''.join(shown)}"


def _write(file: Path, title: str, body: str) -> None:
    file.write_text(
        f'<!doctype html><meta charset="utf-8"><title>{escape(title)}</title><h1>{escape(title)}</h1>{body}'
    )
