"""An MOU is drafted, attested by both, suspended, resumed and ended, each by whom the policy names, each in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.rules.sharing import Share, Terms
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import manage_mous
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.sharing.lookups import covering, in_force, midnight, order_facts, state_of
from platekeeper.server.sharing.models import Mou, MouStep
from tests.cast import Cast, assemble
from tests.sharing import end_mous, make_mou, make_order

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


@pytest.fixture
def cast() -> Cast:
    cast = assemble()
    end_mous(cast, at=NOW)
    return cast


def test_an_mou_is_in_force_once_both_attested_it_and_stops_at_once(cast: Cast) -> None:
    custodian, chief = footing(cast.custodian, at=NOW), footing(cast.chief, at=NOW)
    zone = chief.policy.zone
    mou = make_mou(cast, at=NOW, attested=False)
    agency = mou.agency

    def leaves(*, at: datetime = NOW, what: Share = Share.READS, purpose: str = "stolen") -> Mou | None:
        return covering(agency, what=what, purpose=purpose, at=at, zone=zone)[0]

    assert leaves() is None
    with pytest.raises(RefusedAction, match="Name who attested"):
        manage_mous.attest(custodian, mou, ours=False)
    manage_mous.attest(custodian, mou, ours=False, note="Sheriff Mills")
    assert leaves() is None
    with pytest.raises(RefusedAction, match="The policy gives this to: Chief"):
        manage_mous.attest(custodian, mou, ours=True)
    manage_mous.attest(chief, mou, ours=True)
    assert leaves() == mou
    assert in_force(agency, at=NOW, zone=zone) == [mou]
    assert leaves(purpose="audit") is None
    end = midnight(mou.ends_on + timedelta(days=1), zone)
    assert leaves(at=end - timedelta(microseconds=1)) == mou
    assert leaves(at=end) is None

    manage_mous.suspend(custodian, mou, why="their server was broken into")
    assert leaves() is None
    with pytest.raises(RefusedAction, match="Chief"):
        manage_mous.resume(custodian, mou)
    later = footing(cast.chief, at=NOW + timedelta(minutes=1))
    manage_mous.resume(later, mou)
    assert leaves(at=later.at) == mou
    assert leaves() is None, "what was so then stays so"
    manage_mous.end(later, mou, why="replaced")
    assert not state_of(mou, at=later.at, zone=zone)
    with pytest.raises(RefusedAction, match="was ended"):
        manage_mous.resume(later, mou)
    kinds = list(MouStep.objects.filter(mou=mou).values_list("kind", flat=True))
    assert kinds == ["drafted", "theirs", "ours", "suspended", "resumed", "ended"]
    acts = LedgerEntry.objects.filter(subject=f"mou:{mou.pk}", outcome="done").values_list("action", flat=True)
    assert list(acts.order_by("index")) == ["mou_drafted", *["mou_step"] * 5]


@pytest.mark.parametrize(
    ("role", "act"),
    [
        ("detective", lambda by, mou: manage_mous.suspend(by, mou, why="x")),
        ("outsider", lambda by, mou: manage_mous.attest(by, mou, ours=False, note="me")),
        ("custodian", lambda by, mou: manage_mous.end(by, mou, why="x")),
        ("auditor", lambda by, mou: manage_mous.end(by, mou, why="x")),
    ],
)
def test_others_take_no_step_and_the_refusal_is_logged(cast: Cast, role: str, act: Callable[..., None]) -> None:
    mou = make_mou(cast, at=NOW)
    with pytest.raises(RefusedAction):
        act(footing(getattr(cast, role), at=NOW), mou)
    last = LedgerEntry.objects.order_by("index").last()
    assert last is not None
    assert (last.action, last.clause, last.subject) == ("action_refused", "VI.l", f"mou:{mou.pk}")


def test_a_draft_is_refused_with_ourselves_and_an_area_that_is_none(cast: Cast) -> None:
    with pytest.raises(RefusedAction, match="Name the agency"):
        make_mou(cast, at=NOW, agency=cast.department)
    with pytest.raises(ValueError, match="circle"):
        make_mou(cast, at=NOW, terms=Terms(days=9, area="downtown"))
    assert Mou.objects.count() == 1


def test_an_order_is_recorded_with_its_document_and_withdrawn_once(cast: Cast) -> None:
    custodian = footing(cast.custodian, at=NOW)
    with pytest.raises(RefusedAction, match="as a PDF"):
        make_order(cast, at=NOW, document=b"see attached")
    order = make_order(cast, at=NOW)
    logged = LedgerEntry.objects.get(subject=f"order:{order.pk}")
    assert logged.content()["details"]["sha256"] == order.sha256
    assert "26-107" not in str(logged.content())
    manage_mous.withdraw_order(custodian, order, why="quashed")
    order.refresh_from_db()
    assert order_facts(order, at=NOW, zone=custodian.policy.zone).withdrawn
    with pytest.raises(RefusedAction, match="already"):
        manage_mous.withdraw_order(custodian, order, why="again")
