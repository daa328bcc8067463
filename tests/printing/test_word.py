"""Word files: whole, with headings, fields and marks."""

from __future__ import annotations

import io

import docx
from docx.document import Document as WordDocument

from platekeeper.core.document import Document, Mark
from platekeeper.server.printing.word import policy_docx
from tests.printing.making import AT, HOSTILE, document, paragraph


def _opened(printed: Document) -> WordDocument:
    return docx.Document(io.BytesIO(policy_docx(printed, at=AT)))


def _text(word: WordDocument) -> str:
    return "\n".join(each.text for each in word.paragraphs)


def test_headings_clauses_and_the_signature() -> None:
    word = _opened(document(paragraph("Members only.", "a."), paragraph("Twice.", "1.", depth=2, note="so said")))
    assert [each.text for each in word.paragraphs if each.style and each.style.name == "Heading 1"] == [
        "IV. Administration"
    ]
    text = _text(word)
    for words in ("a.\tMembers only.", "1.\tTwice.", "so said", "Charlie Chief", "Authorized by, Chief"):
        assert words in text
    assert word.tables[0].cell(0, 0).text == "Effective date"


def test_the_footer_counts_pages() -> None:
    footer = _opened(document(paragraph("x"))).sections[0].footer
    xml = "".join(each._p.xml for each in footer.paragraphs)
    assert "Harbor Falls, version 2" in footer.paragraphs[0].text
    assert ">PAGE<" in xml
    assert ">NUMPAGES<" in xml


def test_text_is_kept_as_written_but_for_what_xml_cannot_hold() -> None:
    word = _opened(document(paragraph(HOSTILE + "\x00\x0b\ud800")))
    assert HOSTILE + "\ufffd" * 3 in _text(word)


def test_marks_are_set() -> None:
    word = _opened(document(*(paragraph(f"{mark}", mark=mark) for mark in Mark), watermark="DRAFT"))
    runs = {run.text.strip(): run for each in word.paragraphs for run in each.runs}
    assert runs["answer"].bold
    assert runs["inserted"].underline
    assert runs["deleted"].font.strike
    assert runs["unfilled"].italic
    assert word.sections[0].header.paragraphs[0].text == "DRAFT"


def test_what_it_says_of_itself() -> None:
    about = _opened(document(paragraph("x"))).core_properties
    assert (about.title, about.author) == ("License Plate Reader Policy", "Harbor Falls")
    assert about.created is not None
    assert about.created.replace(tzinfo=None) == AT.replace(tzinfo=None, microsecond=0)


def test_an_empty_document_opens() -> None:
    assert _text(_opened(Document("", "", (("", ""),), (), None, ""))) is not None
