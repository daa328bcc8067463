"""An evidence packet checks itself without the product, and one flipped bit anywhere is found and named."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from platekeeper import verify
from platekeeper.server.casefiles.lookups import packets_of
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.ledger.lookups import key
from platekeeper.server.ledger.models import HandOver, LedgerEntry
from platekeeper.server.ledger.signing import KeyMissing
from platekeeper.server.procedures import keep_cases, packet_documents, packet_files, preserve
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.server.procedures.hand_over import hand_out
from platekeeper.server.procedures.sign_ledger import change_key, checkpoint
from platekeeper.server.querylog.models import QueryLogEntry
from platekeeper.verify import Fault, check_packet, fingerprint, read_checkpoint
from tests.bags import bagged, content_of
from tests.cast import Cast
from tests.roles.making import become_owner
from tests.web.making import JPEG, STAMP, make_hit

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


_NO_PICTURE = JPEG[:4] + bytes(64) + JPEG[-2:]
"""It begins and ends as a JPEG does."""


def _packet(cast: Cast) -> bytes:
    by = footing(cast.custodian, at=NOW)
    case = keep_cases.open_case(by, number="26-114", title="Hit and run", offense_class="felony", is_felony=True)
    for image in (JPEG, _NO_PICTURE):
        preserve.preserve_hit(by, make_hit(cast, image=image, steps=("image_verified", "confirmed")), case=case)
    entry = QueryLogEntry.objects.create(
        by=cast.detective, agency="x", begun_at=NOW, terms={"plate": "ABC*"}, state="completed", case_number="26-114",
        policy_number=STAMP[0], policy_digest=STAMP[1],
    )  # fmt: skip
    preserve.preserve_query(by, entry, case=case)
    return content_of(export_packet(by, case, to="District Attorney", why="discovery"))


def _files(packed: bytes) -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(packed))
    return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def _inside(files: dict[str, bytes]) -> dict[str, bytes]:
    """What is bagged anew by who changes something: everything but the manifests."""
    return {path: content for path, content in files.items() if path.startswith("data/") or path == "bag-info.txt"}


def _trusted() -> str:
    current = key()
    assert current is not None
    return fingerprint(bytes(current.public_key))


def test_a_packet_proves_its_copies_and_images(cast: Cast) -> None:
    files = _files(_packet(cast))
    found = check_packet(files, trusted=_trusted())
    assert (found.case, found.copies, found.images) == ("26-114", 3, 2)
    assert found.leaves == 5  # opened, three preserved, and the export's own intent
    assert {"data/policy.pdf", "data/policy.json", "data/verify.py", "data/certification-draft.pdf"} <= files.keys()
    pdf = PdfReader(io.BytesIO(files["data/certification-draft.pdf"]))
    assert "902(13)" in " ".join(page.extract_text() for page in pdf.pages)


def test_what_is_copied_into_the_case_meanwhile_is_in_the_next_packet(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _packet(cast)
    by, case, made = footing(cast.custodian, at=NOW), CaseFile.objects.get(), packet_documents.report

    def copied_meanwhile(*given: Any) -> bytes:
        preserve.preserve_hit(by, make_hit(cast), case=case)
        return made(*given)

    monkeypatch.setattr(packet_files, "report", copied_meanwhile)
    for copies in (3, 4):
        files = _files(content_of(export_packet(by, case, to="District Attorney", why="discovery")))
        assert check_packet(files, trusted=_trusted()).copies == copies


def test_the_report_shows_every_exhibit_with_its_picture_and_its_history(cast: Cast) -> None:
    files = _files(_packet(cast))
    pdf = PdfReader(io.BytesIO(files["data/report.pdf"]))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert all(words in text for words in ("Exhibit 1", "Exhibit 3", "confirmed, Dora Dispatcher", "left the scene"))
    assert sum(len(page.images) for page in pdf.pages) == 1
    assert "preserved/002-hit.jpg could not be drawn" in text  # the other one is no whole picture
    rows = list(csv.DictReader(io.StringIO(files["data/reads.csv"].decode())))
    assert [row["copy"] for row in rows] == ["preserved/001-hit.json", "preserved/002-hit.json"]
    assert [row["plate"] for row in json.loads(files["data/query-log.json"])] == ["ABC*"]


def test_of_many_exhibits_the_first_are_pictured(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_files, "PICTURED", 1)
    monkeypatch.setattr(packet_documents, "PICTURED", 1)
    monkeypatch.setattr(packet_documents, "REPORTED", 2)
    monkeypatch.setattr(packet_files, "_AT_ONCE", 2)
    files = _files(_packet(cast))
    pdf = PdfReader(io.BytesIO(files["data/report.pdf"]))
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert "Of the first 1 exhibits the pictures are shown here" in text
    assert "could not be drawn" not in text
    assert "Exhibit 3" not in text and "Exhibits 3 to 3 are not shown here" in text
    draft = PdfReader(io.BytesIO(files["data/certification-draft.pdf"]))
    assert "And 1 more" in " ".join(page.extract_text() for page in draft.pages)
    assert {"data/preserved/001-hit.jpg", "data/preserved/002-hit.jpg"} < files.keys()
    assert check_packet(files, trusted=_trusted()).images == 2


def test_every_file_of_the_payload_is_the_one_that_was_exported(cast: Cast) -> None:
    files, trusted = _files(_packet(cast)), _trusted()
    payload = _inside(files)
    for path in ("data/report.pdf", "data/reads.csv", "data/policy.json", "data/case.json", "data/verify.py"):
        with pytest.raises(Fault, match="newest export"):
            check_packet(bagged(payload | {path: payload[path] + b" "}), trusted=trusted)
    with pytest.raises(Fault, match="newest export"):
        check_packet(bagged(payload | {"data/more.txt": b""}), trusted=trusted)


def test_a_packet_is_followed_through_every_key_that_signed(cast: Cast) -> None:
    checkpoint(at=NOW)
    first = _trusted()
    auditor = footing(cast.auditor, at=NOW)
    change_key(auditor)
    change_key(auditor)
    files = _files(_packet(cast))
    assert sum(path.startswith("data/ledger/keys/") for path in files) == 4
    for trusted in (first, _trusted()):
        assert check_packet(files, trusted=trusted).copies == 3
    payload = _inside(files)
    handed = sorted(path for path in payload if path.startswith("data/ledger/keys/"))
    without = {path: content for path, content in payload.items() if path not in handed[:2]}
    with pytest.raises(Fault):
        check_packet(bagged(without), trusted=first)


def test_a_lost_key_begins_the_chain_anew(cast: Cast, settings: Settings) -> None:
    checkpoint(at=NOW)
    first = _trusted()
    for lost in settings.HOME.ledger_keys.iterdir():
        lost.unlink()
    change_key(footing(cast.auditor, at=NOW))
    files = _files(_packet(cast))
    assert check_packet(files, trusted=_trusted()).copies == 3
    with pytest.raises(Fault, match="fingerprint"):
        check_packet(files, trusted=first)


def test_the_export_is_logged_before_and_after_with_to_whom(cast: Cast) -> None:
    packed = _packet(cast)
    begun, done = LedgerEntry.objects.filter(action="packet_exported").order_by("index")
    assert begun.openings.get(field="to").value == "District Attorney"
    assert done.content()["details"]["sha256"] == hashlib.sha256(packed).hexdigest()


def test_a_packet_that_cannot_be_signed_is_logged_as_failed(cast: Cast, settings: Settings) -> None:
    _packet(cast)
    for lost in settings.HOME.ledger_keys.iterdir():
        lost.unlink()
    with pytest.raises(KeyMissing):
        export_packet(footing(cast.detective, at=NOW), CaseFile.objects.get(), to="DA", why="again")
    outcomes = LedgerEntry.objects.filter(action="packet_exported").order_by("index").values_list("outcome", flat=True)
    assert list(outcomes) == ["begun", "done", "begun", "failed"]
    assert len(packets_of(CaseFile.objects.get())) == 1


def test_one_flipped_bit_anywhere_is_found_and_its_file_is_named(cast: Cast) -> None:
    files, trusted, chance = _files(_packet(cast)), _trusted(), random.Random(4)
    for path in sorted(files):
        for _ in range(6):
            content = bytearray(files[path])
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
            with pytest.raises(Fault) as fault:
                check_packet(files | {path: bytes(content)}, trusted=trusted)
            assert path in str(fault.value) or path.startswith(("manifest", "tagmanifest", "bag")), (path, fault.value)


def test_a_file_more_or_less_is_found(cast: Cast) -> None:
    files, trusted = _files(_packet(cast)), _trusted()
    for path in files:
        fewer = {name: content for name, content in files.items() if name != path}
        with pytest.raises((Fault, KeyError)):
            check_packet(fewer, trusted=trusted)
    for extra in ("data/preserved/999.json", "notes.txt"):
        with pytest.raises(Fault):
            check_packet(files | {extra: b"{}"}, trusted=trusted)


def test_who_bags_it_anew_still_cannot_change_what_a_leaf_names(cast: Cast) -> None:
    files, trusted = _files(_packet(cast)), _trusted()
    payload = _inside(files)
    assert bagged(payload) == files
    [hit, *_others] = [path for path in payload if path.startswith("data/preserved/") and path.endswith("hit.json")]
    leaves = sorted(path for path in payload if path.endswith(".leaf.json"))
    record = json.loads(payload[leaves[0]])
    other = {**record, "body": record["body"].replace('"outcome":"done"', '"outcome":"gone"')}
    twice = payload[leaves[0]].replace(b'{"body"', b'{"body":"","body"')
    without = {path: content for path, content in payload.items() if leaves[0][:-9] not in path}
    for changed, problem in (
        (payload | {hit: payload[hit].replace(b"left the scene", b"was elsewhere!")}, "newest export"),
        (payload | {"bag-info.txt": b"External-Identifier: another\n"}, "newest export"),
        (payload | {leaves[0]: verify.canonical(other)}, "does not stand in the tree"),
        (payload | {leaves[0]: twice}, "not written canonically"),
        (payload | {leaves[0]: verify.canonical({**record, "note": "x"})}, "not the leaf that its name says"),
        (payload | {"data/ledger/confession.txt": b"x"}, "belongs in no packet"),
        (payload | {"data/ledger/000000999.leaf.json": payload[leaves[0]]}, "not the leaf that its name says"),
        (without, "not those that the export names"),
    ):
        with pytest.raises(Fault, match=problem):
            check_packet(bagged(changed), trusted=trusted)
    with pytest.raises(Fault, match="fingerprint"):
        check_packet(files, trusted=fingerprint(b"x"))
    hidden = verify.canonical({**record, "openings": {}})
    assert check_packet(bagged(payload | {leaves[0]: hidden}), trusted=trusted).withheld > 0


@pytest.mark.parametrize("harm", ["content", "swapped images", "no image", "no row"])
def test_what_is_no_longer_what_the_ledger_names_is_not_handed_out(harm: str, cast: Cast) -> None:
    _packet(cast)
    become_owner()
    case, kept = CaseFile.objects.get(), Preserved.objects.filter(kind="hit")
    match harm:
        case "content":
            kept.filter(pk=kept[0].pk).update(
                content=bytes(kept[0].content).replace(b"left the scene", b"was elsewhere!")
            )
        case "swapped images":
            one, other = (each.image for each in kept)
            one.content, other.content = other.content, one.content
            one.save()
            other.save()
        case "no image":
            kept[0].image.delete()
        case _:
            kept[1].image.delete()
            kept[1].delete()
    with pytest.raises(RefusedAction, match="Nothing was handed out"):
        export_packet(footing(cast.detective, at=NOW), case, to="DA", why="again")
    acts = LedgerEntry.objects.order_by("-index").values_list("action", "outcome")[:2]
    assert list(acts) == [("action_refused", "refused"), ("packet_exported", "failed")]


def test_a_witness_tells_which_leaves_cannot_have_been_rewritten(cast: Cast) -> None:
    by = footing(cast.auditor, at=NOW)
    first = hand_out(by, how=HandOver.How.FILE, to="County Clerk")[1].decode()
    files, trusted = _files(_packet(cast)), _trusted()
    alone, held = (check_packet(files, trusted=trusted, held=notes) for notes in ([], [first]))
    assert (alone.witnessed, alone.before) == (0, 0)
    assert held.witnessed == read_checkpoint(first).size and held.before == 0  # the case was opened after it
    newest = files["data/ledger/checkpoint.txt"].decode()
    assert check_packet(files, trusted=trusted, held=[first, newest]).before == held.leaves
    assert "rest on the key alone" in " ".join(held.words())
    forged = first.replace(first.splitlines()[2], "A" * 43 + "=")
    with pytest.raises(Fault, match="does not begin with"):
        check_packet(files, trusted=trusted, held=[forged])


def test_a_checkpoint_that_a_packet_says_nothing_of_is_named_beside_all_that_was_checked(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = hand_out(footing(cast.auditor, at=NOW), how=HandOver.How.FILE, to="County Clerk")[1].decode()
    content = _packet(cast)
    files = _files(content)
    newest = files["data/ledger/checkpoint.txt"].decode()
    size = read_checkpoint(newest).size
    later = newest.replace(f"\n{size}\n", f"\n{size + 5}\n")
    checked = check_packet(files, trusted=_trusted(), held=[later, first])
    assert (checked.uncompared, checked.witnessed) == ([size + 5], read_checkpoint(first).size)
    zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    [bag] = [path for path in tmp_path.iterdir() if path.name.startswith("packet")]
    note = tmp_path / "held.txt"
    for held, status in ((first, 0), (later, 1)):
        note.write_text(held, encoding="utf-8")
        assert verify.main([str(bag), "--fingerprint", _trusted(), "--held", str(note)]) == status
        said = capsys.readouterr()
        assert "every byte is the one" in said.out
        assert (f"NOT COMPARED: this says nothing of the held checkpoint of {size + 5} leaves" in said.err) == status
    with pytest.raises(Fault, match="another ledger"):
        check_packet(files, trusted=_trusted(), held=[later.replace("platekeeper/", "other/")])


def test_the_packet_is_checked_on_a_machine_without_the_product(cast: Cast, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(_packet(cast))).extractall(tmp_path)
    [bag] = [path for path in tmp_path.iterdir() if path.name.startswith("packet")]
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(str(verify.__file__)).read_bytes())  # from outside the packet that it judges
    command = [sys.executable, "-I", str(alone), str(bag), "--fingerprint", _trusted()]
    good = subprocess.run(command, capture_output=True, text=True, env={}, check=False)
    assert (good.returncode, good.stderr) == (0, "")
    assert "Case 26-114" in good.stdout
    picture = next((bag / "data" / "preserved").glob("*.jpg"))
    picture.write_bytes(picture.read_bytes() + b"\0")
    bad = subprocess.run(command, capture_output=True, text=True, env={}, check=False)
    assert bad.returncode == 1
    assert picture.name in bad.stderr


def test_nobody_exports_without_saying_to_whom_or_without_the_duty(cast: Cast) -> None:
    by = footing(cast.custodian, at=NOW)
    case = keep_cases.open_case(by, number="1", title="x", offense_class="", is_felony=False)
    with pytest.raises(RefusedAction, match="preserves nothing"):
        export_packet(by, case, to="DA", why="discovery")
    preserve.preserve_hit(by, make_hit(cast), case=case)
    with pytest.raises(RefusedAction, match="to whom"):
        export_packet(by, case, to=" ", why="discovery")
    with pytest.raises(RefusedAction):
        export_packet(footing(cast.auditor, at=NOW), case, to="DA", why="discovery")


def test_the_wrong_place_is_not_called_tampering(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = _packet(cast)
    (tmp_path / "packet.zip").write_bytes(packed)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path / "unpacked")
        folder = tmp_path / "unpacked" / archive.namelist()[0].split("/", maxsplit=1)[0]
    for place, said in (
        (tmp_path / "packet.zip", "unpack it"),
        (folder / "data" / "ledger", "name the one with bagit.txt"),
        (tmp_path / "unpacked", "name the one with bagit.txt"),
    ):
        assert verify.main([str(place), "--fingerprint", _trusted()]) == 2
        assert said in capsys.readouterr().err
    assert verify.main([str(folder), "--fingerprint", _trusted()]) == 0
