"""Exports and packets changed at will, as JSON and as bytes: found out with a fault, or they say what they said before.

`PLATEKEEPER_VERIFY_FUZZ` sets the number of examples of each test.
"""

from __future__ import annotations

import copy
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platekeeper import verify
from platekeeper.server.ledger.lookups import key, last_checkpoint
from platekeeper.server.procedures import keep_cases, preserve, sign_ledger
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.export_packet import export_packet
from platekeeper.verify import Fault, canonical, check_export, check_packet, fingerprint, main
from tests.bags import bagged, content_of
from tests.cast import assemble
from tests.web.making import make_hit

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
EXAMPLES = int(os.environ.get("PLATEKEEPER_VERIFY_FUZZ", "300"))
REPORTED = (Fault, KeyError, ValueError, TypeError, AttributeError, RecursionError)
"""What `main` reports as WRONG; a UnicodeDecodeError is a ValueError."""
Draw = Callable[[Any], Any]
fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


class Handed(NamedTuple):
    """What a department hands out, and what somebody outside holds of it."""

    lines: list[str]
    first: str
    held: str
    files: dict[str, bytes]
    signing: str


_made: list[Handed] = []
"""Made once, and no argument of a test: Hypothesis would write it out, and stop at its length."""


@pytest.fixture
def handed(own_home: object, db: None) -> Handed:
    """Return an export over a hand-over of keys and a packet of two copies, made once."""
    if not _made:
        with transaction.atomic():
            _made.append(_hand_out())
            transaction.set_rollback(True)
    return _made[0]


def _hand_out() -> Handed:
    cast = assemble()
    by = footing(cast.custodian, at=NOW)
    case = keep_cases.open_case(by, number="26-114", title="Hit and run", offense_class="felony", is_felony=True)
    preserve.preserve_hit(by, make_hit(cast, steps=("image_verified",)), case=case)
    sign_ledger.checkpoint(at=NOW)
    sign_ledger.change_key(footing(cast.auditor, at=NOW + timedelta(minutes=1)))
    later = footing(cast.custodian, at=NOW + timedelta(minutes=2))
    preserve.preserve_hit(later, make_hit(cast), case=case)
    archive = zipfile.ZipFile(
        io.BytesIO(content_of(export_packet(later, case, to="District Attorney", why="discovery")))
    )
    lines, signing, newest = list(sign_ledger.export(None, openings=True, at=NOW)), key(), last_checkpoint()
    assert signing is not None
    assert newest is not None
    return Handed(
        lines=lines, first=sign_ledger.first_fingerprint(), held=newest.note,
        files={name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()},
        signing=fingerprint(bytes(signing.public_key)),
    )  # fmt: skip


# ---- changes of JSON: any value anywhere replaced, taken away, doubled, moved or nested

SMALL = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 9), st.integers(), st.just(0.5), st.text(max_size=6), st.just("\ud800"),
    st.just([]), st.just({}), st.just("AA=="), st.just("2026-01-01T00:00:00+00:00"),
)  # fmt: skip
VALUES = SMALL | st.lists(SMALL, max_size=2) | st.dictionaries(st.text(max_size=3), SMALL, max_size=2)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for name in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from _places(value[name], (*path, name))


def _inside(text: object) -> Any:
    """Return the JSON that a text holds, a leaf's body, or nothing."""
    try:
        found = json.loads(text) if isinstance(text, str) and text.startswith("{") else None
    except ValueError:
        return None
    return found


def _changed(draw: Draw, value: Any) -> Any:
    """Return plain data with one change somewhere, at times inside the JSON that a text in it holds."""
    value = copy.deepcopy(value)
    *above, last = draw(st.sampled_from([path for path in _places(value) if path]))
    holder = value
    for name in above:
        holder = holder[name]
    inner = _inside(holder[last])
    match draw(st.sampled_from(["inside", "inside", "replace", "remove", "double", "nest", "edit"])):
        case "inside" if inner:
            holder[last] = _written(_changed(draw, inner))
        case "remove":
            del holder[last]
        case "double" if isinstance(holder, dict):
            holder[f"{last}2"] = holder[last]
        case "double":
            holder.append(holder[last])
        case "nest":
            holder[last] = [holder[last]]
        case "edit" if isinstance(holder[last], str) and holder[last]:
            at = draw(st.integers(0, len(holder[last]) - 1))
            holder[last] = holder[last][:at] + draw(st.text(max_size=2)) + holder[last][at + 1 :]
        case _:
            holder[last] = draw(VALUES)
    return value


def _written(value: Any) -> str:
    """Return JSON: canonical where that is possible, so that the change is not found out by its dress alone."""
    try:
        return canonical(value).decode()
    except (TypeError, ValueError):
        return json.dumps(value)


# ---- exports


def _said(lines: list[str]) -> tuple[list[Any], list[tuple[int, str, str]]]:
    """Return what an export says: its leaves, and what is shown of them."""
    leaves = [record for line in lines if (record := json.loads(line))["kind"] == "leaf"]
    shown = [(leaf["index"], name, opening["value"]) for leaf in leaves for name, opening in leaf["openings"].items()]
    return [leaf["body"] for leaf in leaves], shown


def _export(draw: Draw, lines: list[str]) -> list[str]:
    changed = list(lines)
    for _ in range(draw(st.integers(1, 2))):
        if not changed:
            break
        at, other = (draw(st.integers(0, len(changed) - 1)) for _ in range(2))
        match draw(st.sampled_from(["change", "change", "change", "remove", "double", "swap", "cut", "bytes"])):
            case "change" if isinstance(record := _inside(changed[at]), dict) and record:
                changed[at] = _written(_changed(draw, record)) + "\n"
            case "remove":
                del changed[at]
            case "double":
                changed.insert(other, changed[at])
            case "swap":
                changed[at], changed[other] = changed[other], changed[at]
            case "cut":
                changed = changed[:at]
            case _ if changed[at]:
                place = draw(st.integers(0, len(changed[at]) - 1))
                changed[at] = changed[at][:place] + draw(st.text(max_size=2)) + changed[at][place + 1 :]
    return changed


@pytest.mark.usefixtures("handed")
@fuzzed
@given(data=st.data())
def test_an_export_that_is_accepted_says_what_it_said(data: st.DataObject) -> None:
    [handed] = _made
    changed = _export(data.draw, handed.lines)
    try:
        verdict = check_export(changed, trusted=handed.first, held=[handed.held])
    except REPORTED:
        return
    (leaves, shown), (leaves_then, shown_then) = _said(handed.lines), _said(changed)
    assert leaves_then == leaves
    assert set(shown_then) <= set(shown)  # openings may be withheld, and their number is said
    assert verdict.withheld == len(shown) - len(shown_then)


# ---- packets, packed anew by whoever changed them


def _payload(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path.startswith("data/") or path == "bag-info.txt"}


def _exported(payload: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in payload.items() if not path.startswith("data/ledger/")}


def _leaves(payload: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return what is shown of each leaf, by its body."""
    records = (json.loads(content) for path, content in payload.items() if path.endswith(".leaf.json"))
    return {record["body"]: record["openings"] for record in records}


NAMES = st.sampled_from([
    "data/preserved/9-hit.json", "data/ledger/000000000.leaf.json", "data/ledger/x.txt", "data/x", "data/a\nb",
    "data/a\u2028  b", "data/", "data/\ud800", "data/ledger/consistency/000000003.json",
])  # fmt: skip


def _packed(draw: Draw, payload: dict[str, bytes]) -> dict[str, bytes]:
    changed = dict(payload)
    for _ in range(draw(st.integers(1, 2))):
        path, other = (draw(st.sampled_from(sorted(changed))) for _ in range(2))
        content = changed[path]
        match draw(st.sampled_from(["change", "change", "change", "bytes", "remove", "swap", "name"])):
            case "change" if isinstance(record := _inside(content.decode(errors="replace")), dict) and record:
                changed[path] = _written(_changed(draw, record)).encode(errors="surrogatepass")
            case "remove":
                del changed[path]
            case "swap":
                changed[path], changed[other] = changed[other], content
            case "name":
                changed[draw(NAMES)] = content
            case _ if content:
                at = draw(st.integers(0, len(content) - 1))
                changed[path] = content[:at] + draw(st.binary(max_size=2)) + content[at + 1 :]
    return changed


@pytest.mark.usefixtures("handed")
@fuzzed
@given(data=st.data())
def test_a_packet_packed_anew_that_is_accepted_has_the_copies_and_leaves_it_had(data: st.DataObject) -> None:
    [handed] = _made
    payload = _payload(handed.files)
    changed = _packed(data.draw, payload)
    try:
        packet = check_packet(bagged(changed), trusted=handed.signing)
    except REPORTED:
        return
    assert packet.case == "26-114"
    assert packet.signed == verify.read_checkpoint(payload["data/ledger/checkpoint.txt"].decode()).size
    assert _exported(changed) == _exported(payload)
    shown, shown_then = (_leaves(files) for files in (payload, changed))
    assert shown_then.keys() == shown.keys()
    assert all(openings.items() <= shown[body].items() for body, openings in shown_then.items())  # some may be withheld


@pytest.mark.usefixtures("handed")
@fuzzed
@given(data=st.data())
def test_a_packet_that_was_not_packed_anew_has_every_byte_it_had(data: st.DataObject) -> None:
    [handed] = _made
    inside = {path: content for path, content in handed.files.items() if path.startswith("data/")}
    files = {path: content for path, content in handed.files.items() if path not in inside} | _packed(data.draw, inside)
    if data.draw(st.booleans()):
        at = data.draw(st.sampled_from(sorted(handed.files)))
        files[at] = data.draw(st.sampled_from([files.get(at, b"") * 2, b"", b"\xff", files.get(at, b"") + b"\n"]))
    try:
        check_packet(files, trusted=handed.signing)
    except REPORTED:
        return
    assert files == handed.files


def test_a_packet_packed_anew_under_another_number_is_of_no_case(handed: Handed) -> None:
    payload = _payload(handed.files)
    other = payload["data/case.json"].replace(b"26-114", b"26-115")
    with pytest.raises(Fault, match="newest export"):
        check_packet(bagged(payload | {"data/case.json": other}), trusted=handed.signing)


@pytest.mark.parametrize("name", ["a\nb", "a\u2028b", "\n", "a  b\x85c"])
def test_a_file_of_a_name_in_several_lines_is_named_as_wrong(handed: Handed, name: str) -> None:
    files = bagged(_payload(handed.files) | {f"data/{name}": b"1"})
    manifest = files["manifest-sha256.txt"].decode()
    first, *_rest = f"data/{name}".splitlines()
    cut = "".join(line for line in manifest.splitlines(keepends=True) if first in line or line.startswith("#"))
    with pytest.raises(Fault):
        check_packet(files | {"manifest-sha256.txt": cut.encode()}, trusted=handed.signing)


# ---- what has no bottom, and what main says


@pytest.mark.parametrize("deep", ['{"a":' * 100_000, "[" * 100_000, '{"kind":' + "[" * 50_000 + "]" * 50_000 + "}"])
def test_json_without_a_bottom_is_wrong_and_no_crash(
    handed: Handed, tmp_path: Path, capsys: pytest.CaptureFixture[str], deep: str
) -> None:
    export, folder = tmp_path / "deep.jsonl", tmp_path / "packet"
    export.write_text("".join(handed.lines[:2]) + deep + "\n")
    bag = bagged(_payload(handed.files) | {"data/ledger/key.json": deep.encode()})
    for path, content in bag.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    for checked in (export, folder):
        assert main([str(checked), "--fingerprint", handed.first]) == 1
        assert "WRONG" in capsys.readouterr().err
