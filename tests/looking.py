"""What holds of every page of ours, server's or unit's. `PLATEKEEPER_SHOTS=DIR` writes pictures."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect


def look_at(page: Page, name: str, *, axe: bool = True) -> None:
    """Hold the page before us to it: no findings of axe, no sideways scroll, one heading, no label of nothing. Its picture is
    taken if wanted."""
    page.wait_for_load_state()  # a click comes back as soon as there is a new document, which is empty yet
    if shots := os.environ.get("PLATEKEEPER_SHOTS"):
        page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)
    if axe:
        found = [
            f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
            for violation in Axe().run(page).response["violations"]
        ]
        assert not found, found
    does_not_scroll_sideways(page)
    cuts_nothing_off(page)
    breaks_nothing_that_is_one(page)
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator('label[for=""]')).to_have_count(0)


def breaks_nothing_that_is_one(page: Page) -> None:
    """Hold a page to it that every date stands in one line with its time, and that no short word is broken."""
    broken = page.evaluate(
        """() => {
            const among = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
            const ones = [/\\b\\d{4}-\\d\\d-\\d\\d\\b( \\d\\d:\\d\\d(:\\d\\d)?\\b)?/g,
                          /(?<![\\w\\p{L}./@:-])\\p{L}{2,14}(?![\\w\\p{L}./@:-])/gu];
            const broken = [];
            while (among.nextNode()) {
                const within = among.currentNode.parentElement;
                // What is folded away is laid out when it is opened, and until then as the window was before.
                if (!within.checkVisibility() || within.closest("pre, textarea, .visually-hidden")) continue;
                for (const one of ones.flatMap((each) => [...among.currentNode.data.matchAll(each)])) {
                    const range = document.createRange();
                    range.setStart(among.currentNode, one.index);
                    range.setEnd(among.currentNode, one.index + one[0].length);
                    if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(one[0]);
                }
            }
            return broken;
        }"""
    )
    assert not broken, f"broken: {broken}"


def does_not_scroll_sideways(page: Page) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "scrolls"


def cuts_nothing_off(page: Page) -> None:
    """Hold a page to it that its name is one word and who is signed in is read in a line, and that on a phone all columns of
    its tables are seen."""
    high = page.evaluate("[...document.querySelectorAll('.brand, .who')].map((each) => each.offsetHeight)")
    assert all(height < 60 for height in high), "the head of the page is squeezed"
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 544
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".table-scroll:has(table)")]
            .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent.trim().slice(0, 80))"""
    )
    assert not (narrow and cut), f"cut off: {cut}"
