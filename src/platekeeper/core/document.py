"""A printed document as plain data: what the department hands to a board, before it is a page, a PDF or a Word file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a run of text is set."""

    PLAIN = "plain"
    ANSWER = "answer"  # the department's own answer in a blank
    UNFILLED = "unfilled"  # a blank that is open: shown as a line with its label
    INSERTED = "inserted"  # a tracked change: underlined
    DELETED = "deleted"  # a tracked change: struck through


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one manner; the texts of a paragraph's runs follow each other as they are, spaces included."""

    text: str
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A clause: its number as it is printed beside it ("a.", "1.", or ""), its depth (0 for a section's own text,
    1 for a lettered clause, 2 for a numbered item), and its text. `note` is set small below, such as a reason."""

    runs: tuple[Run, ...]
    number: str = ""
    depth: int = 0
    note: str = ""

    @property
    def text(self) -> str:
        """The text without its marks."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its number ("IV.") and heading."""

    number: str
    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature block; empty strings leave a line to sign on."""

    title: str
    name: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The whole. `facts` is the header's table of (label, value); `footer` stands on every page beside the page
    number; `watermark` ("DRAFT", "DEMO", or empty) stands across every page."""

    title: str
    department: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    signature: Signature | None
    footer: str
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a report: its lines of text, and a tone: "", "good", "warn", "bad" or "quiet" (never color alone:
    the text says the same)."""

    lines: tuple[str, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A table to print: columns as (heading, share of the width), rows of cells, with the same header and footer."""

    title: str
    department: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[Cell, ...], ...]
    footer: str
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """One page that hands over a text to be kept exactly: as it stands, and in a QR code. `words` say what it is for."""

    title: str
    department: str
    facts: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    note: str
    footer: str
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a booklet: columns as (heading, share of the width), rows of texts; `empty` is said where there are none."""

    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a booklet. `plots` are SVG with what they show in words."""

    heading: str
    words: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    plots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Booklet:
    """Parts to be read one after the other, with a list of contents if it is asked for."""

    title: str
    department: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    footer: str
    contents: bool = False
    watermark: str = ""
