"""The policy's header and signature, its own definitions (III) and its annual review (IV.g)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from platekeeper.core.blanks import BLANKS
from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Refused
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.changes import end_position, ensure_position, give_position
from platekeeper.server.policy.lookups import in_force, review_due_on, to_come, version_in_force
from platekeeper.server.policy.models import PolicyVersion
from platekeeper.server.procedures import review_policy
from platekeeper.server.procedures.adopt_policy import adopt
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.draft_policy import amend_clause, discard, fill_blank, put_up
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _by(cast: Cast, role: str, *, days: float = 0) -> Footing:
    return footing(cast.people()[role], at=NOW + timedelta(days=days))


def _draft(by: Footing, *, effective: int = 0, **blanks: object) -> None:
    day = by.today + timedelta(days=effective)
    dates = {"header.effective": day.isoformat(), "header.review": (day + timedelta(days=360)).isoformat()}
    for key, value in {**dates, **{name.replace("__", "."): value for name, value in blanks.items()}}.items():
        fill_blank(by, key=key, value=value)


def _refused(by: Footing) -> Clause:
    with pytest.raises(RefusedAction) as refused:
        adopt(by)
    return refused.value.refusal.clause


def test_header_a_version_is_in_force_from_its_day_and_the_one_before_is_kept(cast: Cast) -> None:
    by = _by(cast, "chief")
    _draft(by, effective=3, VII__e__window="30")
    put_up(by)
    version = adopt(by)
    assert version.effective_at is not None
    assert version.effective_at.astimezone(by.policy.zone).hour == 0
    assert in_force(at=version.effective_at - timedelta(seconds=1)).whole("VII.e.window") == 15
    assert in_force(at=version.effective_at).whole("VII.e.window") == 30
    assert to_come(at=NOW) == [version]
    assert PolicyVersion.objects.count() == 2


def test_header_a_later_version_with_an_earlier_day_replaces_one_that_waits(cast: Cast) -> None:
    by = _by(cast, "chief")
    _draft(by, effective=5, VII__e__window="30")
    put_up(by)
    adopt(by)
    _draft(by, effective=2, VII__e__window="45")
    put_up(by)
    third = adopt(by)
    assert to_come(at=NOW) == [third]
    assert in_force(at=NOW + timedelta(days=9)).number == 3


def test_header_dates_belong_to_one_version_and_are_asked_anew(cast: Cast) -> None:
    by = _by(cast, "chief")
    fill_blank(by, key="VII.e.window", value="20")
    assert _refused(by) is Clause.header


def test_iii_the_kind_of_department_decides_who_is_recommended_to(cast: Cast) -> None:
    by = _by(cast, "chief")
    assert by.policy.chief == "Chief"
    _draft(by, III__kind="sheriff_office")
    put_up(by)
    adopt(by)
    assert in_force(at=NOW).chief == "Sheriff"


@pytest.mark.parametrize("role", ["sergeant", "custodian", "trainer", "auditor", "outsider"])
def test_signature_only_the_authority_adopts(role: str, cast: Cast) -> None:
    _draft(_by(cast, "chief"))
    put_up(_by(cast, "chief"))
    assert _refused(_by(cast, role)) is Clause.signature
    assert in_force(at=NOW).number == 1


def test_signature_what_is_adopted_is_what_was_up_for_review(cast: Cast) -> None:
    by = _by(cast, "chief")
    _draft(by)
    assert _refused(by) is Clause.signature
    put_up(by)
    amend_clause(by, number="VI.n", how="added", title="Drones", text="None.", reason="asked")
    assert _refused(by) is Clause.signature
    put_up(by)
    adopted = adopt(by)
    entry = LedgerEntry.objects.filter(action=Action.POLICY_ADOPTED).latest("index")
    assert entry.content()["details"]["digest"] == adopted.digest
    assert in_force(at=NOW).amendments["VI.n"].title == "Drones"


def test_signature_nobody_is_locked_out_of_their_own_policy(cast: Cast) -> None:
    by = _by(cast, "chief")
    _draft(by, signature__authority=["Commissioner"])
    put_up(by)
    assert _refused(by) is Clause.signature
    give_position(cast.sergeant, ensure_position("Commissioner"), since=by.today, at=NOW)
    adopt(by)
    assert _refused(_by(cast, "chief")) is Clause.signature
    _draft(_by(cast, "sergeant"))


def test_signature_the_first_draft_stays_and_later_ones_may_go(cast: Cast) -> None:
    by = _by(cast, "chief")
    _draft(by)
    discard(by)
    assert PolicyVersion.objects.count() == 1


def test_iv_g_the_designated_position_reviews_and_the_chief_decides(cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        review_policy.begin(_by(cast, "officer"))
    review = review_policy.begin(_by(cast, "custodian"))
    review_policy.recommend(_by(cast, "custodian"), review, clause="VI.k", text="Keep reads for 90 days.")
    review_policy.hand_over(_by(cast, "custodian"), review)
    review.refresh_from_db()
    [recommendation] = review.recommendations.all()
    with pytest.raises(RefusedAction):
        review_policy.decide(_by(cast, "custodian"), recommendation, decision="accepted", reason="")
    review_policy.decide(_by(cast, "chief"), recommendation, decision="accepted", reason="")
    chief = _by(cast, "chief")
    with pytest.raises(RefusedAction):
        too_late = chief.today + timedelta(days=400)
        review_policy.conclude(chief, review, conclusion="amend", remark="", next_on=too_late)
    next_on = chief.today + timedelta(days=365)
    review_policy.conclude(chief, review, conclusion="amend", remark="", next_on=next_on)
    assert review_due_on(at=NOW) == next_on


def test_iv_g_reminders_begin_the_policys_days_before_and_stop_with_the_hand_over(cast: Cast) -> None:
    due = review_due_on(at=NOW)
    assert due == date.fromisoformat(in_force(at=NOW).text("header.review"))
    days = (due - _by(cast, "chief").today).days
    assert not review_policy.remind(at=NOW + timedelta(days=days - 32))
    near = NOW + timedelta(days=days - 29)
    assert review_policy.remind(at=near)
    assert not review_policy.remind(at=near + timedelta(days=1))
    assert review_policy.remind(at=near + timedelta(days=8))
    late = _by(cast, "custodian", days=days - 20)
    review_policy.hand_over(late, review_policy.begin(late))
    assert not review_policy.remind(at=late.at + timedelta(days=8))
    assert LedgerEntry.objects.filter(action=Action.REVIEW_REMINDED, clause="IV.g").count() == 2


def test_every_blank_is_refused_by_name_once_it_is_empty(cast: Cast) -> None:
    policy = in_force(at=NOW)
    for key, blank in BLANKS.items():
        bare = {name: value for name, value in policy.values.items() if name != key}
        decision = type(policy)(1, "", bare).needs(key)
        assert isinstance(decision, Refused)
        assert (decision.clause, decision.mend) == (blank.clause, key)


def test_a_holder_who_left_signs_no_more(cast: Cast) -> None:
    give_position(cast.sergeant, ensure_position("Chief"), since=_by(cast, "chief").today, at=NOW)
    end_position(cast.chief, ensure_position("Chief"), at=NOW, today=_by(cast, "chief").today)
    assert _refused(_by(cast, "chief")) is Clause.signature
    version = version_in_force(at=NOW)
    assert version is not None
    assert version.adopted_by == cast.chief.pk
