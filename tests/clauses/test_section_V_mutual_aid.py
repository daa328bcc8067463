"""Section V.e, mutual aid in cars and LPRs: through one position, LPRs lent against receipts and not available meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.rules.deployments import Kind
from platekeeper.server.deployments.lookups import deployments
from platekeeper.server.deployments.models import Deployment, Loan
from platekeeper.server.procedures import deploy_lprs, lend_lprs
from tests.cast import Cast
from tests.deploying import HOUR, detail, on, refused
from tests.touring import begin, hot_list_on_hand, patrol_car

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _fresh(deployment: Deployment) -> Deployment:
    return deployments().get(pk=deployment.pk)


def _kinds(deployment: Deployment) -> list[str]:
    return [step.kind for step in deployment.steps.all()]


def test_v_e_a_request_goes_through_the_position_named_and_nobody_decides_on_their_own(cast: Cast) -> None:
    made = detail(cast, kind=Kind.AID_GIVEN, by="sergeant")
    assert "somebody else decides" in refused(lambda: deploy_lprs.authorize(on(cast, "sergeant"), made))
    assert refused(lambda: deploy_lprs.authorize(on(cast, "chief"), made)).startswith("V.e The policy gives this to")
    assert "It is not authorized yet" in refused(
        lambda: lend_lprs.lend(on(cast, "officer"), made, lpr=cast.lpr, receiver="Otto")
    )


def test_v_e_a_lent_lpr_is_nobody_elses_until_it_is_back(cast: Cast) -> None:
    car = patrol_car()
    hot_list_on_hand(cast, at=NOW)
    made = detail(cast, kind=Kind.AID_GIVEN, by="dispatcher", lpr=car, at=NOW, authorized=True)
    other = detail(cast, lpr=car, at=NOW, authorized=True)
    assert "Name who takes it over" in refused(lambda: lend_lprs.lend(on(cast, "officer"), made, lpr=car, receiver=" "))
    loan = lend_lprs.lend(on(cast, "officer"), made, lpr=car, receiver="Otto Outsider", state="with charger")
    lent_to = "lent to Mill County Sheriff's Office"
    assert lent_to in refused(lambda: lend_lprs.lend(on(cast, "sergeant"), _fresh(made), lpr=car, receiver="Otto"))
    assert lent_to in refused(lambda: deploy_lprs.begin_use(on(cast, "officer"), other, lpr=car))
    assert refused(lambda: begin(on(cast, "officer"), car)).startswith("V.e")
    assert "still out: 1" in refused(lambda: deploy_lprs.end(on(cast, "officer"), _fresh(made), words="found"))
    assert "V.e" in refused(lambda: lend_lprs.take_back(on(cast, "detective"), loan, giver="Otto"))
    late = on(cast, "administrator", at=NOW + 9 * HOUR)
    assert "Name who gives it back" in refused(lambda: lend_lprs.take_back(late, loan, giver=""))
    lend_lprs.take_back(late, loan, giver="Otto Outsider", state="a scratch")
    assert "back already" in refused(lambda: lend_lprs.take_back(late, loan, giver="Otto Outsider"))
    kept = Loan.objects.get()
    assert (kept.receiver, kept.giver, kept.state_back) == ("Otto Outsider", "Otto Outsider", "a scratch")
    begin(on(cast, "officer"), car)


def test_v_e_lprs_are_lent_within_the_times_and_on_a_request_to_us_alone(cast: Cast) -> None:
    made = detail(cast, kind=Kind.AID_GIVEN, by="dispatcher", at=NOW, since=NOW + HOUR, authorized=True)
    assert "It begins at" in refused(lambda: lend_lprs.lend(on(cast, "officer"), made, lpr=cast.lpr, receiver="Otto"))
    ours = detail(cast, kind=Kind.AID_SOUGHT, by="dispatcher", authorized=True)
    assert "LPRs are lent to an agency" in refused(
        lambda: lend_lprs.lend(on(cast, "officer"), ours, lpr=cast.lpr, receiver="Otto")
    )


@pytest.mark.parametrize(("act", "kind"), [(lend_lprs.grant, "granted"), (lend_lprs.decline, "declined")])
def test_v_e_what_the_other_agency_answers_is_kept(act: Callable[..., None], kind: str, cast: Cast) -> None:
    made = detail(cast, kind=Kind.AID_SOUGHT, by="dispatcher")
    assert "has not gone out" in refused(lambda: act(on(cast, "dispatcher"), made, words="Two cars."))
    deploy_lprs.authorize(on(cast, "sergeant"), made)
    assert "Say who answered" in refused(lambda: act(on(cast, "dispatcher"), _fresh(made), words=""))
    act(on(cast, "dispatcher"), _fresh(made), words="Sergeant Pike: two cars with LPRs.")
    assert _kinds(_fresh(made)) == ["authorized", kind]
    assert "answered already" in refused(lambda: lend_lprs.grant(on(cast, "sergeant"), _fresh(made), words="x"))
    deploy_lprs.end(on(cast, "dispatcher", at=NOW + timedelta(minutes=5)), _fresh(made), words="The van was found.")
    assert "It is closed" in refused(lambda: lend_lprs.grant(on(cast, "sergeant"), _fresh(made), words="x"))
