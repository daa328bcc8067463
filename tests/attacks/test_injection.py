"""Words of plates, reasons and names that are a program elsewhere: SQL, markup, a template, a formula, a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

import platekeeper
from platekeeper.core.tables import csv_of
from platekeeper.server.personnel.models import Person
from tests.attacks.addresses import OURS, role_for
from tests.cast import Cast
from tests.web.access.search_requests import posted
from tests.web.making import stepped_up

AsRole = Callable[[str], Client]
PAYLOAD = "\"'><script>alert(7)</script>{{7*7}}{% now 'Y' %}"
WORDS = {
    "name", "title", "place", "reason", "why", "remark", "words", "justification", "requestor", "requestor_agency", "contact",
    "what_happened", "offense", "authority", "note", "detail", "description", "said", "department", "raw", "plate", "text",
    "file_name", "order", "asked_by", "what", "failure", "trouble", "exigent", "reading", "recipients",
}  # fmt: skip
"""Fields that hold what somebody typed or a file said."""
PARTS = 6
PAGES = [row for row in OURS if row.method == "get" and not row.public and row.status is None]


@pytest.mark.django_db
@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_runs_what_somebody_typed(part: int, cast: Cast, as_role: AsRole) -> None:
    rows = PAGES[part::PARTS]
    clients = {role: as_role(role) for role in {role_for(row) for row in rows}}
    shown = 0
    for row in rows:
        with transaction.atomic():  # each page of a department of its own
            address = row.address(cast)
            assert _poison() > 3
            answer = clients[role_for(row)].get(address)
            content = b"" if answer.streaming or "html" not in answer.headers["Content-Type"] else answer.content
            transaction.set_rollback(True)
        assert answer.status_code in {200, 404}, (row.name, answer.status_code)
        assert b"<script>alert" not in content, row.name
        shown += b"&lt;script&gt;alert(7)&lt;/script&gt;{{7*7}}{% now" in content
    assert shown > 2


@cache
def _typed() -> list[tuple[type[models.Model], dict[str, str]]]:
    """Return the fields of words by model; not the ledger's, which nothing may change, nor those that name their row."""
    found = []
    for model in apps.get_models():
        named = {name for rule in model._meta.constraints for name in getattr(rule, "fields", ())}
        fields = {
            field.name: PAYLOAD
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and field.name in WORDS - named
            and not (field.choices or field.unique)
        }
        if fields and model._meta.app_label not in {"ledger", "policy", "django_q", "contenttypes"}:
            found.append((model, fields))
    return found


def _poison() -> int:
    """Put the payload into every field of words, and return in how many kinds of rows there was one."""
    return sum(bool(model._default_manager.update(**fields)) for model, fields in _typed())


@pytest.mark.django_db
@pytest.mark.parametrize(
    "plate", ["' OR 1=1 --", "A' UNION SELECT 1 --", '"; DROP TABLE ledger_entry; --', "%", "\\", "{{7*7}}"]
)
def test_a_plate_is_never_a_part_of_a_statement(plate: str, cast: Cast, as_role: AsRole) -> None:
    people = Person.objects.count()
    client = stepped_up(as_role("detective"))
    for address in ("/queries/", "/queries/requests/new/", "/investigations/travels-with/"):
        answer = client.post(address, posted(plate=plate, offense=plate, justification=plate * 3))
        assert answer.status_code in {200, 302, 403}
        assert b"49" not in answer.content if plate == "{{7*7}}" and answer.status_code == 403 else True
    assert client.get("/hot-lists/entries/", {"plate": plate, "q": plate}).status_code in {200, 404}
    assert Person.objects.count() == people
    assert "ledger" in " ".join(connection.introspection.table_names())


FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－1+1",
    "＠x",
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula(cell: str) -> None:
    [_, [found]] = csv.reader(io.StringIO(csv_of(("a",), [{"a": cell}]).decode(), newline=""))
    assert found == f"'{cell}"


@pytest.mark.parametrize("cell", ["x;=1+1", "x\t=1+1", 'x",=1+1', "x|=1"])
def test_no_cell_opens_another_whatever_a_spreadsheet_parts_cells_at(cell: str) -> None:
    line = csv_of(("a",), [{"a": cell}]).decode().splitlines()[1]
    assert line.startswith('"') and line.endswith('"')
    assert next(csv.reader([line])) == [cell]


@pytest.mark.parametrize("cell", ["-3", "-0.5", "+1e3", "ABC1234", "", "a=b"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    [_, found] = csv.reader(io.StringIO(csv_of(("a", "b"), [{"a": cell, "b": "x"}]).decode(), newline=""))
    assert found == [cell, "x"]


def test_tables_are_written_in_one_place() -> None:
    root = Path(platekeeper.__file__).parent
    writing = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if (text := path.read_text()) and ("csv.writer" in text or "csv.DictWriter" in text)
    }
    assert writing == {"core/formats/hotlists/incremental.py"}  # what the matcher reads, and nobody else


def test_nothing_typed_is_in_the_name_of_a_file() -> None:
    """What stands in a file's name is a number, a day or a word of ours: no header or path can be smuggled in."""
    root = Path(platekeeper.__file__).parent / "server" / "web"
    for path in root.rglob("*.py"):
        for line in path.read_text().splitlines():
            if "filename=" in line:
                assert not any(typed in line for typed in ("POST", "GET", ".title", ".number", "file_name")), (
                    path,
                    line,
                )
