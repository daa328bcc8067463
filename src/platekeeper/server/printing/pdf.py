"""PDF by typst. All text reaches the templates as JSON, never as markup, so a clause prints as it was written."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import typst

from platekeeper.core.document import Document, Report

_TEMPLATES = ("house.typ", "policy.typ", "report.typ")


def policy_pdf(document: Document, *, at: datetime) -> bytes:
    """Return a document as a tagged PDF of letter size; equal input at an equal `at` gives equal bytes."""
    longest = max((len(each.number) for section in document.sections for each in section.paragraphs), default=0)
    return _compiled("policy.typ", {**asdict(document), "wide": longest > 3}, at=at)


def report_pdf(report: Report, *, at: datetime) -> bytes:
    """Return a report as a tagged PDF, letter size on its side."""
    return _compiled("report.typ", asdict(report), at=at)


def _compiled(template: str, data: dict[str, Any], *, at: datetime) -> bytes:
    # No PDF/A is asked for: it refuses a text with a character that the fonts lack, and a department writes what it likes.
    # typst reads its imports from one folder and finds nothing outside it: a folder of its own holds the templates alone.
    with tempfile.TemporaryDirectory(prefix="platekeeper-print-") as folder:
        for name in _TEMPLATES:
            with as_file(files(__package__) / name) as source:
                shutil.copyfile(source, Path(folder) / name)
        pdf = typst.compile(
            str(Path(folder) / template),
            root=folder,
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(data)},
            timestamp=at.replace(microsecond=0),
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst returned pages where one file was asked for.")
    return pdf
