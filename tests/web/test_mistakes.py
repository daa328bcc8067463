"""What is wrong in a form that came back is what one sees first, on a phone as well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cast import Cast
from tests.sharing import end_mous
from tests.web.access.cases import asked, opened, preserved

pytestmark = pytest.mark.django_db(transaction=True)
Browse = Callable[..., Page]


def _is_before_us(what: Locator) -> None:
    expect(what).to_be_focused()
    expect(what).to_be_in_viewport(ratio=1)


def test_a_number_that_is_taken_beneath_a_long_list(cast: Cast, browse: Browse) -> None:
    taken = opened(cast)
    for other in range(12):
        opened(cast, f"26-{other}")
    page = browse("custodian", width=360)
    page.goto("/cases/")
    assert not page.evaluate("document.activeElement.closest('main')"), "nothing is wrong yet"
    number = page.get_by_label("Case number", exact=True)
    number.fill(taken.number)
    page.get_by_label("What it is about").last.fill("Hit and run")
    page.get_by_role("button", name="Open").last.click()
    expect(page.get_by_text("There is a case of this number already.")).to_be_in_viewport()
    _is_before_us(number)


def test_a_packet_that_was_refused(cast: Cast, browse: Browse) -> None:
    found = asked(cast, of=preserved(cast).case)
    end_mous(cast, at=datetime.now(UTC))
    page = browse("custodian", width=360)
    page.goto(f"/cases/requests/{found.pk}/")
    page.get_by_label("Of which agency").select_option(str(cast.outsider.agency.pk))
    page.get_by_role("button", name="Export the evidence packet").click()
    _is_before_us(page.get_by_role("alert").filter(has_text="was ended"))
