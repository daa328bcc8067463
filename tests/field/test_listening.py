"""Cameras that read by themselves and send to a unit, in every format that the server takes."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path
from random import Random

import pytest

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.field.listening import Listener, NotKept
from platekeeper.field.making import drive_by, write_video
from platekeeper.field.sighting import Sighting
from platekeeper.field.sources import frames_from, video
from platekeeper.field.sources.posts import Post, taking
from platekeeper.field.trouble import troubles
from platekeeper.field.unit import Unit
from tests.api.messages import JPEG, MESSAGES

AT = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
HERE = (43.05, -76.15)


class Heard:
    """What a listener handed on, and complained of."""

    def __init__(self, spoken: str, *, full: bool = False) -> None:
        self.sightings: list[Sighting] = []
        self.complaints: list[str] = []
        self._full = full
        self.listener = Listener(spoken, "front", lambda: HERE, self._keep, self.complaints.append, self._knows)

    def say(self, body: bytes, media_type: str = "") -> tuple[int, object]:
        status, said = self.listener.take(Post("/", media_type, body, "camera"))
        return status, json.loads(said)

    def _knows(self, event: str) -> bool:
        return any(sighting.event == event for sighting in self.sightings)

    def _keep(self, sighting: Sighting) -> None:
        if self._full:
            raise NotKept("The unit's disk is full.")
        self.sightings.append(sighting)


def test_every_format_has_a_message() -> None:
    assert set(MESSAGES) == set(CAMERA_FORMATS)


@pytest.mark.parametrize("spoken", MESSAGES)
def test_what_a_camera_read_becomes_a_sighting(spoken: str) -> None:
    heard = Heard(spoken)
    message = MESSAGES[spoken]("ABC1234", AT)
    status, said = heard.say(*message)
    assert (status, said) == (200, CAMERA_FORMATS[spoken].answer or {"taken": 1})
    (sighting,) = heard.sightings
    assert (sighting.plate, sighting.camera, len(sighting.uid)) == ("ABC1234", "front", 32)
    assert sighting.latitude is not None
    assert abs((sighting.at - AT).total_seconds()) < 86_400, "a time without a zone is this machine's"
    assert sighting.picture in {b"", JPEG}
    heard.say(*message)
    heard.say(*MESSAGES[spoken]("ABC1235", AT))
    first, again, corrected = heard.sightings
    assert again == first, "a message that is repeated is the same sighting"
    assert corrected.uid != first.uid


@pytest.mark.parametrize("spoken", MESSAGES)
def test_what_makes_no_sense_is_refused_and_said(spoken: str) -> None:
    heard = Heard(spoken)
    status, said = heard.say(b'{"half of a mess')
    assert status == 422
    assert said == {"error": heard.complaints[0]}
    assert not heard.sightings


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"Content-Length: 5\r\n\r\nhello", 200), (b"Content-Length: 5\r\n\r\nhell", 400),
        (b"Content-Length: 33554433\r\n\r\n", 413), (b"\r\n", 411), (b"Content-Length: \xb2\r\n\r\n", 411),
        (b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTold: after\r\n\r\n", 200),
        (b"Transfer-Encoding: Chunked\r\n\r\n3\r\nhel\r\n2\r\nl", 400),
        (b"Transfer-Encoding: chunked\r\n\r\nfive\r\nhello\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n2000001\r\n", 413), (b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 413),
    ],
)  # fmt: skip
def test_a_message_is_taken_whole_whether_its_length_is_said_or_it_comes_in_chunks(sent: bytes, status: int) -> None:
    taken: list[bytes] = []

    def take(post: Post) -> tuple[int, bytes]:
        taken.append(post.body)
        return 200, b"{}"

    with HTTPServer(("127.0.0.1", 0), taking(take)) as server:
        threading.Thread(target=server.handle_request).start()
        with socket.create_connection(server.server_address) as camera:  # type: ignore[arg-type]
            camera.sendall(b"POST / HTTP/1.1\r\nHost: unit\r\n" + sent)
            camera.shutdown(socket.SHUT_WR)
            answer = camera.makefile("rb").read()
    assert answer.split()[1] == str(status).encode()
    assert taken == ([b"hello"] if status == 200 else [])


def test_a_message_of_nothing_but_values_is_not_read() -> None:
    assert Heard("verkada").say(b"[" + b"0," * 2_000_001 + b"0]")[0] == 413


def test_a_camera_is_asked_to_come_again_when_the_disk_is_full() -> None:
    assert Heard("verkada", full=True).say(*MESSAGES["verkada"]("ABC1234", AT))[0] == 503


def test_what_is_no_plate_is_left_out() -> None:
    heard = Heard("verkada")
    assert heard.say(*MESSAGES["verkada"]("NONE", AT)) == (200, {"taken": 0})


def test_what_a_camera_could_not_read_is_handed_on_for_its_candidates() -> None:
    heard = Heard("openalpr")
    body, media_type = MESSAGES["openalpr"]("ABC1234", AT)
    candidates = [{"plate": "ABC1234", "confidence": 79}, {"plate": "ABG1234"}]
    said = json.loads(body) | {"best_plate_number": "AB?1234", "candidates": candidates}
    assert heard.say(json.dumps(said).encode(), media_type)[0] == 200
    (sighting,) = heard.sightings
    assert (sighting.plate, sighting.candidates) == ("AB?1234", (("ABC1234", 0.79), ("ABG1234", None)))


def test_a_camera_whose_clock_is_wrong_is_named_until_it_is_right(unit: Unit) -> None:
    listener = Listener("verkada", "front", lambda: HERE, unit.hear, lambda _: None, unit.knows)

    def said(at: datetime) -> list[tuple[str, bool]]:
        body, media_type = MESSAGES["verkada"]("ABC1234", at)
        assert listener.take(Post("/", media_type, body, "camera"))[0] == 200
        found = troubles(unit.spool(), unit.lists, unit.pulse, folder=unit.home.folder)
        return [(each.said, each.grave) for each in found if "camera's times" in each.said]

    now = datetime.now(UTC)
    assert said(now - timedelta(minutes=4)) == []
    ((behind, grave),) = said(now - timedelta(minutes=10))
    assert ("0:10:0" in behind, "behind" in behind, grave) == (True, True, False)
    ((behind, grave),) = said(now - timedelta(days=2000))
    assert ("2000 days" in behind, grave) == (True, True)
    ((ahead, grave),) = said(now + timedelta(hours=3))
    assert ("ahead" in ahead, grave) == (True, False)
    assert said(now) == []


def test_a_camera_that_gives_no_more_pictures_is_told_and_tried_again(tmp_path: Path) -> None:
    """With a video for a camera: its frames come faster than they are taken, and the newest counts."""
    write_video(tmp_path / "drive.avi", drive_by(["ABC1234"], Random(1)))
    told, waited = list[str](), list[float]()

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            raise KeyboardInterrupt

    frames = video.live(str(tmp_path / "drive.avi"), clock=lambda: AT, lost=told.append, sleep=sleep)
    with pytest.raises(KeyboardInterrupt):
        for frame in frames:
            assert frame.stream
    assert waited == [5.0, 5.0]
    assert "gives no pictures" in told[0]


def test_a_video_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "drive.mp4").write_bytes(b"no video")
    with pytest.raises(video.NoVideo, match="no video that can be read"):
        list(frames_from(str(tmp_path / "drive.mp4"), clock=lambda: AT))
