"""Two departments on one machine, each with its own home, database and port, and what comes between them."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.e2e.serving import ROOT, environment_in, post, serving

GIGABYTE = 1 << 30
TAKES = 16 << 20
"""More than a client's and this machine's buffers together take of an answer that nobody reads."""


class Department:
    """One department: what its people do is done in a process of its own, beside its server."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.partner_town"], cwd=ROOT, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __getattr__(self, act: str) -> Callable[..., Any]:
        return lambda **given: self._do(act, given)

    def _do(self, act: str, given: dict[str, Any]) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([act, given]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{act} failed: see above"
        return json.loads(answer)

    def leave(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=30)


@dataclass
class Wire:
    """What lies between them: hands requests to the server at `port` and its answers back, unless `treat` does otherwise.

    `treat` gets the answer and returns what is sent instead; `before` is done before a request is handed on.
    """

    port: int
    treat: Callable[[bytes], bytes] = bytes
    before: Callable[[], object] = bool
    flood: bool = False
    twice: bool = False
    requests: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    sent: int = 0

    def reset(self) -> None:
        self.treat, self.before, self.flood, self.twice = bytes, bool, False, False

    def hand_on(self, request: bytes) -> tuple[int, bytes]:
        self.before()
        self.requests.append(request)
        status, answer = ask(self.port, request)
        if self.twice:
            status, answer = ask(self.port, request)
        self.answers.append(answer)
        return status, self.treat(answer)


def ask(port: int, request: bytes) -> tuple[int, bytes]:
    """Post a message to a server as a partner does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/api/partner", request, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@contextmanager
def wire_to(port: int) -> Iterator[tuple[Wire, str]]:
    """Lay a wire to a server; give it and its address."""
    wire = Wire(port)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = (200, b"0" * 65536) if wire.flood else wire.hand_on(request)
            self.send_response(status)
            self.send_header("Content-Length", str(GIGABYTE if wire.flood else len(answer)))
            self.end_headers()
            wire.sent = 0
            try:
                while wire.sent < (GIGABYTE if wire.flood else len(answer)):
                    wire.sent += self.wfile.write(answer)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield wire, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Place:
    falls: Department
    mill: Department
    wire: Wire


@pytest.fixture(scope="module")
def _place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Found two departments that agree, connect them, and let a stolen car pass an LPR of Mill County's.

    What Harbor Falls asks goes over the wire; Mill County asks Harbor Falls directly.
    """
    homes = [tmp_path_factory.mktemp(name) for name in ("falls", "mill")]
    environments = [environment_in(home) for home in homes]
    falls, mill = (Department(environment) for environment in environments)
    with ThreadPoolExecutor() as both:  # a core each
        both.submit(falls.found, is_mill=False)
        founded = both.submit(mill.found, is_mill=True)
    key = founded.result()["key"]
    with ExitStack() as stack:
        (_, falls_port), (_, mill_port) = (stack.enter_context(serving(each)) for each in environments)
        wire, address = stack.enter_context(wire_to(mill_port))
        for one, other, reached in ((falls, mill, address), (mill, falls, f"http://127.0.0.1:{falls_port}")):
            one.connect(text=other.invite(address=reached)["text"])
            one.agree()
        seen = [{"plate": plate, "captured_at": datetime.now(UTC).isoformat()} for plate in ("STL1234", "OTH5678")]
        assert post(mill_port, key, json.dumps(seen).encode())["stored"] == 2
        yield Place(falls, mill, wire)
        falls.leave()
        mill.leave()


@pytest.fixture
def place(_place: Place) -> Iterator[Place]:
    yield _place
    _place.wire.reset()


def test_a_search_across_is_answered_and_stands_in_both_logs(place: Place) -> None:
    came = place.falls.search(plate="STL1234")
    assert (came["state"], came["found"]) == ("answered", ["STL1234"])
    here, there = place.falls.logged(), place.mill.logged()
    theirs = there["queries"][0]
    assert theirs["pk"] == came["theirs"]
    assert (theirs["by__name"], theirs["requestor"], theirs["requestor_agency"], theirs["case_number"]) == (
        "Platekeeper of Harbor Falls Police Department", "Dee Detective", "Harbor Falls Police Department", "26-118"
    )  # fmt: skip
    done, begun = here["acts"][:2]
    assert [each["outcome"] for each in (begun, done)] == ["begun", "done"]
    assert there["acts"][0]["answer"] == done["answer"] == came["digest"], "both logs name the answer by its digest"
    assert there["acts"][0]["request"] == begun["request"]
    assert here["faults"] == there["faults"] == []
    assert place.mill.search(plate="STL1234")["state"] == "answered", "and the other way"


def test_a_barred_purpose_is_refused_by_the_partner_with_its_clause(place: Place) -> None:
    came = place.falls.search(plate="STL1234", purpose="audit")
    assert (came["state"], came["clause"], came["found"]) == ("refused", "IV.h", None)
    assert "bars this purpose" in came["reason"]
    refused = place.mill.logged()["queries"][0]
    assert (refused["state"], refused["clause"], refused["pk"]) == ("refused", "IV.h", came["theirs"])
    assert [each["outcome"] for each in place.falls.logged()["acts"][:2]] == ["refused", "begun"]


def test_either_side_stops_at_once(place: Place) -> None:
    place.mill.stop(why="they asked too much")
    came = place.falls.search(plate="STL1234")
    assert (came["state"], came["clause"]) == ("refused", "VI.l")
    assert place.mill.search(plate="STL1234")["state"] == "unasked", "who stopped asks nothing either"
    place.mill.go_on()
    assert place.falls.search(plate="STL1234")["state"] == "answered"


def _altered(answer: bytes) -> bytes:
    return answer.replace(b"STL1234", b"STL1235")


HOSTILE: dict[str, tuple[Callable[[Wire], object], str]] = {
    "another plate in the answer": (lambda wire: vars(wire).update(treat=_altered), "bad_signature"),
    "an old answer once more": (lambda wire: vars(wire).update(treat=lambda _: wire.answers[0]), "other_request"),
    "its own question": (lambda wire: vars(wire).update(treat=lambda _: wire.requests[-1]), "no_message"),
    "no JSON": (lambda wire: vars(wire).update(treat=lambda _: b"<html>"), "no_message"),
    "a gigabyte": (lambda wire: vars(wire).update(flood=True), "larger than 1024 KB"),
    "the question twice": (lambda wire: vars(wire).update(twice=True), "answered 403"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_answer_is_no_answer(place: Place, what: str) -> None:
    place.falls.search(plate="STL1234")  # an answer that can be sent again
    turn, said = HOSTILE[what]
    turn(place.wire)
    came = place.falls.search(plate="STL1234")
    assert (came["state"], came["found"]) == ("invalid", None)
    assert said in came["reason"]
    assert place.wire.sent < TAKES
    assert [each["outcome"] for each in place.falls.logged()["acts"][:2]] == ["failed", "begun"]


def test_a_message_that_comes_again_is_in_the_ledger_once(place: Place) -> None:
    place.falls.search(plate="STL1234")
    for _ in range(2):
        assert ask(place.wire.port, place.wire.requests[-1])[0] == 403
    acts = place.mill.logged()["acts"]
    assert [each["action"] for each in acts[:2]] == ["action_refused", "partner_answered"]
    assert "a second time" in acts[0]["reason"]


def test_a_partner_that_is_down_is_said_to_be(place: Place) -> None:
    def hang_up() -> object:
        raise OSError

    place.wire.before = hang_up
    came = place.falls.search(plate="STL1234")
    assert (came["state"], came["found"]) == ("down", None)
    assert [each["outcome"] for each in place.falls.logged()["acts"][:2]] == ["failed", "begun"]


def test_a_hot_list_comes_whole_then_as_changes_and_no_further_than_the_mou(place: Place) -> None:
    """The MOU ends between two pieces of the list: nothing of it is loaded."""
    place.mill.load(lines=1_600)
    assert place.falls.subscribe() == {"name": "county"}
    pieces = len(place.wire.requests)

    def end_before_the_second() -> object:
        return len(place.wire.requests) == pieces + 1 and place.mill.suspend()

    place.wire.before = end_before_the_second
    cut = place.falls.fetch()
    assert (cut["state"], cut["clause"], cut["lines"]) == ("refused", "VI.l", 0)
    assert "is suspended" in cut["reason"]
    assert place.mill.logged()["acts"][0]["outcome"] == "refused"
    place.mill.resume()
    place.wire.reset()
    assert (place.falls.fetch()["lines"], len(place.wire.requests) - pieces > 1) == (1_600, True)

    place.mill.load(lines=1_600, first=10)
    asked = len(place.wire.requests)
    came = place.falls.fetch()
    assert (came["state"], came["lines"]) == ("fetched", 1_600)
    assert len(place.wire.requests) == asked + 1, "what changed comes in one message"
    assert len(place.wire.answers[-1]) < 8_192
    assert place.falls.logged()["acts"][0]["state"] == "fetched"
