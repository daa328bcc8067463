"""Checkpoints, proofs, exports and the change of keys, on the real ledger; checked by the stand-alone file."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from pytest_django import Settings

from platekeeper import verify
from platekeeper.core.ledger import tree_root
from platekeeper.core.ledger.notes import checkpoint
from platekeeper.server.cli.main import main
from platekeeper.server.ledger import lookups, signing, tree
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.chain import first_key, key_chain
from platekeeper.server.ledger.changes import append
from platekeeper.server.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerOpening
from platekeeper.server.procedures import sign_ledger
from platekeeper.server.procedures.authority import RefusedAction, footing
from platekeeper.server.storage.home import Home
from platekeeper.verify import Fault, Verdict, canonical, check_export, fingerprint, opened
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


def _act(cast: Cast, count: int, *, at: datetime = NOW) -> None:
    by = footing(cast.detective, at=at)
    for number in range(count):
        with transaction.atomic():
            append(
                at=at + timedelta(seconds=number), by=by.actor, action=Action.QUERY_BEGUN, subject=f"query:{number}",
                sealed={"plate": f"ABC{number}"}, policy=by.policy.stamp,
            )  # fmt: skip


def _exported(*, openings: bool = True) -> list[str]:
    return list(sign_ledger.export(None, openings=openings, at=NOW))


def test_a_checkpoint_covers_every_leaf_and_is_laid_out_for_a_witness(cast: Cast, settings: Settings) -> None:
    _act(cast, 7)
    signed = sign_ledger.checkpoint(at=NOW)
    leaves = [bytes(leaf) for leaf in LedgerEntry.objects.values_list("leaf_hash", flat=True)]
    key = first_key()
    assert key is not None
    found = opened(signed.note, {key.origin: [bytes(key.public_key)]})
    assert (found.origin, found.size) == ("platekeeper/harbor-falls-police-department", len(leaves))
    assert found.root == tree_root(leaves) == tree.root(len(leaves))
    assert (settings.HOME.witnessed / f"{found.size:012d}.txt").read_text() == signed.note


def test_without_a_new_leaf_the_last_checkpoint_stands(cast: Cast) -> None:
    assert sign_ledger.checkpoint(at=NOW) == sign_ledger.checkpoint(at=NOW + timedelta(minutes=1))
    _act(cast, 1)
    sign_ledger.checkpoint(at=NOW + timedelta(minutes=2))
    assert LedgerCheckpoint.objects.count() == 2


@pytest.mark.parametrize("steps", [(1, 1, 1), (3, 5), (16,), (15, 1, 17)])
def test_every_leaf_is_proven_under_the_newest_checkpoint(steps: tuple[int, ...], cast: Cast) -> None:
    for step in steps:
        _act(cast, step)
        sign_ledger.checkpoint(at=NOW)
    newest = lookups.last_checkpoint()
    assert newest is not None
    covering = verify.read_checkpoint(newest.note)
    for entry in LedgerEntry.objects.all():
        head, _, note = lookups.proof_of(entry.pk).partition("\n\n")
        assert note == newest.note
        path = [base64.b64decode(line) for line in head.split("\n")[2:]]
        root = verify.root_of_inclusion(bytes(entry.leaf_hash), index=entry.pk, size=covering.size, proof=path)
        assert root == covering.root
    with pytest.raises(ValueError, match="no checkpoint covers"):
        lookups.proof_of(covering.size)


def test_an_export_verifies_with_sealed_values_shown_withheld_or_expired(cast: Cast) -> None:
    _act(cast, 5)
    trusted = (sign_ledger.checkpoint(at=NOW), sign_ledger.first_fingerprint())[1]
    LedgerOpening.objects.filter(field="plate").first().delete()  # type: ignore[union-attr] # has expired
    shown = check_export(_exported(), trusted=trusted)
    assert shown.withheld == 1
    withheld = check_export(_exported(openings=False), trusted=trusted)
    assert withheld.withheld > 5
    assert "All of it is held by no witness yet" in "\n".join(withheld.words())


def test_the_key_is_changed_and_the_old_one_hands_over(cast: Cast, settings: Settings) -> None:
    sign_ledger.checkpoint(at=NOW)
    first = sign_ledger.first_fingerprint()
    with pytest.raises(RefusedAction):
        sign_ledger.change_key(footing(cast.officer, at=NOW))
    sign_ledger.change_key(footing(cast.auditor, at=NOW + timedelta(minutes=1)))
    _act(cast, 3)
    verdict = check_export(_exported(), trusted=first)
    assert len(verdict.keys) == 2
    assert len(list(settings.HOME.ledger_keys.iterdir())) == 1  # the old key is gone


def test_the_newest_checkpoint_and_the_last_of_each_day_stay_laid_out(cast: Cast, settings: Settings) -> None:
    for hours in (0, 1, 24, 25, 26):
        _act(cast, 2)
        sign_ledger.checkpoint(at=NOW + timedelta(hours=hours))
    sign_ledger.checkpoint(at=NOW + timedelta(hours=27))  # nothing was done since
    notes = list(LedgerCheckpoint.objects.order_by("size").values_list("note", flat=True))
    assert len(notes) == 5
    laid_out = [path.read_text() for path in sorted(settings.HOME.witnessed.iterdir())]
    assert laid_out == [notes[1], notes[4]]


def test_keys_follow_each_other_as_they_signed_whatever_the_clock_says(cast: Cast) -> None:
    """Of two who change it at the same moment the later one may have come first, and clocks are set back."""
    sign_ledger.checkpoint(at=NOW)
    trusted = sign_ledger.first_fingerprint()
    for back in (1, 2):
        sign_ledger.change_key(footing(cast.auditor, at=NOW - timedelta(seconds=back)))
    assert sign_ledger.first_fingerprint() == trusted
    assert len(check_export(_exported(), trusted=trusted).keys) == 3
    first, handed_over = key_chain()
    assert (fingerprint(bytes(first.public_key)), len(handed_over)) == (trusted, 2)


def test_after_a_lost_key_exports_verify_by_the_key_with_which_the_chain_begins_anew(
    cast: Cast, settings: Settings
) -> None:
    _act(cast, 2)
    held, lost = sign_ledger.checkpoint(at=NOW).note, sign_ledger.first_fingerprint()
    for path in settings.HOME.ledger_keys.iterdir():
        path.unlink()
    sign_ledger.change_key(footing(cast.auditor, at=NOW))
    trusted = sign_ledger.first_fingerprint()
    assert trusted != lost
    _act(cast, 2)
    sign_ledger.change_key(footing(cast.auditor, at=NOW))
    assert sign_ledger.first_fingerprint() == trusted
    verdict = check_export(_exported(), trusted=trusted, held=[held])
    assert (verdict.leaves, len(verdict.keys)) == (LedgerEntry.objects.count(), 2)
    assert verdict.witnessed == verify.read_checkpoint(held).size
    with pytest.raises(Fault, match="fingerprint"):
        check_export(_exported(), trusted=lost)


def test_without_its_key_nothing_is_signed(cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    sign_ledger.checkpoint(at=NOW)
    for path in settings.HOME.ledger_keys.iterdir():
        path.unlink()
    _act(cast, 1)
    with pytest.raises(signing.KeyMissing):
        sign_ledger.checkpoint(at=NOW)
    assert main(["ledger", "checkpoint"]) == 1
    assert "Put it back, or change the key" in capsys.readouterr().err


# ---- a thousand ways to rewrite an export

Records = list[dict[str, object]]


def _lines(records: Records) -> list[str]:
    return [canonical(record).decode() + "\n" for record in records]


def _leaves(records: Records) -> list[int]:
    return [place for place, record in enumerate(records) if record["kind"] == "leaf"]


def _edit(records: Records, chance: random.Random) -> Records:
    place = chance.choice(_leaves(records))
    body = json.loads(str(records[place]["body"]))
    body[chance.choice(["subject", "at", "action", "purpose", "case"])] = f"x{chance.random()}"
    records[place]["body"] = canonical(body).decode()
    return records


def _delete(records: Records, chance: random.Random) -> Records:
    del records[chance.choice(_leaves(records))]
    return records


def _delete_and_renumber(records: Records, chance: random.Random) -> Records:
    del records[chance.choice(_leaves(records))]
    return _renumbered(records)


def _insert(records: Records, chance: random.Random) -> Records:
    place = chance.choice(_leaves(records))
    records.insert(place, dict(records[chance.choice(_leaves(records))]))
    return _renumbered(records)


def _reorder(records: Records, chance: random.Random) -> Records:
    one, other = chance.sample(_leaves(records), 2)
    records[one]["body"], records[other]["body"] = records[other]["body"], records[one]["body"]
    records[one]["openings"], records[other]["openings"] = records[other]["openings"], records[one]["openings"]
    return records


def _truncate(records: Records, chance: random.Random) -> Records:
    return records[: chance.randrange(1, len(records))]


def _roll_back(records: Records, chance: random.Random) -> Records:
    ends = [place for place, record in enumerate(records[:-1]) if record["kind"] == "checkpoint"]
    return records[: chance.choice(ends) + 1]


def _opening(records: Records, chance: random.Random) -> Records:
    shown = [place for place in _leaves(records) if records[place]["openings"]]
    openings = records[chance.choice(shown)]["openings"]
    assert isinstance(openings, dict)
    openings[chance.choice(list(openings))]["value"] = "somebody else"
    return records


def _renumbered(records: Records) -> Records:
    for number, place in enumerate(_leaves(records)):
        records[place]["index"] = number
    return records


def _re_signed(records: Records, chance: random.Random, *, home: Home) -> Records:
    """Let the key holder rewrite one leaf and sign everything anew."""
    records = _edit(records, chance)
    return _signed_anew(records, home=home)


def _signed_anew(records: Records, *, home: Home) -> Records:
    [path] = home.ledger_keys.iterdir()
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text()))
    tree, origin = verify.Frontier(), str(records[0]["origin"])
    for record in records:
        if record["kind"] == "leaf":
            tree.append(verify.entry_hash(str(record["body"]).encode()))
        elif record["kind"] == "checkpoint":
            public = signing.public_of(private)
            record["note"] = checkpoint(
                origin=origin, size=tree.size, root=tree.root(), public=public, sign=private.sign
            )
    return records


MUTATIONS: tuple[Callable[[Records, random.Random], Records], ...] = (
    _edit, _delete, _delete_and_renumber, _insert, _reorder, _truncate, _roll_back, _opening,
)  # fmt: skip


def test_a_thousand_rewrites_are_all_found_out(cast: Cast, settings: Settings) -> None:
    for _round in range(4):
        _act(cast, 6)
        sign_ledger.checkpoint(at=NOW)
    lines, trusted = _exported(), sign_ledger.first_fingerprint()
    newest = lookups.last_checkpoint()
    assert newest is not None
    held = [newest.note]
    assert check_export(lines, trusted=trusted, held=held).witnessed == newest.size
    chance, missed = random.Random(20), []
    for number in range(1000):
        records = [json.loads(line) for line in lines]
        mutate = MUTATIONS[number % len(MUTATIONS)] if number % 9 else None
        changed = mutate(records, chance) if mutate else _re_signed(records, chance, home=settings.HOME)
        if _passes(_lines(changed), trusted, held):
            missed.append(mutate.__name__ if mutate else "re-signed")
    assert not missed


def test_the_horizon_is_the_newest_checkpoint_that_somebody_else_holds(cast: Cast, settings: Settings) -> None:
    """What the key holder rewrites before it is found out; what they rewrite after it is not, and the verdict says so."""
    _act(cast, 6)
    old = sign_ledger.checkpoint(at=NOW).note
    _act(cast, 6)
    lines, trusted = _exported(), sign_ledger.first_fingerprint()
    boundary = verify.read_checkpoint(old).size
    for index, is_found in ((boundary - 1, True), (boundary, False)):
        records = [json.loads(line) for line in lines]
        [place] = [place for place in _leaves(records) if records[place]["index"] == index]
        body = json.loads(str(records[place]["body"]))
        body["case"] = "rewritten"
        records[place]["body"] = canonical(body).decode()
        rewritten = _lines(_signed_anew(records, home=settings.HOME))
        assert (_passes(rewritten, trusted, [old]) is None) is is_found
    verdict = check_export(lines, trusted=trusted, held=[old])
    assert verdict.witnessed == boundary
    assert "What follows is held by no witness yet" in "\n".join(verdict.words())


def _passes(lines: list[str], trusted: str, held: list[str]) -> Verdict | None:
    try:
        return check_export(lines, trusted=trusted, held=held)
    except (Fault, KeyError, ValueError, TypeError, AttributeError):
        return None


def test_no_single_bit_of_an_export_can_be_flipped(cast: Cast) -> None:
    _act(cast, 2)
    content = "".join(_exported()).encode()
    trusted = sign_ledger.first_fingerprint()
    chance = random.Random(3)
    for _ in range(1000):
        flipped = bytearray(content)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        try:
            text = bytes(flipped).decode()
        except UnicodeDecodeError:
            continue
        assert not _passes(text.splitlines(keepends=True), trusted, [])


def test_the_file_stands_alone(cast: Cast, tmp_path: Path) -> None:
    _act(cast, 3)
    export, held = tmp_path / "ledger.jsonl", tmp_path / "held.txt"
    held.write_text(sign_ledger.checkpoint(at=NOW).note)
    export.write_text("".join(_exported()))
    alone = tmp_path / "elsewhere" / "verify.py"
    alone.parent.mkdir()
    alone.write_text(Path(str(verify.__file__)).read_text())

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", str(alone), *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=alone.parent, env={}, check=False)

    trusted = ["--fingerprint", sign_ledger.first_fingerprint(), "--held", str(held)]
    good = run(str(export), *trusted)
    assert (good.returncode, good.stderr) == (0, "")
    assert "cannot have been rewritten" in good.stdout
    assert run(str(export), "--fingerprint", fingerprint(b"x")).returncode == 1
    export.write_text(export.read_text().replace("query:1", "query:9", 1))
    bad = run(str(export), *trusted)
    assert bad.returncode == 1
    assert "WRONG" in bad.stderr
    assert run(str(tmp_path / "nothing"), *trusted).returncode == 2
