"""Cases are sealed, opened again, expunged and disposed of; what is emptied is gone, and the ledger verifies all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from platekeeper.server.casefiles.lookups import packets_of
from platekeeper.server.casefiles.models import CaseFile, Preserved, PreservedImage
from platekeeper.server.ledger.lookups import check
from platekeeper.server.ledger.models import LedgerEntry, LedgerOpening
from platekeeper.server.procedures import answer_requests, end_cases, keep_cases, preserve
from platekeeper.server.procedures.annual_chapters import keeping, sharing
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.sharing.models import Dissemination
from tests.bags import content_of
from tests.cast import Cast
from tests.register.judging import until
from tests.web.making import make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
ORDER = "County Court, order 12 of 2026"


@pytest.fixture
def keeper(cast: Cast) -> Footing:
    return footing(cast.custodian, at=NOW)


@pytest.fixture
def case(cast: Cast) -> CaseFile:
    """A case that preserves a hit, was handed out once, and was dismissed."""
    by = footing(cast.custodian, at=NOW)
    opened = keep_cases.open_case(by, number="26-114", title="Bank robbery", offense_class="felony", is_felony=True)
    preserve.preserve_hit(by, make_hit(cast), case=opened)
    content_of(export_packet(by, opened, to="District Attorney", why="grand jury"))
    keep_cases.change_case(by, opened, disposed_on=by.today, disposition="dismissed", charges="robbery")
    return opened


def test_a_sealed_case_is_closed_to_all_but_its_keeper(case: CaseFile, cast: Cast, keeper: Footing) -> None:
    with pytest.raises(RefusedAction, match="Name the order"):
        end_cases.seal_case(keeper, case, order=" ")
    end_cases.seal_case(keeper, case, order=ORDER)
    detective = footing(cast.detective, at=NOW)
    attempts: list[Any] = [
        lambda: keep_cases.view_case(detective, case),
        lambda: keep_cases.change_case(detective, case, title="x"),
        lambda: preserve.preserve_hit(footing(cast.officer, at=NOW), make_hit(cast), case=case),
        lambda: export_packet(detective, case, to="x", why="y"),
        lambda: export_packet(keeper, case, to="x", why="y"),
        lambda: keep_cases.direct_keeping(footing(cast.chief, at=NOW), case, until=NOW.date(), why="x"),
        lambda: end_cases.seal_case(keeper, case, order=ORDER),
    ]
    for attempt in attempts:
        with pytest.raises(RefusedAction, match="sealed"):
            attempt()
    keep_cases.view_case(keeper, case)
    year = until(NOW + timedelta(seconds=1))
    for chapter in (sharing.left, keeping.handed_out):
        assert [(row["to"], row["why"]) for row in chapter(year).rows] == [("District Attorney", "")]
    end_cases.unseal_case(keeper, case, order="County Court, order 13 of 2026")
    keep_cases.view_case(detective, case)
    for chapter in (sharing.left, keeping.handed_out):
        assert [row["why"] for row in chapter(year).rows] == ["grand jury"]
    acts = LedgerEntry.objects.filter(action__in=("case_sealed", "case_unsealed")).order_by("index")
    assert [entry.openings.get(field="order").value for entry in acts] == [ORDER, "County Court, order 13 of 2026"]


@pytest.mark.parametrize("role", ["officer", "detective", "sergeant", "chief", "auditor", "administrator"])
def test_nobody_else_seals_or_ends(role: str, case: CaseFile, cast: Cast) -> None:
    by = footing(cast.people()[role], at=NOW)
    attempts: list[Any] = [
        lambda: end_cases.seal_case(by, case, order=ORDER),
        lambda: end_cases.expunge_case(by, case, order=ORDER, number=case.number),
        lambda: end_cases.dispose_of_case(by, case, number=case.number),
    ]
    for attempt in attempts:
        with pytest.raises(RefusedAction):
            attempt()
    assert CaseFile.objects.get().sealed_on is None


def test_expunging_leaves_nothing_of_anybody_and_a_ledger_that_verifies(
    case: CaseFile, cast: Cast, keeper: Footing
) -> None:
    with pytest.raises(RefusedAction, match="Seal the case first"):
        end_cases.expunge_case(keeper, case, order=ORDER, number=case.number)
    end_cases.seal_case(keeper, case, order=ORDER)
    with pytest.raises(RefusedAction, match="Write the case's number"):
        end_cases.expunge_case(keeper, case, order=ORDER, number="26-115")
    hashes = list(case.preserved.values_list("sha256", flat=True))
    end_cases.expunge_case(keeper, case, order=ORDER, number=case.number)
    case.refresh_from_db()
    assert (case.title, case.charges, case.disposition, case.ending) == ("", "", "", "expunged")
    assert [(kept.title, bytes(kept.content), kept.sha256) for kept in case.preserved.all()] == [("", b"", hashes[0])]
    assert not PreservedImage.objects.exists()
    left = LedgerOpening.objects.filter(entry__subject=f"case:{case.pk}").values_list("field", flat=True)
    assert set(left) <= {"name", "on_behalf_of", "to", "order"}
    assert not LedgerOpening.objects.filter(entry__subject=f"case:{case.pk}", value__contains="robbery").exists()
    assert check().faults == []
    [sent] = packets_of(case)
    assert (sent.to, sent.why) == ("District Attorney", "")
    gone = Dissemination.objects.get()
    assert (gone.to, gone.why, len(gone.sha256)) == ("District Attorney", "", 64)
    told = LedgerEntry.objects.get(action="case_ended").content()["details"]
    assert told == {"ending": "expunged", "copies": hashes}
    with pytest.raises(RefusedAction, match="Nothing is kept"):
        preserve.preserve_hit(footing(cast.officer, at=NOW), make_hit(cast), case=case)
    with pytest.raises(RefusedAction, match="Nothing is kept"):
        end_cases.dispose_of_case(keeper, case, number=case.number)


def test_who_waits_for_the_records_holds_up_their_end(case: CaseFile, keeper: Footing) -> None:
    asked = answer_requests.record_request(
        keeper, kind="discovery", asked_by="Ms. Counsel", contact="", what="everything", case=case,
        received_on=NOW.date() - timedelta(days=1), due_on=NOW.date() + timedelta(days=9),
    )  # fmt: skip
    end_cases.seal_case(keeper, case, order=ORDER)
    with pytest.raises(RefusedAction, match="waits for an answer"):
        end_cases.expunge_case(keeper, case, order=ORDER, number=case.number)
    answer_requests.answer(keeper, asked, kind=answer_requests.Kind.DENIED, words="sealed by order 12 of 2026")
    end_cases.expunge_case(keeper, case, order=ORDER, number=case.number)


def test_a_case_is_disposed_of_once_its_time_is_over_and_not_a_day_before(case: CaseFile, cast: Cast) -> None:
    year = timedelta(days=365)
    before, after = (footing(cast.custodian, at=NOW + 25 * year + timedelta(days=days)) for days in (0, 2))
    with pytest.raises(RefusedAction, match="felony"):
        end_cases.dispose_of_case(before, case, number=case.number)
    end_cases.dispose_of_case(after, case, number=case.number)
    assert CaseFile.objects.get().ending == "disposed"
    assert [bytes(kept.content) for kept in Preserved.objects.all()] == [b""]
