"""Word files by python-docx, with real headings, numbered footers and tracked-change colors."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run as WordRun

from platekeeper.core.document import Document, Mark, Paragraph, Run
from platekeeper.server.printing.text import has_long_numbers
from platekeeper.server.printing.text import printable as _text

_SOFT, _GREEN, _RED = RGBColor(0x4D, 0x58, 0x66), RGBColor(0x1C, 0x6B, 0x3A), RGBColor(0xA3, 0x20, 0x1C)
_FONT = "Georgia"


def policy_docx(document: Document, *, at: datetime) -> bytes:
    """Return a document as a Word file of letter size; equal input at an equal `at` gives equal bytes."""
    word = docx.Document()
    _page(word, document, at=at)
    _title(word, document)
    wide = has_long_numbers(document)
    for section in document.sections:
        _heading(word, f"{section.number} {section.heading}".strip(), level=1)
        for paragraph in section.paragraphs:
            _clause(word, paragraph, wide=wide)
    if document.signature is not None:
        word.paragraphs[-1].paragraph_format.keep_with_next = True  # nobody signs a page of nothing but signatures
        for label, value in ((f"Authorized by, {document.signature.title}", document.signature.name),
                             ("Date", document.signature.on)):  # fmt: skip
            line = word.add_paragraph(_text(value or "_" * 44))
            line.paragraph_format.space_before, line.paragraph_format.keep_with_next = Pt(26), True
            below = word.add_paragraph()
            below.paragraph_format.keep_with_next = label != "Date"
            _small(below, _text(label))
    written = io.BytesIO()
    word.save(written)
    return _dated(written.getvalue(), at.astimezone(UTC))


def _page(word: WordDocument, document: Document, *, at: datetime) -> None:
    about = word.core_properties
    about.title, about.author, about.comments = _text(document.title)[:255], _text(document.department)[:255], ""
    about.created = about.modified = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    page = word.sections[0]
    page.page_width, page.page_height = Inches(8.5), Inches(11)
    page.left_margin = page.right_margin = Inches(1)
    page.bottom_margin, page.footer_distance = Inches(1.1), Inches(0.45)  # the footer has two lines
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(11)
    if document.watermark:
        _small(page.header.paragraphs[0], _text(document.watermark)).bold = True
    _small(page.footer.paragraphs[0], _text(document.footer))
    foot = page.footer.add_paragraph()
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _small(foot, "page ")
    _field(foot, "PAGE")
    _small(foot, " of ")
    _field(foot, "NUMPAGES")


def _title(word: WordDocument, document: Document) -> None:
    _small(word.add_paragraph(), _text(document.department.upper()))
    _heading(word, document.title, level=0)
    table = word.add_table(rows=0, cols=2)
    table.autofit = False
    table.columns[0].width, table.columns[1].width = Inches(1.6), Inches(4.9)
    for label, value in document.facts:
        cells = table.add_row().cells
        for cell in cells:
            cell.paragraphs[0].paragraph_format.space_after = Pt(2)
        _small(cells[0].paragraphs[0], _text(label))
        cells[1].paragraphs[0].add_run(_text(value or "—")).bold = True


def _heading(word: WordDocument, text: str, *, level: int) -> None:
    for run in word.add_heading(_text(text), level).runs:
        run.font.name, run.font.color.rgb = _FONT, RGBColor(0x17, 0x20, 0x2B)


def _clause(word: WordDocument, paragraph: Paragraph, *, wide: bool) -> None:
    hanging = Inches(0.75 if wide else 0.32) if paragraph.number else Inches(0)
    left = Inches(0.34 * max(0, paragraph.depth - 1))
    line = word.add_paragraph()
    shape = line.paragraph_format
    shape.left_indent, shape.first_line_indent, shape.space_after = left + hanging, -hanging, Pt(5)
    if paragraph.number:
        shape.tab_stops.add_tab_stop(left + hanging)
        line.add_run(f"{_text(paragraph.number)}\t")
    for run in paragraph.runs:
        _run(line, run)
    if paragraph.note:
        shape.keep_with_next = True
        note = word.add_paragraph()
        note.paragraph_format.left_indent = left + hanging
        _small(note, _text(paragraph.note)).italic = True


def _run(line: WordParagraph, run: Run) -> None:
    shown = line.add_run(_text(f" {run.text} " if run.mark is Mark.UNFILLED else run.text))
    match run.mark:
        case Mark.ANSWER:
            shown.bold = True
        case Mark.UNFILLED:
            shown.underline, shown.italic, shown.font.size, shown.font.color.rgb = True, True, Pt(9), _SOFT
        case Mark.INSERTED:
            shown.underline, shown.font.color.rgb = True, _GREEN
        case Mark.DELETED:
            shown.font.strike, shown.font.color.rgb = True, _RED


def _small(line: WordParagraph, text: str = "") -> WordRun:
    """Set a text small and gray, or the one that the line holds already."""
    run = line.runs[0] if line.runs and not text else line.add_run(text)
    run.font.size, run.font.color.rgb = Pt(8.5), _SOFT
    return run


def _field(line: WordParagraph, name: str) -> None:
    """Add a field that Word and LibreOffice count by themselves (ECMA-376, 17.16.5)."""
    for kind, text in (("begin", ""), ("instrText", name), ("separate", ""), ("t", "1"), ("end", "")):
        element = OxmlElement(f"w:{kind}" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        run = line.add_run()
        run.font.size, run.font.color.rgb = Pt(8.5), _SOFT
        run._r.append(element)


def _dated(content: bytes, at: datetime) -> bytes:
    """Return a Word file whose parts bear `at`; python-docx gives them the time of the clock."""
    moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(written, "w") as dated:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, moment)
            part.compress_type = zipfile.ZIP_DEFLATED
            dated.writestr(part, parts.read(name))
    return written.getvalue()
