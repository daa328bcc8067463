"""The Query Log is reviewed: drawn each week, signed off by somebody else, followed up to an end; and taken out."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from platekeeper.core.ledger import canonical
from platekeeper.core.rules.audits import Step
from platekeeper.core.rules.query_audit import sample
from platekeeper.server.casefiles import changes as cases
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.oversight import audits, changes
from platekeeper.server.oversight.models import AuditItem, AuditRound
from platekeeper.server.oversight.query_facts import facts_for
from platekeeper.server.personnel.models import Person
from platekeeper.server.policy.lookups import in_force
from platekeeper.server.procedures import audit_queries
from platekeeper.server.procedures.audit_queries import draw_survey, draw_when_due, take_step, view_item
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.export_query_log import WITHHELD, Format, export_query_log
from platekeeper.server.procedures.inquire import log_query
from platekeeper.server.procedures.preserve import preserve_queries, unpreserved_queries
from platekeeper.server.querylog import lookups
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from platekeeper.server.storage.holding import hold
from platekeeper.verify import commitment
from tests.cast import Cast
from tests.register.making import leaf, query
from tests.web.access.query_log import searched, under_review
from tests.web.access.search_requests import ran

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
GOOD = "silver Civic left the bank on Canal Street, witness {}"


def _on(person: Person, at: datetime = NOW) -> Footing:
    return footing(person, at=at)


def _case(cast: Cast, number: str = "26-1", **facts: object) -> CaseFile:
    case = cases.open_case(
        number=number, title="t", offense_class="felony", is_felony=True, at=NOW, today=NOW.date(), by=cast.detective
    )
    cases.change_case(case, dict(facts))
    return case


def test_a_round_is_drawn_once_a_week_and_none_slips_between_two(cast: Cast) -> None:
    assert draw_when_due(at=NOW) is None
    for day in range(20):
        query(cast.detective, NOW - timedelta(days=20 - day), justification=GOOD.format(day), case_number=f"26-{day}")
    vague = query(cast.clerk, NOW - timedelta(days=15), justification="investigation")
    first = draw_when_due(at=NOW - timedelta(days=13))
    assert first and (first.since, first.entries, first.sampled) == (None, 8, 8)
    assert draw_when_due(at=NOW - timedelta(days=7)) is None
    second = draw_when_due(at=NOW)
    assert second and (second.since, second.entries, second.sampled) == (first.until, 13, 10)
    assert AuditItem.objects.get(entry=vague).reasons[0][:2] == ["vague", 3]
    drawn = set(second.items.filter(drawn=True).values_list("entry", flat=True))
    pool = lookups.ran().filter(begun_at__gt=first.until, begun_at__lte=second.until).values_list("pk", flat=True)
    newest = LedgerEntry.objects.get(index=second.leaf)
    assert second.seed == bytes(newest.leaf_hash).hex()
    assert drawn == set(sample(list(pool), seed=second.seed, size=10))
    assert LedgerEntry.objects.get(subject=f"audit:{second.pk}").content()["details"]["drawn"] == sorted(drawn)


def test_what_scores_high_is_reviewed_besides_the_sample(cast: Cast) -> None:
    for number in range(30):
        query(cast.detective, NOW - timedelta(days=8), justification=GOOD.format(number), case_number=f"26-{number}")
    vague = [query(cast.clerk, NOW - timedelta(days=8), justification="per request") for _ in range(3)]
    made = draw_when_due(at=NOW)
    assert made and made.sampled == 10
    assert {each.pk for each in vague} <= set(made.items.values_list("entry", flat=True))


def test_facts_are_what_a_person_asked_before(cast: Cast) -> None:
    _case(cast, "26-1")
    CaseFile.objects.update(opened_at=NOW - timedelta(days=90))
    for number in range(5):
        at = NOW - timedelta(days=9 - number)
        last = query(cast.detective, at, justification=GOOD.format(1), case_number="n/a" if number else "26-1")
    query(cast.clerk, NOW - timedelta(days=9), justification=GOOD.format(1), case_number="26-9")
    old = query(cast.detective, NOW - timedelta(days=50), justification=GOOD.format(1), case_number="26-8")
    first = lookups.ran().get(case_number="26-1")
    facts = facts_for([last, first, old], zone=in_force(at=NOW).zone, at=NOW)
    found = [
        (each.same_words, each.same_plate, each.caseless, each.case_known, each.case_idle) for each in facts.values()
    ]
    assert found == [(1, 5, 4, False, False), (0, 1, 1, True, True), (0, 1, 1, False, False)]
    assert sum(facts[last.pk].hours) == 5
    assert facts_for([], zone=in_force(at=NOW).zone, at=NOW) == {}


def _asking(cast: Cast, *terms: dict[str, object]) -> list[QueryLogEntry]:
    """Enter queries of these terms on six nights, the last one last."""
    return [
        query(cast.detective, NOW - timedelta(days=len(terms) - day), terms=each, justification=GOOD.format(day))
        for day, each in enumerate(terms)
    ]


@pytest.mark.parametrize(
    ("terms", "same"),
    [
        ([{"plate": ""}] * 6, 1),
        ([{"plate": "", "tool": "scenes"}] * 6, 1),
        ([{"plate": f"ABC1234, X{n}", "plates": ["ABC1234", f"X{n}"]} for n in range(6)], 6),
        ([*[{"plate": plate} for plate in ("A1", "A1", "B2", "B2", "B2")], {"plate": "A1, B2"}], 4),
        ([*[{"plate": "ABC1234", "stake_out": 7, "day": str(n)} for n in range(5)], {"plate": "ABC1234"}], 1),
        ([*[{"plate": "ABC1234"}] * 5, {"plate": "ABC1234", "stake_out": 7, "day": "5"}], 0),
    ],
)
def test_the_same_plate_is_seen_among_others_and_the_clock_asks_nothing(
    terms: list[dict[str, object]], same: int, cast: Cast
) -> None:
    made = _asking(cast, *terms)
    found = facts_for(made, zone=in_force(at=NOW).zone, at=NOW)[made[-1].pk]
    asked = sum("stake_out" not in each for each in terms)
    assert (found.same_plate, found.hour is None) == (same, "stake_out" in terms[-1])
    assert sum(found.hours) == asked - ("stake_out" not in terms[-1])


def test_who_else_searched_the_plate_is_found_among_other_plates(cast: Cast) -> None:
    several = query(cast.clerk, NOW, terms={"plate": "XYZ9876, ABC1234", "plates": ["XYZ9876", "ABC1234"]})
    query(cast.clerk, NOW, terms={"plate": "ABC12345"})
    any_plate = query(cast.clerk, NOW, terms={"plate": ""})
    entry, plateless = query(cast.detective, NOW), query(cast.detective, NOW, terms={"plate": ""})
    assert audits.around(entry) == ([plateless], [several])
    assert audits.around(plateless)[1] == [] and audits.around(any_plate)[1] == []


def test_a_step_that_somebody_else_took_meanwhile_is_refused_and_logged(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = under_review(cast)

    def late(held: AuditItem) -> None:
        hold(held)
        changes.take_audit_step(
            held, kind=Step.FINE, words="", at=NOW - timedelta(seconds=1), by=cast.auditor, policy=(1, "0" * 64)
        )

    monkeypatch.setattr(audit_queries, "hold", late)  # the moment between the look and the lock
    with pytest.raises(RefusedAction, match="gone on"):
        take_step(_on(cast.auditor), item, Step.MISUSE, words="no")
    told = LedgerEntry.objects.get().content()
    assert (told["action"], told["subject"]) == ("action_refused", f"query:{item.entry_id}")
    assert not item.steps.exists()


def test_an_entry_is_signed_off_once_and_never_by_who_made_it(cast: Cast) -> None:
    item = under_review(cast)
    with pytest.raises(RefusedAction):
        take_step(_on(cast.custodian), item, Step.FINE, words="")
    take_step(_on(cast.auditor), item, Step.FINE, words="")
    with pytest.raises(RefusedAction, match="gone on"):
        take_step(_on(cast.auditor), item, Step.MISUSE, words="no")
    own = under_review(cast, entry=searched(cast, by=cast.auditor))
    for refused in (
        lambda: view_item(_on(cast.auditor), own),
        lambda: take_step(_on(cast.auditor), own, Step.FINE, words=""),
    ):
        with pytest.raises(RefusedAction, match="your own"):
            refused()
    told = LedgerEntry.objects.order_by("index").values_list("action", "outcome")
    assert list(told) == [
        ("action_refused", "refused"), ("query_audit_step", "done"), *[("action_refused", "refused")] * 3
    ]  # fmt: skip


def test_a_question_is_answered_by_the_member_and_accepted(cast: Cast) -> None:
    item = under_review(cast)
    with pytest.raises(RefusedAction, match="in words"):
        take_step(_on(cast.auditor), item, Step.ASKED, words=" ")
    take_step(_on(cast.auditor), item, Step.ASKED, words="Which case?")
    assert [each.pk for each in audits.to_explain(cast.detective)] == [item.pk]
    with pytest.raises(RefusedAction, match="whoever made"):
        take_step(_on(cast.clerk), item, Step.ANSWERED, words="I know")
    take_step(_on(cast.detective), item, Step.ANSWERED, words="26-114, the bank")
    assert not audits.to_explain(cast.detective)
    take_step(_on(cast.auditor), item, Step.CLOSED, words="So it is.")
    assert not audits.to_review() and audits.outcomes(item.round)["closed"] == 1
    told = LedgerEntry.objects.filter(action="query_audit_step").order_by("index")[1]
    assert "the bank" not in bytes(told.body).decode()


def test_who_asked_for_a_query_is_not_led_to_its_review(cast: Cast) -> None:
    made = ran(cast, by="auditor")
    for entry in QueryLogEntry.objects.filter(asked_for__request=made):
        item = under_review(cast, Step.MISUSE, entry=entry)
    with pytest.raises(RefusedAction, match="asked for this query"):
        view_item(_on(cast.auditor), item)
    found = audits.findings()
    assert (found.exclude(audits.of(cast.auditor)).count(), audits.misuse_count(cast.auditor)) == (0, 0)
    assert audits.misuse_count(cast.sergeant) == found.count() == made.steps.filter(kind="run").count()


def test_misuse_stays_open_until_it_has_an_end(cast: Cast) -> None:
    item = under_review(cast)
    take_step(_on(cast.auditor), item, Step.MISUSE, words="His own neighbor.")
    assert (audits.misuse_count(cast.sergeant), audits.misuse_count(cast.detective)) == (1, 0)
    view_item(_on(cast.sergeant), item)
    with pytest.raises(RefusedAction):
        take_step(_on(cast.auditor), item, Step.ENDED, words="Done")
    take_step(_on(cast.chief), item, Step.ENDED, words="Access withdrawn, inquiry opened.")
    assert audits.misuse_count(cast.sergeant) == 0 and audits.misused(item.round) == 1
    assert list(audits.flagged(lookups.entries())) == [item.entry]


def test_a_finding_that_is_unfounded_has_ended_and_is_no_misuse(cast: Cast) -> None:
    item = under_review(cast)
    take_step(_on(cast.auditor), item, Step.MISUSE, words="His own neighbor.")
    with pytest.raises(RefusedAction, match="Say it in words"):
        take_step(_on(cast.chief), item, Step.UNFOUNDED, words=" ")
    take_step(_on(cast.chief), item, Step.UNFOUNDED, words="Another man of that name.")
    assert audits.misuse_count(cast.sergeant) == 0 and audits.misused(item.round) == 0
    assert [each.pk for each in audits.findings()] == [item.pk]
    with pytest.raises(RefusedAction):
        take_step(_on(cast.chief), item, Step.ENDED, words="Access withdrawn.")


def test_a_survey_draws_from_the_year(cast: Cast) -> None:
    auditor = _on(cast.auditor)
    with pytest.raises(RefusedAction, match="Nobody has searched"):
        draw_survey(auditor, size=5)
    query(cast.detective, NOW - timedelta(days=400))
    for day in range(8):
        query(cast.detective, NOW - timedelta(days=40 * day, minutes=1))
    with pytest.raises(RefusedAction, match="between 1 and"):
        draw_survey(auditor, size=501)
    with pytest.raises(RefusedAction):
        draw_survey(_on(cast.chief), size=5)
    made = draw_survey(auditor, size=5)
    assert (made.kind, made.entries, made.sampled, made.items.count()) == (AuditRound.Kind.SURVEY, 8, 5, 5)
    assert audits.outcomes(made)[""] == 5


def test_the_queries_of_a_case_are_preserved_all_at_once(cast: Cast) -> None:
    case = _case(cast, "26-1", arrested_on=NOW.date())
    made = [query(cast.detective, NOW - timedelta(hours=n)) for n in range(3)]
    query(cast.detective, NOW, case_number="26-2")
    query(cast.detective, NOW, state="refused")
    assert set(unpreserved_queries(_on(cast.custodian), case)) == set(made)
    assert lookups.unpreserved_counts(lookups.cases_to_preserve_in()) == {"26-1": 3}
    assert len(preserve_queries(_on(cast.custodian), case)) == 3
    assert not unpreserved_queries(_on(cast.custodian), case) and not lookups.cases_to_preserve_in()
    with pytest.raises(RefusedAction, match="all of it already"):
        preserve_queries(_on(cast.custodian), case)


def test_an_entry_belongs_to_the_case_it_names_and_to_those_that_have_it(cast: Cast) -> None:
    zone = in_force(at=NOW).zone
    entry = query(cast.detective, NOW)
    assert lookups.facts_of(entry, zone=zone).matters == ()
    case = _case(cast, "26-1", disposed_on=NOW.date())
    other = _case(cast, "26-77")
    preserve_queries(_on(cast.custodian), case)
    cases.preserve(
        other, kind=Preserved.Kind.QUERY, key=f"query:{entry.pk}", title="t", content=b"{}", image=None, at=NOW,
        by=cast.detective, policy=(1, "0" * 64),
    )  # fmt: skip
    found = [(matter.number, matter.disposed_on) for matter in lookups.facts_of(entry, zone=zone).matters]
    assert found == [("26-1", NOW.date()), ("26-77", None)]


def _exported(cast: Cast, *, form: Format = Format.CSV, whole: bool = False, **said: Any) -> bytes:
    by = _on(cast.auditor)
    return b"".join(export_query_log(by, lookups.entries(), filters={"person": "Dee"}, form=form, whole=whole, **said))


def test_a_redacted_export_carries_the_ledgers_commitments(cast: Cast) -> None:
    entry, bare = (query(cast.detective, NOW, leafless=True, justification="a secret") for _ in range(2))
    begun = leaf(
        NOW, Action.QUERY_BEGUN, outcome=Outcome.BEGUN, by=cast.detective, subject=f"query:{entry.pk}",
        sealed={"plate": "ABC1234"},
    )  # fmt: skip
    salt = bytes(begun.openings.get(field="plate").salt)
    content = _exported(cast, form=Format.JSONL).decode()
    assert "ABC1234" not in content and "secret" not in content
    rows = [json.loads(line) for line in content.splitlines()]
    assert [(row["query"], row["plate"]) for row in rows] == [
        (entry.pk, commitment(salt, "plate", "ABC1234")), (bare.pk, WITHHELD)
    ]  # fmt: skip
    done = LedgerEntry.objects.filter(action="query_log_exported").order_by("index")[1].content()
    assert (done["outcome"], done["details"]["lines"]) == ("done", 2)
    assert done["details"]["sha256"] == hashlib.sha256(content.encode()).hexdigest()


ASKED = {
    "plate": "ABC1234", "lprs": [3], "since": "2026-01-01T00:00:00+00:00", "until": "2026-01-02T00:00:00+00:00",
    "look_alikes": True, "area": "circle 43.0481,-76.1474 800", "tool": "travels_with", "minutes": 5,
}  # fmt: skip
SECRET: dict[str, Any] = {
    "justification": "left the bank",
    "recipients": "Lt. Moss, Mill County",
    "exigent": "child in the car",
}


def test_the_whole_log_says_everything_that_was_asked_and_who_approved_it(cast: Cast) -> None:
    entry = query(cast.detective, NOW, terms=ASKED, case_known="no", flags=["exigent", "bulk"], leafless=True, **SECRET)
    Approval.objects.create(
        entry=entry, kind="after", asked_at=NOW, decided_at=NOW, decided_by=cast.sergeant, granted=False
    )
    said: dict[str, Any] = {"whole": True, "to": "Town council", "why": "yearly report"}
    row = json.loads(_exported(cast, form=Format.JSONL, **said))
    assert json.loads(row["terms"]) == ASKED and row["terms"] == canonical(ASKED).decode()
    assert row.items() >= {**SECRET, "case_known": "no", "flags": ["exigent", "bulk"]}.items()
    word = [row[name] for name in ("approval", "decided_by", "decided_at", "granted")]
    assert word == ["after", cast.sergeant.name, NOW.isoformat(), False]
    assert ",exigent bulk," in _exported(cast, **said).decode()


@pytest.mark.parametrize("state", ["waiting", "approved", "denied", "completed"])
def test_redacted_an_entry_that_asked_for_approval_shows_what_it_committed_to_then(state: str, cast: Cast) -> None:
    entry = query(cast.detective, NOW, terms=ASKED, state=state, leafless=True, **SECRET)
    Approval.objects.create(entry=entry, kind="before", asked_at=NOW)
    by = _on(cast.detective)
    with transaction.atomic():
        log_query(by, entry, Action.QUERY_ASKED, Outcome.DONE)
    first = LedgerEntry.objects.get(action="query_asked").content()["sealed"]
    if state == "completed":
        with transaction.atomic():
            log_query(by, entry, Action.QUERY_BEGUN, Outcome.BEGUN)
    content = _exported(cast, form=Format.JSONL).decode()
    row = json.loads(content)
    assert {name: row[name] for name in ("plate", "terms", *SECRET)} == {
        name: first[name] for name in ("plate", "terms", *SECRET)
    }
    assert not any(words in content for words in ("ABC1234", "43.0481", *SECRET.values()))
    assert (row["approval"], row["decided_by"], row["granted"]) == ("before", "", "")


def test_the_whole_log_goes_to_somebody_for_a_reason(cast: Cast) -> None:
    query(cast.detective, NOW, justification="=cmd")
    with pytest.raises(RefusedAction, match="to whom"):
        _exported(cast, whole=True, to="Town council")
    content = _exported(cast, whole=True, to="Town council", why="yearly report").decode()
    assert "ABC1234" in content and "'=cmd" in content
    begun = LedgerEntry.objects.filter(action="query_log_exported", outcome="begun").get()
    assert {each.field: each.value for each in begun.openings.all()}.items() >= {
        "to": "Town council",
        "person": "Dee",
    }.items()


def test_an_export_that_breaks_off_is_told(cast: Cast) -> None:
    query(cast.detective, NOW)
    lines = export_query_log(_on(cast.auditor), lookups.entries(), filters={}, form=Format.CSV, whole=False)
    next(lines)
    lines.close()  # type: ignore[attr-defined]
    told = LedgerEntry.objects.filter(action="query_log_exported").order_by("index").values_list("outcome", flat=True)
    assert list(told) == ["begun", "failed"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 3), ({"person": "dee"}, 1), ({"person": "moss"}, 1), ({"agency": "mill"}, 1), ({"plate": "9876"}, 1),
        ({"case_number": "26-1"}, 2), ({"purpose": "wanted"}, 1), ({"state": "failed"}, 1), ({"words": "bank"}, 1),
        ({"since": NOW - timedelta(days=2)}, 2), ({"until": NOW - timedelta(days=2)}, 1),
    ],
)  # fmt: skip
def test_the_log_is_narrowed(asked: dict[str, object], found: int, cast: Cast) -> None:
    query(cast.detective, NOW, justification="left the bank")
    query(cast.clerk, NOW, requestor="Lt. Moss", requestor_agency="Mill County", case_number="26-7", purpose="wanted")
    query(cast.custodian, NOW - timedelta(days=3), terms={"plate": "XYZ9876"}, case_number="26-1", state="failed")
    assert lookups.filtered(**asked).count() == found  # type: ignore[arg-type]
