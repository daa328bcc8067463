"""Alert bulletins: kept whole, looked at, entered by a person only; an update corrects, a cancel withdraws (VII.g)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live

from platekeeper.core.formats.cap import LARGEST, CapError
from platekeeper.core.rules.field_entries import Ground
from platekeeper.server.hits.models import HitStep
from platekeeper.server.hotlist.lookups import waiting_bulletins
from platekeeper.server.hotlist.models import AlertBulletin, HotListEntry
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.models import Person
from platekeeper.server.procedures import search_lpr_data
from platekeeper.server.procedures.alert_bulletins import ends_at, look_at, settle, take_in
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.enter_in_field import FieldEntry
from platekeeper.server.procedures.entries import DuplicateEntry, EntryResult, UnclearEntry
from platekeeper.server.procedures.watch_alerts import take_alerts
from platekeeper.server.querylog.models import QueryLogEntry
from tests.cast import Cast
from tests.core.bulletins import bulletin, info
from tests.hotlist.making import NOW, records
from tests.hotlist.traffic import drive_past

pytestmark = records

AMBER = info(
    description="LIC/KHB4471 (NY) 2008 Gray Dodge", expires=f"{NOW + timedelta(hours=30):%Y-%m-%dT%H:%M:%S}-00:00"
)


def _take(cast: Cast, content: bytes) -> AlertBulletin:
    return take_in(footing(cast.officer, at=NOW), content, file_name="alert.xml", at=NOW)


def _settle(by: Person, kept: AlertBulletin, *plates: str, **also: Any) -> list[EntryResult]:
    enter = [FieldEntry(plate=plate, ground=Ground.AMBER, jurisdiction="NY") for plate in plates]
    return settle(footing(by, at=NOW), kept.pk, enter=enter, **also)


def _refers(first: AlertBulletin) -> str:
    assert first.sent_at is not None
    return f"{first.sender},{first.identifier},{first.sent_at:%Y-%m-%dT%H:%M:%S}-00:00"


def _entered(cast: Cast) -> tuple[AlertBulletin, HotListEntry]:
    first = _take(cast, bulletin(AMBER))
    [result] = _settle(cast.officer, first, "KHB4471")
    return first, result.entry


def test_a_bulletin_is_kept_whole_once_and_enters_nothing_by_itself(cast: Cast) -> None:
    content = bulletin(AMBER)
    kept = _take(cast, content)
    assert (bytes(kept.content), kept.sha256) == (content, hashlib.sha256(content).hexdigest())
    assert (kept.state, kept.must_enter, kept.received_by) == ("waiting", True, cast.officer)
    assert _take(cast, content) == kept
    assert take_in(None, bulletin(AMBER, identifier="X"), file_name="x.xml", at=NOW).received_by is None
    assert not HotListEntry.objects.exists()
    leaf = LedgerEntry.objects.get(action="alert_received", subject=f"alert:{kept.pk}")
    assert (leaf.clause, leaf.content()["details"]["sha256"]) == ("VII.g", kept.sha256)


def test_what_is_not_understood_is_kept_and_said_and_nothing_follows(cast: Cast) -> None:
    kept = _take(cast, bulletin(AMBER, version="1.1"))
    assert (kept.state, "CAP 1.1" in kept.reason) == ("unclear", True)
    assert look_at(footing(cast.officer, at=NOW), kept.pk).alert is None
    with pytest.raises(RefusedAction, match="not understood"):
        _settle(cast.officer, kept, "KHB4471")
    with pytest.raises(UnclearEntry, match="Say what was entered by hand"):
        _settle(cast.officer, kept, remark=" ")
    assert list(waiting_bulletins()) == [kept]
    _settle(cast.officer, kept, remark="Entered KHB4471 by hand.")
    kept.refresh_from_db()
    assert (kept.state, kept.settled_by, kept.remark) == ("unclear", cast.officer, "Entered KHB4471 by hand.")
    assert not waiting_bulletins().exists()
    with pytest.raises(RefusedAction, match="settled already"):
        _settle(cast.officer, kept, remark="again")
    with pytest.raises(CapError, match="larger"):
        _take(cast, b" " * (LARGEST + 1))


@pytest.mark.parametrize("role", ["rookie", "clerk", "outsider"])
def test_who_may_not_enter_takes_in_and_looks_at_nothing(cast: Cast, role: str) -> None:
    kept, by = _take(cast, bulletin(AMBER)), footing(getattr(cast, role), at=NOW)
    for act in (
        lambda: take_in(by, b"x", file_name="x", at=NOW), lambda: look_at(by, kept.pk),
        lambda: settle(by, kept.pk, enter=()),
    ):  # fmt: skip
        with pytest.raises(RefusedAction):
            act()


def test_of_several_plates_each_is_looked_up_though_the_look_of_another_took_too_long(cast: Cast) -> None:
    drive_past(cast, ["KHB4471", "XYZ9876"], at=NOW - timedelta(hours=2))
    kept = _take(cast, bulletin(AMBER))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_lpr_data, "SECONDS", 0.0)
        results = _settle(cast.officer, kept, "KHB4471", "XYZ9876")
    assert [(each.prior_reads, each.stopped[:11]) for each in results] == [(None, "This search")] * 2
    assert [each.terms["plate"] for each in QueryLogEntry.objects.order_by("pk")] == ["KHB4471", "XYZ9876"]


def test_what_a_person_ticks_is_entered_with_its_bulletin_and_looked_up(cast: Cast) -> None:
    drive_past(cast, ["KHB4471"], at=NOW - timedelta(hours=2))
    kept = _take(cast, bulletin(AMBER))
    look = look_at(footing(cast.officer, at=NOW), kept.pk)
    assert [(each.plate, each.state) for each in look.proposed] == [("KHB4471", "NY")]
    assert look.alert is not None and ends_at(look.alert, at=NOW) == (NOW + timedelta(hours=30)).replace(microsecond=0)

    [result] = _settle(cast.officer, kept, "KHB4471")
    assert (result.entry.bulletin, result.entry.state, result.entry.ground) == (kept, "active", "amber")
    assert result.prior_reads is not None and len(result.prior_reads.page.reads) == 1
    assert QueryLogEntry.objects.get().by == cast.officer
    kept.refresh_from_db()
    assert (kept.state, kept.settled_by) == ("settled", cast.officer)
    leaf = LedgerEntry.objects.get(action="alert_settled")
    assert leaf.content()["details"]["entered"] == [result.entry.pk]
    with pytest.raises(RefusedAction, match="already"):
        _settle(cast.officer, kept, "XYZ9876")


def test_that_nothing_is_entered_needs_its_reason(cast: Cast) -> None:
    kept = _take(cast, bulletin(AMBER))
    with pytest.raises(UnclearEntry):
        _settle(cast.officer, kept)
    assert _settle(cast.officer, kept, remark="of another state, far away") == []
    nothing = _take(cast, bulletin(info(description="no vehicle known"), identifier="B"))
    assert not nothing.must_enter and _settle(cast.officer, nothing) == []


@pytest.mark.parametrize(("given", "said"), [
    ({"status": "Test"}, "not meant"), ({"status": "Exercise"}, "not meant"), ({"kind": "Ack"}, "asks for no entry"),
    ({"kind": "Cancel", "references": "a@b.org,X,2026-06-01T10:00:00-04:00"}, "asks for no entry"),
])  # fmt: skip
def test_nothing_is_entered_from_what_is_no_actual_alert(cast: Cast, given: dict[str, str], said: str) -> None:
    kept = _take(cast, bulletin(AMBER, **given))  # type: ignore[arg-type] # the table holds text only
    assert not kept.must_enter
    with pytest.raises(RefusedAction, match=said):
        _settle(cast.officer, kept, "KHB4471")
    assert not HotListEntry.objects.exists()


def test_all_of_it_or_nothing(cast: Cast) -> None:
    kept = _take(cast, bulletin(AMBER))
    with pytest.raises(DuplicateEntry):
        _settle(cast.officer, kept, "KHB4471", "KHB4471")
    kept.refresh_from_db()
    assert (kept.state, HotListEntry.objects.count()) == ("waiting", 0)


def test_a_cancel_withdraws_what_its_bulletin_made_and_recalls_its_alarms(cast: Cast) -> None:
    first, entry = _entered(cast)
    drive_past(cast, ["KHB4471"], at=NOW)
    other = _take(cast, bulletin(kind="Cancel", identifier="C-0", references="a@b.org,X,2026-06-01T10:00:00-04:00"))
    assert look_at(footing(cast.sergeant, at=NOW), other.pk).standing == ()
    cancel = _take(cast, bulletin(kind="Cancel", identifier="C-1", references=_refers(first)))
    look = look_at(footing(cast.sergeant, at=NOW), cancel.pk)
    assert (look.standing, look.proposed) == ((entry,), ())
    with pytest.raises(UnclearEntry, match="has changed"):
        _settle(cast.sergeant, cancel, withdraw=[entry.pk + 1])
    _settle(cast.sergeant, cancel, withdraw=[entry.pk])
    entry.refresh_from_db()
    assert (entry.state, entry.canceled_by, entry.cancel_reason) == ("canceled", cast.sergeant, "Cancel C-1")
    assert HitStep.objects.filter(kind="recalled").count() == 1
    assert LedgerEntry.objects.get(action="entry_canceled").content()["details"]["recalled"] == 1


def test_an_update_keeps_moves_and_adds_and_a_cancel_of_it_reaches_back(cast: Cast) -> None:
    first, entry = _entered(cast)
    also = info(description="LIC/KHB4471 (NY) or a white Ford, plate ZGH1234 (PA)")
    update = _take(cast, bulletin(also, kind="Update", identifier="U-1", references=_refers(first)))
    look = look_at(footing(cast.officer, at=NOW), update.pk)
    assert ([each.plate for each in look.proposed], look.standing) == (["ZGH1234"], (entry,))
    end = NOW + timedelta(days=2)
    with pytest.raises(RefusedAction, match="30 days"):
        _settle(cast.officer, update, move_ends={entry.pk: NOW + timedelta(days=31)})
    [added] = _settle(cast.officer, update, "ZGH1234", move_ends={entry.pk: end})
    entry.refresh_from_db()
    assert (entry.expires_at, entry.state) == (end, "active")
    assert LedgerEntry.objects.get(action="entry_end_moved").subject == f"entry:{entry.pk}"

    cancel = _take(cast, bulletin(kind="Cancel", identifier="C-1", references=_refers(update)))
    assert set(look_at(footing(cast.officer, at=NOW), cancel.pk).standing) == {entry, added.entry}


def test_a_file_in_the_watched_folder_is_taken_in_and_leaves_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, at = live.HOME.alert_inbox, datetime.now(UTC) + timedelta(minutes=1)
    (inbox / "amber.xml").write_bytes(bulletin(AMBER))
    (inbox / "odd.xml").write_bytes(b"<odd/>")
    huge = b" " * (LARGEST + 1)
    (inbox / "huge.xml").write_bytes(huge)
    (inbox / ".partial").write_bytes(b"<")
    taken = {each.file_name: each for each in take_alerts(at=at)}
    assert {name: each.state for name, each in taken.items()} == {
        "amber.xml": "waiting", "odd.xml": "unclear", "huge.xml": "unclear",
    }  # fmt: skip
    assert sorted(path.name for path in inbox.iterdir()) == [".partial", "refused"]
    assert sorted(path.suffix for path in (inbox / "refused").iterdir()) == [".txt", ".xml"]
    assert [*inbox.glob("*.xml")] == []
    unread = taken["huge.xml"]
    assert (unread.sha256, bytes(unread.content)) == (hashlib.sha256(huge).hexdigest(), b"")
    assert "larger than the 1024 KB" in unread.reason and "alert-inbox/refused" in unread.reason
    assert set(waiting_bulletins()) == set(taken.values())
    (inbox / "huge again.xml").write_bytes(huge)
    assert take_alerts(at=at) == [unread]
    with monkeypatch.context() as fixed:
        fixed.setattr(Path, "unlink", _locked)  # where it may not go it is taken in once, and keeps no other
        for name in ("amber.xml", "odd.xml"):
            (inbox / name).write_bytes(b"<odd/>" if name == "odd.xml" else bulletin(AMBER))
        assert set(take_alerts(at=at)) == {taken["amber.xml"], taken["odd.xml"]}


def _locked(_path: Path) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_what_nobody_may_read_waits_by_its_name(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox, at, whole = live.HOME.alert_inbox, datetime.now(UTC) + timedelta(minutes=1), Path.open

    def locked(path: Path, *args: Any, **kwargs: Any) -> Any:  # as it is to a server that is not root
        if path.suffix == ".xml":
            raise PermissionError(13, "Permission denied")
        return whole(path, *args, **kwargs)

    for name in ("a.xml", "b.xml"):
        (inbox / name).write_bytes(b"<alert/>")
    monkeypatch.setattr(Path, "open", locked)
    taken = take_alerts(at=at)
    assert [(each.sha256, each.state) for each in taken] == [(None, "unclear")] * 2
    assert all("its owner has not allowed it" in each.reason for each in taken)
    assert [*inbox.glob("*.xml")] == []
    with monkeypatch.context() as fixed:
        fixed.setattr(Path, "rename", locked)  # nor moved: it is noted once, and keeps no other
        for name in ("c.xml", "d.xml"):
            (inbox / name).touch()
        once, again = (take_alerts(at=at) for _ in range(2))
    assert once == again and [each.file_name for each in once] == ["c.xml", "d.xml"]
