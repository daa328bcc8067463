"""Asks another department's Platekeeper over HTTPS, as one asks somebody whom one does not trust.

An answer is read up to a bound and for a time, whatever the other side sends and however slowly it does so.
"""

from __future__ import annotations

import http.client
import re
import socket
from urllib.parse import urlsplit

from platekeeper.core.hosts import is_here, number_of
from platekeeper.server.gateways.ending import Ending, connect_within

PATH = "/api/partner"
SECONDS = 30.0
"""For the whole of a question and its answer; a search may take twenty of them on the other side."""
_CONNECTING = 8.0  # seconds
_NAME = re.compile(r"(?:[\w-]+\.)*[^\W\d_][\w-]*\.?")


class Unreachable(Exception):
    """The partner's server could not be reached, or did not answer in time; the message says what happened."""


class NoAnswer(Exception):
    """The partner's server sent something, but no answer that could be looked at; the message says what."""


def server_at(address: str) -> tuple[str, int | None, str, bool]:
    """Return host, port, folder, and whether it is HTTPS. Without it a server is asked on this machine only.

    Raises ValueError for an address that is none.
    """
    parts = urlsplit(address.strip())
    host = parts.hostname or ""
    is_https = parts.scheme == "https"
    is_one = _is_host(host) and len(address.split()) == 1 and parts.scheme in {"http", "https"}
    if not is_one or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{address}: not the address of a server, such as https://lpr.example.gov")
    if not is_https and not is_here(host):
        raise ValueError(f"{address}: a partner is asked over https.")
    return host, parts.port, parts.path.rstrip("/"), is_https


def ask(address: str, message: bytes, *, most: int, seconds: float = SECONDS) -> bytes:
    """Send a message and return the answer, of `most` bytes at most. Raises `Unreachable`, `NoAnswer`, ValueError."""
    host, port, folder, is_https = server_at(address)
    kind = http.client.HTTPSConnection if is_https else http.client.HTTPConnection
    try:
        connection = kind(host, port, timeout=min(_CONNECTING, seconds))
    except http.client.HTTPException as error:
        raise ValueError(f"{address}: not the address of a server.") from error
    connection._create_connection = connect_within  # type: ignore[attr-defined]  # a name may have hundreds of addresses
    try:
        connection.connect()
    except OSError as error:
        connection.close()
        raise Unreachable(f"The server cannot be reached: {error}") from error
    connected: socket.socket = connection.sock
    connected.settimeout(seconds)
    with Ending(seconds) as ending:
        ending.watch(connected)
        try:
            content = _exchange(connection, f"{folder}{PATH}", message, most=most)
            if ending.is_late:  # cut off within the headers it would pass for the end of an empty answer
                raise TimeoutError
            return content
        except (OSError, http.client.HTTPException, ValueError) as error:
            if ending.is_late or isinstance(error, TimeoutError):
                raise Unreachable(f"There was no whole answer within {seconds:g} seconds.") from error
            if isinstance(error, OSError | http.client.RemoteDisconnected | http.client.IncompleteRead):
                raise Unreachable("The connection broke off.") from error
            raise NoAnswer("What came is no answer of a server.") from error
        finally:
            connection.close()


def _exchange(connection: http.client.HTTPConnection, path: str, message: bytes, *, most: int) -> bytes:
    connection.request("POST", path, message, {"Content-Type": "application/json", "Accept-Encoding": "identity"})
    answer = connection.getresponse()
    if answer.status != http.HTTPStatus.OK:
        raise NoAnswer(f"It answered {answer.status} instead of taking the question.")
    content = answer.read(most + 1)
    if len(content) > most:
        raise NoAnswer(f"The answer was cut off: it is larger than {most // 1024} KB.")
    if answer.length:
        raise http.client.IncompleteRead(content)
    return content


def _is_host(host: str) -> bool:
    """Say whether a host is a number, or a name; what a resolver takes for a number (127.1, 0x7f000001) is no name."""
    return number_of(host) is not None or _NAME.fullmatch(host) is not None
