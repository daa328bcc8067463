"""`platekeeper reads import`: from files into the store, by itself or through a server that runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from platekeeper.server.api import first, patience
from platekeeper.server.api.patience import READS
from platekeeper.server.cli.main import main
from platekeeper.server.equipment.models import LPR
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.policy import changes as policy
from platekeeper.server.procedures import receive_reads
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import DeadLetter
from tests.cast import FOUNDED, Cast

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
JPEG, CROP = b"\xff\xd8\xff\xe0 overview", b"\xff\xd8\xff\xe0 crop"
Said = pytest.CaptureFixture[str]


@pytest.fixture
def department(cast: Cast, tmp_path: Path, capsys: Said) -> tuple[Path, Said]:
    return tmp_path, capsys


def csv(folder: Path, count: int, *, more: str = "", header: str = "plate,captured_at") -> Path:
    """Write a file of reads, a second apart."""
    rows = (f"AB{number:05d},{(NOW + timedelta(seconds=number)).isoformat()}" for number in range(count))
    (folder / "reads.csv").write_text("\n".join([header, *rows]) + f"\n{more}")
    return folder / "reads.csv"


def load(file: Path, *words: str, format: str = "csv", lpr: str = "Bridge Street east") -> int:
    """Run the command."""
    return main(["reads", "import", str(file), "--lpr", lpr, "--format", format, *words])


def plates() -> set[str]:
    """Return what is stored."""
    return {read.row.raw for read in read_store().recent(3000)}


def imports() -> list[tuple[str, int]]:
    """Return how each import stands in the ledger, and how many reads it stored."""
    entries = LedgerEntry.objects.filter(action="reads_imported").order_by("index")
    return [(entry.outcome, entry.content()["details"].get("stored", -1)) for entry in entries]


def test_a_file_is_imported_in_batches_and_can_be_repeated(cast: Cast, tmp_path: Path, capsys: Said) -> None:
    file = csv(tmp_path, 2500, more="BAD,soon\nOLD,1999-01-01T00:00:00Z\n")
    assert load(file) == 0
    assert "2500 stored, 0 known already, 1 not understood" in capsys.readouterr().out
    assert (len(plates()), DeadLetter.objects.get().reason[:10]) == (2500, "row 2502: ")
    assert LedgerEntry.objects.filter(action="reads_received").count() == 3
    assert load(file) == 0
    assert "0 stored, 2500 known already" in capsys.readouterr().out
    assert (len(plates()), DeadLetter.objects.get().times) == (2500, 2)
    assert imports() == [("begun", -1), ("done", 2500), ("begun", -1), ("done", 0)]


def test_columns_are_mapped(cast: Cast, tmp_path: Path) -> None:
    assert load(csv(tmp_path, 3, header="Tag,When"), "--map", "plate=tag", "--map", "captured_at=When") == 0
    assert len(plates()) == 3


def test_json_lines(cast: Cast, tmp_path: Path) -> None:
    told = {"plate": "ABC1234", "captured_at": NOW.isoformat(), "event_id": "e"}
    (tmp_path / "reads.jsonl").write_text(f"{json.dumps(told)}\n{{half\n{json.dumps({**told, 'event_id': 'f'})}\n")
    assert load(tmp_path / "reads.jsonl", format="jsonlines") == 0
    assert (len(read_store().recent(9)), DeadLetter.objects.count()) == (2, 1)


def elsag(folder: Path) -> list[str]:
    """Write the tables of an Elsag database and its pictures; return the words that name them."""
    rows = (f"{number},AB{number},1,{(NOW + timedelta(seconds=number)).isoformat()},43.0,-76.1" for number in range(5))
    (folder / "elsag.csv").write_text("\n".join(["read_id,plate,device_id,read_date,lat,lon", *rows]) + "\n")
    table = (
        "image_id,read_id,plate_image_type,path\n10,1,2,\n11,1,1,\n20,2,1,sub\\car.png\n30,3,1,../secret.jpg\n40,4,1,\n"
    )
    (folder / "images.csv").write_text(table)
    pictures = folder / "pictures"
    (pictures / "sub").mkdir(parents=True)
    for name, content in (("10.jpg", CROP), ("11.JPG", JPEG), ("sub/car.png", CROP), ("../secret.jpg", JPEG)):
        (pictures / name).write_bytes(content)
    return ["--images", str(folder / "images.csv"), "--image-folder", str(pictures)]


def test_elsag_reads_with_their_pictures(cast: Cast, tmp_path: Path, capsys: Said) -> None:
    words = elsag(tmp_path)
    for _ in range(2):
        assert load(tmp_path / "elsag.csv", *words, format="elsag") == 0
    said = capsys.readouterr()
    assert "0 stored, 5 known already" in said.out
    assert "2 images are named in the table but not in" in said.err  # one outside the folder, one not there
    store = read_store()
    found = {read.row.raw: store.image_of(read.row) for read in store.recent(9)}
    assert found == {"AB0": None, "AB1": JPEG, "AB2": CROP, "AB3": None, "AB4": None}
    assert {read.row.event for read in store.recent(9)} == set("01234")


@pytest.mark.parametrize(
    ("content", "words", "named"),
    [
        ("plate\nA\n", [], "row 1: captured_at: no column named captured_at or timestamp"),
        ("", [], "no column named"), ("plate,captured_at\nA,soon\nB,\n", [], "None of the first 2 rows is understood: row 2"),
        ("plate,captured_at\n", ["--map", "plate=Tag"], "no column named Tag"),
        ("plate,captured_at\n", ["--map", "plate"], "write OURS=THEIRS"), ("", ["--map", "color=x"], "OURS is one of"),
        ("", ["--images", "x"], "go together"), ("x", ["--server", "ftp://x"], "needs the LPR's key"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_explained_and_nothing_is_stored(
    content: str, words: list[str], named: str, department: tuple[Path, Said]
) -> None:
    tmp_path, capsys = department
    (tmp_path / "reads.csv").write_text(content)
    assert load(tmp_path / "reads.csv", *words) == 1
    said = capsys.readouterr()
    assert (named in said.err, "Nothing was stored." in said.err, said.out) == (True, True, "")
    assert (plates(), DeadLetter.objects.count()) == (set(), 0)


def test_an_lpr_or_a_file_that_is_not_there_is_named(cast: Cast, tmp_path: Path, capsys: Said) -> None:
    assert load(csv(tmp_path, 1), lpr="Car 99") == 1
    assert "There are: Bridge Street east." in capsys.readouterr().err
    assert load(tmp_path / "none.csv") == 1
    assert "there is no such file" in capsys.readouterr().err


def test_a_blank_of_the_policy_refuses_and_the_ledger_says_so(cast: Cast, tmp_path: Path, capsys: Said) -> None:
    draft = policy.open_draft(at=FOUNDED)
    policy.fill(draft, key="VI.k.ceiling", value=None)
    policy.adopt(draft, at=FOUNDED, by=cast.chief.pk, by_name="C", effective_at=FOUNDED)
    assert load(csv(tmp_path, 1)) == 1
    assert "Refused under VI.k" in capsys.readouterr().err
    assert imports() == [("begun", -1), ("failed", 0)]


def test_while_the_server_runs_it_says_what_to_do(cast: Cast, tmp_path: Path, capsys: Said) -> None:
    home = read_store()
    with home.writer():
        assert load(csv(tmp_path, 1)) == 1
    assert "send through it: --server" in capsys.readouterr().err


def test_through_the_server_it_is_the_same(cast: Cast, live_server: LiveServer, tmp_path: Path, capsys: Said) -> None:
    words = elsag(tmp_path)
    (tmp_path / "key").write_text(f"{cast.lpr_key}\n")
    through = ["--server", live_server.url, "--key-file", str(tmp_path / "key")]
    assert load(tmp_path / "elsag.csv", *words, *through, format="elsag") == 0
    assert load(csv(tmp_path, 1200, more="BAD,soon\n"), *through) == 0
    assert load(tmp_path / "elsag.csv", *words, *through, format="elsag") == 0
    assert "0 stored, 5 known already" in capsys.readouterr().out
    assert "row 1202" in bytes(DeadLetter.objects.get().payload).decode()
    receive_reads.close_intakes()
    assert load(tmp_path / "elsag.csv", *words, format="elsag") == 0  # by itself: the same reads
    assert "0 stored, 5 known already" in capsys.readouterr().out
    store = read_store()
    assert store.image_of(next(read for read in store.recent(3000) if read.row.raw == "AB1").row) == JPEG
    assert imports()[-1] == ("done", 0)


def test_a_file_of_more_than_the_server_takes_within_a_minute_is_waited_for(
    cast: Cast, live_server: LiveServer, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(READS, "most", 1000)
    monkeypatch.setattr(patience, "WITHIN", 2.0)
    monkeypatch.setattr(first, "AGAIN", "1")
    READS.forget()
    monkeypatch.setenv("PLATEKEEPER_LPR_KEY", cast.lpr_key)
    assert load(csv(tmp_path, 2500), "--server", live_server.url) == 0
    said = capsys.readouterr()
    assert "2500 stored, 0 known already" in said.out
    assert said.err.count("429: This LPR sends more than 1,000 reads within a minute.") == 1
    READS.forget()


def test_the_key_must_be_that_lprs(cast: Cast, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATEKEEPER_LPR_KEY", cast.lpr_key)
    LPR.objects.create(name="Car 12", kind="mobile", zone="America/New_York", added_at=FOUNDED)
    assert load(csv(tmp_path, 1), "--server", "http://127.0.0.1:1", lpr="Car 12") == 1
    assert "the key is not that of Car 12" in capsys.readouterr().err
    assert load(csv(tmp_path, 1), "--server", "http://127.0.0.1:1") == 1
    assert "The server at http://127.0.0.1:1 does not take it" in capsys.readouterr().err
    assert imports() == [("begun", -1), ("failed", 0)]
