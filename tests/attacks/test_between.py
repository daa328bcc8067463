"""What somebody else does between a check and the act that it allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import QuerySet

from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.hits.lookups import hits_between
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import export_packet as exporting
from platekeeper.server.procedures import hand_out, keep_cases, manage_mous, preserve
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.packet_files import payload
from platekeeper.server.procedures.set_aside import set_aside
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.server.sharing.models import Dissemination
from tests.bags import content_of
from tests.cast import Cast
from tests.sharing import end_mous, make_mou
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


@pytest.fixture
def cast(cast: Cast) -> Cast:
    end_mous(cast, at=NOW)
    return cast


@pytest.mark.parametrize("stricter", [False, True], ids=["suspended", "another with stricter terms"])
def test_what_is_no_longer_shared_does_not_leave_though_it_was_written(
    stricter: bool, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief, keeper = footing(cast.chief, at=NOW), footing(cast.custodian, at=NOW)
    mou = make_mou(cast, at=NOW, terms=Terms(days=9, images=True))
    make_hit(cast)

    def meanwhile(since: datetime, until: datetime) -> QuerySet[Hit]:
        if stricter:
            make_mou(cast, at=NOW, terms=Terms(days=9))
        manage_mous.suspend(chief, mou, why="a breach")
        return hits_between(since, until)

    to = hand_out.To(agency=cast.outsider.agency, name="Det. Mills", why="x", form=Dissemination.Form.CSV)
    monkeypatch.setattr(hand_out, "hits_between", meanwhile)
    with pytest.raises(RefusedAction, match="changed while it was put together" if stricter else "suspended"):
        hand_out.hand_out_hits(keeper, to, purpose="stolen", since=NOW - timedelta(days=1), until=NOW)
    assert not Dissemination.objects.exists()
    assert LedgerEntry.objects.latest("index").outcome == "refused"


@pytest.mark.parametrize("when", ["before the files are read", "after they were"])
def test_what_no_agreement_shares_is_added_to_a_case_while_its_packet_is_made(
    when: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = footing(cast.custodian, at=NOW)
    make_mou(cast, at=NOW, terms=Terms(days=9, only_hits=False, images=True, misses=True), shares={Share.HITS})
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    preserve.preserve_hit(keeper, make_hit(cast), case=case)
    entry = QueryLogEntry.objects.create(
        by=cast.detective, agency="x", begun_at=NOW, terms={"plate": "ABC*"}, state="completed", case_number="26-1",
        policy_number=STAMP[0], policy_digest=STAMP[1],
    )  # fmt: skip

    def meanwhile(by: Footing, file: CaseFile) -> Iterator[tuple[str, bytes]]:
        if when.startswith("before"):
            preserve.preserve_query(keeper, entry, case=case)
        yield from payload(by, file)
        if when.startswith("after"):
            preserve.preserve_query(keeper, entry, case=case)

    monkeypatch.setattr(exporting, "payload", meanwhile)
    with pytest.raises(RefusedAction):
        content_of(exporting.export_packet(keeper, case, to="Det. Mills", why="x", agency=cast.outsider.agency))
    assert not Dissemination.objects.exists()


def test_what_is_set_aside_while_the_packet_is_made_is_in_none(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = footing(cast.custodian, at=NOW)
    case = keep_cases.open_case(keeper, number="26-1", title="t", offense_class="felony", is_felony=True)
    first, other = (preserve.preserve_hit(keeper, make_hit(cast), case=case) for _ in range(2))
    entry = QueryLogEntry.objects.create(
        by=cast.detective, agency="x", begun_at=NOW, terms={"plate": "ABC*"}, state="completed", case_number="26-1",
        policy_number=STAMP[0], policy_digest=STAMP[1],
    )  # fmt: skip
    only = preserve.preserve_query(keeper, entry, case=case)
    set_aside(keeper, first, why="of 26-2")
    aside = iter([other, only])

    def meanwhile(by: Footing, file: CaseFile) -> Iterator[tuple[str, bytes]]:
        yield from payload(by, file)
        set_aside(keeper, next(aside), why="of 26-2")

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "payload", meanwhile)
        for _ in range(2):
            with pytest.raises(RefusedAction, match="set aside while"):
                exporting.export_packet(keeper, case, to="District Attorney", why="x")
            assert LedgerEntry.objects.latest("index").outcome == "refused"
    assert not Dissemination.objects.exists()
