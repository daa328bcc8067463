"""PDF: every word as it was written, on pages that say what they are."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pypdf import PdfReader

from platekeeper.core.document import Document, Mark
from platekeeper.server.printing.pdf import policy_pdf, report_pdf
from tests.printing.making import AT, HOSTILE, document, paragraph, report


def _pages(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_every_clause_and_the_footer_on_each_page() -> None:
    clauses = [paragraph(f"Clause number {n} says something. " * 6, f"{n}.") for n in range(60)]
    pages = _pages(policy_pdf(document(*clauses), at=AT))
    whole = " ".join(pages)
    assert len(pages) > 3
    assert all(f"Clause number {n} says" in whole for n in range(60))
    for number, page in enumerate(pages, start=1):
        assert "Harbor Falls, version 2" in page
        assert f"page {number} of {len(pages)}" in page
    assert "Charlie Chief" in pages[-1]


def test_text_is_never_markup() -> None:
    [page] = _pages(policy_pdf(document(paragraph(HOSTILE, note=HOSTILE), footer=HOSTILE), at=AT))
    assert _bare(page).count(_bare(HOSTILE.removesuffix("字"))) == 3


def test_text_that_no_font_and_no_json_holds_is_printed_all_the_same() -> None:
    texts = ("left\ud800right", "left\x00right", "left\tright", "left 😀 right", "left\r\nright")
    for text in texts:
        [page] = _pages(policy_pdf(document(paragraph(text, note=text), footer=text, watermark=text), at=AT))
        assert page.count("left") == page.count("right") == 4
    [page] = _pages(policy_pdf(document(paragraph("two\twords")), at=AT))
    assert "two words" in page


def test_nobody_signs_a_page_of_signatures_alone() -> None:
    for clauses in range(24, 34):  # among these the signature comes to the foot of the first page
        last = _pages(policy_pdf(document(*(paragraph(f"Clause {n}.", f"{n}.") for n in range(clauses))), at=AT))[-1]
        assert f"Clause {clauses - 1}." in last
        assert "Charlie Chief" in last


def test_marks_and_notes() -> None:
    marked = [paragraph(f"{mark} text", mark=mark, note="why") for mark in Mark]
    [page] = _pages(policy_pdf(document(*marked, watermark="DRAFT"), at=AT))
    assert all(f"{mark} text" in page for mark in Mark)
    assert "DRAFT" in page


def test_the_same_document_gives_the_same_bytes() -> None:
    assert policy_pdf(document(paragraph("x")), at=AT) == policy_pdf(document(paragraph("x")), at=AT)


def test_any_zone_of_the_same_moment_gives_the_same_bytes() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    there = moment.astimezone(ZoneInfo("America/New_York"))
    assert policy_pdf(document(paragraph("x")), at=moment) == policy_pdf(document(paragraph("x")), at=there)


def test_an_empty_document_is_a_page() -> None:
    assert len(_pages(policy_pdf(Document("", "", (), (), None, ""), at=AT))) == 1


def test_long_numbers_have_room() -> None:
    [page] = _pages(policy_pdf(document(paragraph("x", "VII.h.4")), at=AT))
    assert "VII.h.4" in page


def test_a_report_repeats_its_columns_on_every_page() -> None:
    pages = _pages(report_pdf(report(80), at=AT))
    assert len(pages) > 2
    assert all("What it asks" in page for page in pages)
    assert all(f"row number {n}" in " ".join(pages) for n in range(80))
    assert "DEMO" in pages[0]


def test_it_is_tagged_with_title_and_language() -> None:
    reader = PdfReader(io.BytesIO(policy_pdf(document(paragraph("x")), at=AT)))
    assert reader.metadata is not None
    assert reader.metadata.title == "License Plate Reader Policy"
    assert str(reader.root_object["/Lang"]) == "en"
    assert "/StructTreeRoot" in reader.root_object
