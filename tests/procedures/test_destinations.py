"""Where transfers go: a server takes files and gives a receipt; whatever else it answers ends in a clear state."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest

from platekeeper.core.transfer import LONGEST_LINE
from platekeeper.server.gateways import destinations
from platekeeper.server.gateways.destinations import destination
from platekeeper.server.gateways.sender import NotDelivered


class _County(BaseHTTPRequestHandler):
    """Takes what is put; says what its test wants it to."""

    taken: dict[str, tuple[str | None, bytes]] = {}

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if "strange" in self.path:
            self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
            return
        if "elsewhere" in self.path:
            self.send_response(302)
            self.send_header("Location", "/t/stolen")
            self.end_headers()
            return
        self.taken[self.path] = (self.headers["Authorization"], content)
        self._answer(b"")

    def do_GET(self) -> None:
        if "slow" in self.path:
            self._drip(b"HTTP/1.0 200 OK\r\n" + (b"\r\n" if "body" in self.path else b""))
        elif "none" in self.path:
            self.send_error(404)
        else:
            self._answer(b"x" * 10_000_000 if "huge" in self.path else b"a receipt")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):  # who asked has read enough
            self.wfile.write(body)

    def _drip(self, begun: bytes) -> None:
        with suppress(OSError):
            self.wfile.write(begun)
            while True:
                self.wfile.write(b"x")
                sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def county() -> Iterator[str]:
    _County.taken = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), _County) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/lpr"
        server.shutdown()
        thread.join()


def test_a_server_takes_files_under_its_token_and_gives_a_receipt(county: str, tmp_path: Path) -> None:
    (file := tmp_path / "reads.csv").write_bytes(b"a,b\r\n")
    place = destination(county, token="t0ken")
    place.put("ab12", "reads.csv", file)
    assert _County.taken == {"/lpr/ab12/reads.csv": ("Bearer t0ken", b"a,b\r\n")}
    assert place.receipt("ab12") == b"a receipt"
    assert place.receipt("none") is None
    assert len(place.receipt("huge") or b"") == LONGEST_LINE + 1, "no more is read than a receipt can have"
    with pytest.raises(NotDelivered, match="302"):
        place.put("elsewhere", "reads.csv", file)


def test_what_is_no_answer_is_said_to_be_none(county: str, tmp_path: Path) -> None:
    (file := tmp_path / "reads.csv").write_bytes(b"a,b\r\n")
    for place in (destination(county), destination(f"{county}/a b"), destination(county, token="a\nb")):
        with pytest.raises(NotDelivered, match="no answer"):
            place.put("strange", "reads.csv", file)


def test_a_server_that_is_down_is_said_to_be_not_there(tmp_path: Path) -> None:
    (file := tmp_path / "reads.csv").write_bytes(b"")
    with pytest.raises((NotDelivered, OSError)):
        destination("http://127.0.0.1:9").put("ab12", "reads.csv", file)


def test_a_folder_gets_whole_files_and_is_never_made(tmp_path: Path) -> None:
    (file := tmp_path / "reads.csv").write_bytes(b"a")
    (share := tmp_path / "share").mkdir()
    place = destination(str(share))
    for _again in range(2):
        place.put("ab12", "reads.csv", file)
        (share / "ab12" / ".0123456789abcdef.partial").write_bytes(b"what a crash left")
    place.put("ab12", "reads.csv", file)
    assert [each.name for each in (share / "ab12").iterdir()] == ["reads.csv"]
    assert place.receipt("ab12") is None
    with pytest.raises(NotDelivered, match="is not there"):
        destination(str(tmp_path / "unmounted")).put("ab12", "reads.csv", file)
    assert not (tmp_path / "unmounted").exists()


@pytest.mark.parametrize("what", ["the file", "a file half written", "the folder"])
def test_a_link_that_the_other_side_laid_leads_nowhere(what: str, tmp_path: Path) -> None:
    """Whoever else writes to a mounted share may lay a link that leads to a file of this machine."""
    (own := tmp_path / "own").mkdir()
    (secret := own / "reads.csv").write_bytes(b"ours")
    (file := tmp_path / "leaving").write_bytes(b"theirs")
    (share := tmp_path / "share").mkdir()
    place = destination(str(share))
    if what == "the folder":
        (share / "ab12").symlink_to(own)
        with pytest.raises(NotDelivered, match="no folder"):
            place.put("ab12", "reads.csv", file)
    else:
        (share / "ab12").mkdir()
        (share / "ab12" / ("reads.csv" if what == "the file" else ".reads.csv.partial")).symlink_to(secret)
        place.put("ab12", "reads.csv", file)
        assert (share / "ab12" / "reads.csv").read_bytes() == b"theirs"
    assert secret.read_bytes() == b"ours"


def test_a_receipt_is_a_file_and_nothing_that_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "ab12").mkdir()
    receipt, (secret) = tmp_path / "ab12" / "receipt.json", tmp_path / "secrets.json"
    secret.write_bytes(b"ours")
    place = destination(str(tmp_path))
    receipt.symlink_to(secret)
    assert place.receipt("ab12") is None
    receipt.unlink()
    os.mkfifo(receipt)
    assert place.receipt("ab12") is None
    receipt.unlink()
    receipt.write_bytes(b"theirs")
    assert place.receipt("ab12") == b"theirs"


@pytest.mark.parametrize("within", ["head", "body"])
def test_a_server_that_sends_a_byte_at_a_time_holds_nobody_up(
    within: str, county: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(destinations, "_SECONDS", 1.0)
    began = monotonic()
    with pytest.raises(NotDelivered, match="too long"):
        destination(county).receipt(f"slow-{within}")
    assert monotonic() - began < 10
