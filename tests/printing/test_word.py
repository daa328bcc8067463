"""Word files: whole, with headings, fields and marks."""

from __future__ import annotations

import io
import zipfile

import docx
from docx.document import Document as WordDocument

from platekeeper.core.document import Document, Mark, Paragraph, Run, Section, Signature
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


def test_every_text_of_a_document_may_be_hostile() -> None:
    text = HOSTILE + "\x00\ud800" + "long " * 60
    section = Section(text, text, (Paragraph((Run(text),), text, 1, text),))
    word = _opened(Document(text, text, ((text, text),), (section,), Signature(text, text, text), text, text))
    assert HOSTILE in word.sections[0].footer.paragraphs[0].text
    assert f"Authorized by, {HOSTILE}" in _text(word)


def test_lines_of_a_form_are_lines() -> None:
    assert "one\ntwo" in _text(_opened(document(paragraph("one\r\ntwo"))))


def test_the_same_document_gives_the_same_bytes() -> None:
    content = policy_docx(document(paragraph("x")), at=AT)
    assert content == policy_docx(document(paragraph("x")), at=AT)
    moments = {part.date_time for part in zipfile.ZipFile(io.BytesIO(content)).infolist()}
    assert moments == {(2026, 3, 1, 12, 0, 0)}


def test_sixty_clauses() -> None:
    text = _text(_opened(document(*(paragraph(f"Clause number {n}.", f"{n}.") for n in range(60)))))
    assert all(f"{n}.\tClause number {n}." in text for n in range(60))


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
