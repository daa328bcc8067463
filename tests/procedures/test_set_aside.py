"""What came into the wrong case is set aside: it stays, is in no packet, and is asked for where it belongs."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from platekeeper import verify
from platekeeper.core.clauses import Clause
from platekeeper.core.plates import fold
from platekeeper.server.casefiles import changes
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.lookups import hits_to_preserve
from platekeeper.server.hits.models import Hit
from platekeeper.server.ledger.lookups import key
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures import direct_keeping, preserve
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.copies import of_hit
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.keep_cases import open_case
from platekeeper.server.procedures.set_aside import set_aside
from platekeeper.server.querylog.lookups import unpreserved
from platekeeper.server.register.evidence import Status
from tests.bags import content_of
from tests.cast import Cast
from tests.register import judging
from tests.register.making import query
from tests.web.making import make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)
WHY = "this van is that of 26-102"


@pytest.fixture
def by(cast: Cast) -> Footing:
    return footing(cast.custodian, at=NOW)


@pytest.fixture
def wrong(by: Footing) -> CaseFile:
    return open_case(by, number="26-101", title="Burglary", offense_class="felony", is_felony=True)


@pytest.fixture
def right(by: Footing) -> CaseFile:
    return open_case(by, number="26-102", title="Hit and run", offense_class="felony", is_felony=True)


def _packet(by: Footing, case: CaseFile) -> tuple[dict[str, bytes], verify.Packet]:
    archive = zipfile.ZipFile(io.BytesIO(content_of(export_packet(by, case, to="District Attorney", why="discovery"))))
    files = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
    current = key()
    assert current is not None
    return files, verify.check_packet(files, trusted=verify.fingerprint(bytes(current.public_key)))


def _as_it_went_on(by: Footing, hit: Hit, case: CaseFile) -> tuple[Preserved, Preserved]:
    """Copy a hit into a case, and once more as it is after its outcome."""
    first = preserve.preserve_hit(by, hit, case=case)
    hit.steps.create(kind="outcome", at=NOW, by=by.person, outcome="correct", policy_number=1, policy_digest="0" * 64)
    return first, preserve.preserve_hit(by, hit, case=case)


def test_a_copy_that_was_set_aside_stays_and_no_packet_holds_what_it_says(
    cast: Cast, by: Footing, wrong: CaseFile
) -> None:
    kept, copy = (
        preserve.preserve_hit(by, make_hit(cast, plate=plate), case=wrong) for plate in ("ABC1234", "XYZ7777")
    )
    before, checked = _packet(by, wrong)
    assert (checked.copies, checked.images, checked.aside) == (2, 2, 0)
    with pytest.raises(RefusedAction, match="Say why"):
        set_aside(by, copy, why=" ")
    set_aside(by, copy, why=WHY)
    with pytest.raises(RefusedAction, match="set aside already"):
        set_aside(by, copy, why=WHY)
    there = Preserved.objects.get(pk=copy.pk)
    assert (bytes(there.content), there.sha256, there.set_aside_by) == (bytes(copy.content), copy.sha256, by.person)
    leaf = LedgerEntry.objects.get(action="set_aside")
    assert leaf.content()["details"] == {"kind": "hit", "key": copy.key, "sha256": copy.sha256}
    assert leaf.openings.get(field="why").value == WHY
    files, checked = _packet(by, wrong)
    assert (checked.copies, checked.images, checked.aside) == (1, 1, 1)
    assert "1 copies were set aside as not of this case" in " ".join(checked.words())
    [told] = json.loads(files["data/case.json"])["set_aside"]
    assert (told["sha256"], told["why"], told["set_aside_by"]) == (copy.sha256, WHY, by.person.name)
    assert not any(b"XYZ7777" in content for content in files.values())
    assert bytes(kept.content) in files.values()
    again = preserve.preserve_copy(by, there, case=wrong)  # it was of this case after all
    assert (again.sha256, again.key, again.image.sha256) == (copy.sha256, copy.key, copy.image.sha256)
    files, checked = _packet(by, wrong)
    assert (checked.copies, checked.images, checked.aside) == (2, 2, 0)
    assert json.loads(files["data/case.json"])["set_aside"] == []
    set_aside(by, again, why=WHY)
    assert (_packet(by, wrong)[1].copies, _packet(by, wrong)[1].aside) == (1, 1)
    assert json.loads(before["data/case.json"])["set_aside"] == []


def test_what_was_set_aside_and_stands_in_a_packet_all_the_same_is_found_out(
    cast: Cast, by: Footing, wrong: CaseFile
) -> None:
    for plate in ("ABC1234", "XYZ7777"):
        copy = preserve.preserve_hit(by, make_hit(cast, plate=plate), case=wrong)
    set_aside(by, copy, why=WHY)
    Preserved.objects.filter(pk=copy.pk).update(set_aside_at=None, set_aside_by=None)
    with pytest.raises(RefusedAction, match="no leaf of the ledger names"):
        _packet(by, wrong)


def test_a_hit_is_asked_for_where_it_belongs_and_its_later_copies_go_with_it(
    cast: Cast, by: Footing, wrong: CaseFile, right: CaseFile
) -> None:
    hit = make_hit(cast, steps=("stopped",))
    copy, _later = _as_it_went_on(by, hit, wrong)
    assert not hits_to_preserve(at=LATER)
    set_aside(by, copy, why=WHY)
    assert not Preserved.objects.filter(set_aside_at=None).exists()
    assert [each.pk for each in hits_to_preserve(at=LATER)] == [hit.pk]
    assert preserve.kept_in(of_hit(hit, image=None, proof=None)) == []
    assert judging.status(Clause.V_c, at=NOW + timedelta(days=8)) is Status.BREACH
    preserve.preserve_hit(by, hit, case=right)
    assert not hits_to_preserve(at=LATER)
    assert judging.status(Clause.V_c, at=NOW + timedelta(days=8)) is Status.KEPT
    assert preserve.preserve_hit(by, hit, case=wrong).key == copy.key  # as it is now, which is as it was last
    assert judging.status(Clause.VI_k_1, at=LATER) is Status.KEPT  # all that was ever preserved is there


def test_what_was_set_aside_in_two_states_is_taken_in_again_once_each(
    cast: Cast, by: Footing, wrong: CaseFile, right: CaseFile
) -> None:
    hit = make_hit(cast, steps=("stopped",))
    first, later = _as_it_went_on(by, hit, wrong)
    set_aside(by, first, why=WHY)
    preserve.preserve_hit(by, hit, case=right)
    for case, copies in ((right, (first,)), (wrong, (first, later))):
        for copy in copies:
            preserve.preserve_copy(by, copy, case=case)
        for copy in (first, later):
            with pytest.raises(RefusedAction, match="preserves it already"):
                preserve.preserve_copy(by, copy, case=case)
        assert (case, False) in preserve.kept_in(of_hit(hit, image=None, proof=hit.proof))
        assert _packet(by, case)[1].copies == 2


def test_a_query_is_asked_for_again_and_what_is_gone_is_copied_from_what_was_set_aside(
    cast: Cast, by: Footing, wrong: CaseFile, right: CaseFile
) -> None:
    entry = query(cast.detective, NOW - timedelta(hours=1), case_number=wrong.number)
    copy = preserve.preserve_query(by, entry, case=wrong)
    assert not unpreserved()
    set_aside(by, copy, why=WHY)
    assert [each.pk for each in unpreserved()] == [entry.pk]
    taken = preserve.preserve_copy(by, copy, case=right)
    assert (taken.case, taken.sha256) == (right, copy.sha256)
    with pytest.raises(RefusedAction, match="preserves it already"):
        preserve.preserve_copy(by, copy, case=right)


def test_who_works_cases_sets_aside_and_nobody_in_a_case_that_takes_nothing(
    cast: Cast, by: Footing, wrong: CaseFile
) -> None:
    copy = preserve.preserve_hit(by, make_hit(cast), case=wrong)
    for role in ("rookie", "auditor", "chief"):
        with pytest.raises(RefusedAction):
            set_aside(footing(cast.people()[role], at=NOW), copy, why=WHY)
    changes.seal(wrong, order="County Court 12", on=NOW.date())
    with pytest.raises(RefusedAction, match="sealed"):
        set_aside(by, Preserved.objects.get(), why=WHY)
    changes.seal(wrong, order="County Court 13", on=None)
    set_aside(footing(cast.officer, at=NOW), Preserved.objects.get(), why=WHY)
    changes.empty(wrong, ending=CaseFile.Ending.EXPUNGED, order="County Court 14", at=NOW)
    there = Preserved.objects.get()
    assert (bytes(there.content), there.set_aside_why, there.sha256) == (b"", "", copy.sha256)
    with pytest.raises(RefusedAction, match="Nothing is kept"):
        preserve.preserve_copy(by, there, case=wrong)


def test_what_a_standing_directive_names_is_not_set_aside(cast: Cast, by: Footing, wrong: CaseFile) -> None:
    hits = [make_hit(cast, plate=plate) for plate in ("ABC1234", "XYZ7777")]
    for hit in hits:
        hit.read |= {"folded": fold(hit.plate), "lpr": hit.lpr_id}  # as the intake's have
        hit.save()
    directive = direct_keeping.give_directive(
        footing(cast.chief, at=NOW), case=wrong, plates=("ABC*",), kept_until=date(2050, 1, 1), why="civil suit"
    )
    for hit in hits:
        if not wrong.preserved.filter(key=f"hit:{hit.pk}").exists():
            preserve.preserve_hit(by, hit, case=wrong)
    named, other = (wrong.preserved.get(key=f"hit:{hit.pk}") for hit in hits)
    set_aside(by, other, why=WHY)
    with pytest.raises(RefusedAction, match="A directive names it"):
        set_aside(by, named, why=WHY)
    direct_keeping.end_directive(footing(cast.chief, at=NOW), directive)
    set_aside(by, named, why=WHY)
