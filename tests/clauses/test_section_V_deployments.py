"""Section V.d, special operations: LPRs are used on a detail once it is authorized, within its times, and it is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from platekeeper.core.matching import HowMatched
from platekeeper.core.rules.deployments import Kind
from platekeeper.server.casefiles import changes as cases
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.deployments.lookups import deployments
from platekeeper.server.deployments.models import AfterAction, Deployment, DeploymentStep, Use
from platekeeper.server.hits.changes import add_step
from platekeeper.server.hits.models import Hit, HitStep
from platekeeper.server.procedures import deploy_lprs
from platekeeper.server.procedures.report_deployments import counted, report
from tests.cast import Cast
from tests.deploying import HOUR, detail, on, refused
from tests.hotlist.traffic import drive_past
from tests.touring import begin, hot_list_on_hand, patrol_car
from tests.web.making import STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _fresh(deployment: Deployment) -> Deployment:
    return deployments().get(pk=deployment.pk)


def test_v_d_no_lpr_is_used_before_it_is_authorized_by_another(cast: Cast) -> None:
    made, officer = detail(cast, by="chief"), on(cast, "officer")
    assert "not authorized yet" in refused(lambda: deploy_lprs.begin_use(officer, made, lpr=cast.lpr))
    assert "somebody else decides" in refused(lambda: deploy_lprs.authorize(on(cast, "chief"), made))
    assert "The policy gives this to: Chief" in refused(lambda: deploy_lprs.authorize(on(cast, "sergeant"), made))
    assert not DeploymentStep.objects.exists() and not Use.objects.exists()


def test_v_d_an_lpr_is_used_within_the_times_and_comes_back(cast: Cast) -> None:
    made = detail(cast, at=NOW, since=NOW + HOUR, authorized=True)
    assert "It begins at" in refused(lambda: deploy_lprs.begin_use(on(cast, "officer", at=NOW), made, lpr=cast.lpr))
    use = deploy_lprs.begin_use(on(cast, "officer", at=NOW + HOUR), made, lpr=cast.lpr)
    again = on(cast, "officer", at=NOW + 2 * HOUR)
    assert "in use on a deployment" in refused(lambda: deploy_lprs.begin_use(again, made, lpr=cast.lpr))
    assert "still out: 1" in refused(lambda: deploy_lprs.end(on(cast, "sergeant"), _fresh(made), words="over"))
    assert "V.d" in refused(lambda: deploy_lprs.end_use(on(cast, "detective"), use))
    deploy_lprs.end_use(again, use)
    assert "already" in refused(lambda: deploy_lprs.end_use(again, use))
    late = on(cast, "officer", at=NOW + 5 * HOUR)
    assert "It was over at" in refused(lambda: deploy_lprs.begin_use(late, made, lpr=cast.lpr))


def test_v_d_an_lpr_on_somebody_elses_tour_is_not_taken(cast: Cast) -> None:
    car = patrol_car()
    hot_list_on_hand(cast, at=NOW)
    begin(on(cast, "sergeant", at=NOW), car)
    made = detail(cast, lpr=car, at=NOW, authorized=True)
    assert "on a tour" in refused(lambda: deploy_lprs.begin_use(on(cast, "officer"), made, lpr=car))


@pytest.mark.parametrize(
    ("act", "by", "kind"),
    [
        (deploy_lprs.refuse, "chief", "refused"),
        (deploy_lprs.cancel, "sergeant", "canceled"),
        (deploy_lprs.end, "officer", "ended"),
    ],
)
def test_v_d_it_closes_with_a_reason_and_once(act: Callable[..., None], by: str, kind: str, cast: Cast) -> None:
    made = detail(cast, authorized=kind == "ended")
    assert "Say why" in refused(lambda: act(on(cast, by), made, words=" "))
    act(on(cast, by), made, words="The cars are needed elsewhere.")
    assert _fresh(made).steps.last().kind == kind  # type: ignore[union-attr]
    assert "It is closed." in refused(lambda: deploy_lprs.refuse(on(cast, "chief"), _fresh(made), words="no"))
    assert "It is closed." in refused(lambda: deploy_lprs.begin_use(on(cast, "officer"), _fresh(made), lpr=cast.lpr))


def test_v_d_after_action_counts_what_happened_in_use_and_who_is_in_charge_says_it(cast: Cast) -> None:
    hot_list_on_hand(cast, at=NOW - 5 * HOUR)
    made = detail(cast, kind=Kind.INVESTIGATION, at=NOW - 4 * HOUR, until=NOW, authorized=True)
    drive_past(cast, ["ABC1234"], at=NOW - 3 * HOUR - timedelta(minutes=1))  # before the LPR was in use
    use = deploy_lprs.begin_use(on(cast, "officer", at=NOW - 3 * HOUR), made, lpr=cast.lpr)
    drive_past(cast, ["XYZ9876", "ABC1234"], at=NOW - 2 * HOUR)
    deploy_lprs.end_use(on(cast, "officer", at=NOW - HOUR), use)
    drive_past(cast, ["XYZ9877"], at=NOW - timedelta(minutes=30))
    found = Hit.objects.latest("seen_at")
    silent, misread = make_hit(cast, how=HowMatched.LOOK_ALIKE, at=NOW - 2 * HOUR), HitStep.Outcome.MISREAD
    add_step(silent, kind=HitStep.Kind.OUTCOME, outcome=misread, at=NOW, by=cast.custodian, policy=STAMP)
    case = CaseFile.objects.create(
        number="26-114", title="van", opened_at=NOW, opened_on=NOW.date(), opened_by=cast.detective,
        arrested_on=NOW.date(),
    )  # fmt: skip
    cases.preserve(
        case, kind=Preserved.Kind.HIT, key=f"hit:{found.pk}", title="x", content=b"{}", image=None, at=NOW,
        by=cast.detective, policy=(1, "0" * 64),
    )  # fmt: skip
    known = counted(_fresh(made), at=NOW)
    assert known == {"reads": 2, "hits": 1, "correct": 0, "misread": 0, "stops": 0, "arrests": 1}
    numbers = {name: value or 0 for name, value in known.items()} | {"stops": 1}
    later = NOW + timedelta(minutes=1)
    assert "in charge" in refused(
        lambda: report(on(cast, "sergeant", at=later), made, numbers=numbers, words="One arrest.")
    )
    report(on(cast, "officer", at=later), _fresh(made), numbers=numbers, words="One arrest.")
    kept = AfterAction.objects.get()
    assert (kept.stops, kept.counted["stops"], kept.reads) == (1, 0, 2)
    assert "already" in refused(lambda: report(on(cast, "officer", at=later), _fresh(made), numbers=numbers, words="x"))
