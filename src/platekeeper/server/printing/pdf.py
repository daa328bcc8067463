"""PDF by typst. All text reaches the templates as JSON, never as markup, so a clause prints as it was written.

Only the fonts within typst are used, so it looks the same everywhere; a character they lack (an emoji) is an empty box.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings

from platekeeper.core.document import Booklet, Document, Report, Slip
from platekeeper.core.exhibits import ExhibitList
from platekeeper.server.printing.text import has_long_numbers, printable

_TEMPLATES = ("house.typ", "policy.typ", "report.typ", "slip.typ", "exhibits.typ", "booklet.typ")


def demo_mark() -> str:
    """Return what lies across every page that the demo prints; nothing in a real department."""
    return "DEMO" if settings.DEMO else ""


def policy_pdf(document: Document, *, at: datetime) -> bytes:
    """Return a document as a tagged PDF of letter size; equal input at an equal `at` gives equal bytes."""
    return _compiled("policy.typ", {**asdict(document), "wide": has_long_numbers(document)}, at=at)


def report_pdf(report: Report, *, at: datetime) -> bytes:
    """Return a report as a tagged PDF, letter size on its side."""
    return _compiled("report.typ", asdict(report), at=at)


def exhibits_pdf(report: ExhibitList, *, pictures: Mapping[str, bytes], at: datetime) -> bytes:
    """Return a report of exhibits as a tagged PDF. `pictures` are JPEG or PNG files by the name that an exhibit gives."""
    return _compiled("exhibits.typ", asdict(report), at=at, beside=pictures)


def booklet_pdf(booklet: Booklet, *, at: datetime) -> bytes:
    """Return a booklet as a tagged PDF of letter size."""
    data = asdict(booklet)
    drawn: dict[str, bytes] = {}
    for part in data["parts"]:
        named = {f"plot-{len(drawn) + place}.svg": plot for place, plot in enumerate(part["plots"])}
        drawn |= {name: svg.encode() for name, (svg, _words) in named.items()}
        part["plots"] = [(name, words) for name, (_svg, words) in named.items()]
    return _compiled("booklet.typ", data, at=at, beside=drawn)


def slip_pdf(slip: Slip, *, at: datetime) -> bytes:
    """Return a slip as a tagged PDF of letter size. Its QR code holds the very bytes of the note in UTF-8."""
    code = io.BytesIO()
    segno.make_qr(slip.note, encoding="utf-8", error="m").save(code, kind="svg", border=4)
    return _compiled("slip.typ", asdict(slip), at=at, beside={"note.svg": code.getvalue()})


def _compiled(template: str, data: dict[str, Any], *, at: datetime, beside: Mapping[str, bytes] | None = None) -> bytes:
    # No PDF/A is asked for: it refuses a text with a character that the fonts lack, and a department writes what it likes.
    # typst reads its imports from one folder and finds nothing outside it: a folder of its own holds the templates alone.
    with tempfile.TemporaryDirectory(prefix="platekeeper-print-") as folder:
        for name in _TEMPLATES:
            with as_file(files(__package__) / name) as source:
                shutil.copyfile(source, Path(folder) / name)
        for name, content in (beside or {}).items():
            (Path(folder) / name).write_bytes(content)
        pdf = typst.compile(
            str(Path(folder) / template),
            root=folder,
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(_printable(data))},
            timestamp=at.astimezone(UTC).replace(microsecond=0),
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned pages where one file was asked for.")
    return pdf


def _printable(data: Any) -> Any:
    match data:
        case str():
            return printable(data).replace("\t", "\N{EM SPACE}")  # typst sets a tab as nothing at all
        case dict():
            return {key: _printable(value) for key, value in data.items()}
        case list() | tuple():
            return [_printable(each) for each in data]
        case _:
            return data
