"""Cameras at the server as it is served: bodies in chunks, and digest login by a client that is not ours."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.api.messages import MESSAGES
from tests.e2e.serving import ask, environment_in, headers, serving


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str, Path]]:
    folder = tmp_path_factory.mktemp("town")
    environment = environment_in(folder)
    key = str(ask(environment, "found", "1")["key"])
    with serving(environment) as (_process, port):
        yield port, key, folder


def test_a_message_in_chunks_is_read_whole(place: tuple[int, str, Path]) -> None:
    port, key, _ = place
    body, content_type = MESSAGES["axis"]("CHUNK1", datetime.now(UTC))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    pieces = (body[at : at + 50] for at in range(0, len(body), 50))
    sent = {**headers(key), "Content-Type": content_type, "Transfer-Encoding": "chunked"}
    connection.request("POST", "/ingest/axis/", pieces, sent, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, b'"stored": 1' in answer.read()) == (200, True)
    connection.close()


def test_both_challenges_reach_the_camera_and_a_client_of_the_library_logs_in(place: tuple[int, str, Path]) -> None:
    port, key, _ = place
    url = f"http://127.0.0.1:{port}/ingest/dahua/NotificationInfo/TollgateInfo"
    body, content_type = MESSAGES["dahua"]("DIGEST1", datetime.now(UTC))
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, url, "Bridge Street east", key)
    client = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))
    request = urllib.request.Request(url, body, {"Content-Type": content_type})
    with client.open(request, timeout=30) as answer:
        assert (answer.status, answer.read()) == (200, b'{"Result": true, "Message": "Success"}')
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, body), timeout=30)
    ways = refused.value.headers.get_all("WWW-Authenticate") or []
    assert ["algorithm=MD5" in ways[0], "algorithm=SHA-256" in ways[1]] == [True, True]
    refused.value.close()
