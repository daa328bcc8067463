"""Where the unit is."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from platekeeper.field.places import Place, locator, place_of


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("40.7128, -74.0060", (40.7128, -74.006)),
        ("$GPGGA,123519,4042.768,N,07400.360,W,1,08,0.9,545.4,M,46.9,M,,", (40.7128, -74.006)),
        ("$GPRMC,123519,A,4042.768,N,07400.360,W,022.4,084.4,230394,003.1,W", (40.7128, -74.006)),
        ("$GPRMC,123519,V,,,,,,,230394,,", None),  # no fix
        ("$GPGGA,123519,4042.768,N,07400.360,W,0,00,,,M,,M,,", None),
        ("$GPRMC,123519,A,4042.768,N,07400.360,W,022.4,084.4,230394,003.1,W*00", None),  # its sum is wrong
        ("$GPGSV,1,1,00", None),
        ("91,0", None),
        ("nan,0", None),
        ("somewhere", None),
        ("", None),
    ],
)
def test_a_line_tells_a_place_or_none(line: str, place: Place) -> None:
    assert place_of(line) == place


def test_a_file_tells_its_last_place(tmp_path: Path) -> None:
    locate = locator(f"file:{tmp_path / 'gps'}", clock=time.monotonic)
    assert locate() is None
    (tmp_path / "gps").write_text("1,2\n40.5,-74.5\n$GPRMC,,V,,,,,,,,,\n")
    assert locate() == (40.5, -74.5)
    os.utime(tmp_path / "gps", (1, time.time() - 60))
    assert locate() is None  # nobody writes it any more


def test_no_place_and_a_fixed_place() -> None:
    assert locator("", clock=time.monotonic)() is None
    assert locator("40.5,-74.5", clock=time.monotonic)() == (40.5, -74.5)
    with pytest.raises(ValueError, match="latitude,longitude"):
        locator("at home", clock=time.monotonic)


def test_gpsd_is_asked_and_an_old_place_is_none() -> None:
    now = [100.0]
    said = (b'{"class":"VERSION"}\nnonsense\n', b'{"class":"TPV","mode":3,"lat":40.5,"lon":-74.5}\n')
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            link, _ = server.accept()
            with link:
                assert b"?WATCH" in link.recv(100)
                for each in said:
                    link.sendall(each)

        thread = threading.Thread(target=answer)
        thread.start()
        locate = locator(f"gpsd:127.0.0.1:{server.getsockname()[1]}", clock=lambda: now[0])
        thread.join(10)
        for _ in range(200):
            if locate() is not None:
                break
            time.sleep(0.02)
        assert locate() == (40.5, -74.5)
        now[0] += 60
        assert locate() is None
        locate.close()  # type: ignore[attr-defined]  # a locator that listens can be closed
