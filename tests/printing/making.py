"""A document and a report to print."""

from __future__ import annotations

from datetime import UTC, datetime

from platekeeper.core.document import Cell, Document, Mark, Paragraph, Report, Run, Section, Signature

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOSTILE = '#strong[x] $x^2$ *b* _i_ `c` \\ "q" <w:t>&amp; ] } ${} @ref // — ünïcödé 字'
FACTS = (("Effective date", "2026-03-01"), ("Review date", ""), ("Section", "12.4"), ("Version", "2"))


def paragraph(text: str, number: str = "a.", *, depth: int = 1, note: str = "", mark: Mark = Mark.PLAIN) -> Paragraph:
    """Return a paragraph of one run."""
    return Paragraph((Run(text, mark),), number, depth, note)


def document(*paragraphs: Paragraph, footer: str = "Harbor Falls, version 2", watermark: str = "") -> Document:
    """Return a document of one section."""
    section = Section("IV.", "Administration", paragraphs)
    signature = Signature("Chief", "Charlie Chief", "2026-03-01")
    return Document("License Plate Reader Policy", "Harbor Falls", FACTS, (section,), signature, footer, watermark)


def report(rows: int) -> Report:
    """Return a report of so many rows."""
    cells = tuple(
        (Cell((f"VI.{n}",)), Cell(("Title", HOSTILE)), Cell((f"row number {n}",), tone))
        for n, tone in zip(range(rows), ("", "good", "warn", "bad", "quiet") * rows, strict=False)
    )
    columns = (("Clause", 1), ("What it asks", 4), ("Evidence", 3))
    return Report("Clause register", "Harbor Falls", FACTS, columns, cells, "Harbor Falls, register", "DEMO")
