"""Where routine transfers go: a folder of the server (a mounted share), or a server over HTTPS.

A folder gets `<transfer>/<file>`; a server gets `PUT <address>/<transfer>/<file>`, with a bearer token where it has one,
and is asked for `<transfer>/receipt.json`. The manifest comes last: what it names is there.
"""

from __future__ import annotations

import errno
import http.client
import os
import re
import secrets
import shutil
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from platekeeper.core.hosts import is_here
from platekeeper.core.transfer import LONGEST_LINE
from platekeeper.server.gateways.ending import Ending, connect_within
from platekeeper.server.gateways.sender import NoRedirect, NotDelivered

RECEIPT = "receipt.json"
_PARTIAL = re.compile(r"\.[0-9a-f]{16}\.partial")
_SECONDS, _SLOWEST = 60.0, 64 * 1024
"""How long a server may take: so many seconds, and besides one for so many bytes of a file. Other work waits for it."""


class Destination(Protocol):
    """Takes the files of a transfer. What it raises is `NotDelivered` or an OSError."""

    def put(self, transfer: str, name: str, file: Path) -> None:
        """Deliver a file; repeating does no harm."""

    def receipt(self, transfer: str) -> bytes | None:
        """Return the receipt that lies there, None while there is none."""


def destination(place: str, *, token: str = "") -> Destination:
    """Return what a place names: an absolute folder, or an https address. Raises ValueError, which says what would be one."""
    if place.startswith("/"):
        return _Folder(Path(place))
    parts = urlsplit(place)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or ""))
    if not is_safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(
            "Name an absolute folder such as /mnt/county/lpr, or an address such as https://data.example.gov/lpr."
        )
    return _Server(place.rstrip("/"), token)


@dataclass(frozen=True, slots=True)
class _Folder:
    folder: Path

    def put(self, transfer: str, name: str, file: Path) -> None:
        if not self.folder.is_dir():  # a share that is not mounted must not be filled in its stead
            raise NotDelivered(f"The folder {self.folder} is not there.")
        (self.folder / transfer).mkdir(mode=0o750, exist_ok=True)
        partial = f".{secrets.token_hex(8)}.partial"
        with self._opened(transfer) as into, file.open("rb") as source:
            for left in filter(_PARTIAL.fullmatch, os.listdir(into)):  # noqa: PTH208 - by its handle; a crash left them
                os.unlink(left, dir_fd=into)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640, dir_fd=into)
            try:
                with os.fdopen(handle, "wb") as target:
                    shutil.copyfileobj(source, target)
                    target.flush()
                    os.fsync(handle)
                os.replace(partial, name, src_dir_fd=into, dst_dir_fd=into)
            except BaseException:
                os.unlink(partial, dir_fd=into)
                raise

    def receipt(self, transfer: str) -> bytes | None:
        try:
            with self._opened(transfer) as into:
                handle = os.open(RECEIPT, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=into)
        except (FileNotFoundError, NotDelivered):
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:  # a link
                return None
            raise
        with os.fdopen(handle, "rb") as file:
            return file.read(LONGEST_LINE + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else None

    @contextmanager
    def _opened(self, transfer: str) -> Iterator[int]:
        """Open a transfer's folder: whoever else writes to the share may have laid a link there that leads elsewhere."""
        try:
            into = os.open(self.folder / transfer, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except NotADirectoryError as other:
            raise NotDelivered(f"{self.folder / transfer} is no folder.") from other
        try:
            yield into
        finally:
            os.close(into)


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    token: str = field(repr=False)

    def put(self, transfer: str, name: str, file: Path) -> None:
        with file.open("rb") as content:
            request = self._request(f"{transfer}/{name}", method="PUT")
            request.data = content
            request.add_header("Content-Length", str(file.stat().st_size))
            request.add_header("Content-Type", "application/octet-stream")
            self._ask(request, seconds=_SECONDS + file.stat().st_size / _SLOWEST)

    def receipt(self, transfer: str) -> bytes | None:
        try:
            return self._ask(self._request(f"{transfer}/{RECEIPT}", method="GET"))
        except NotDelivered as missing:
            if missing.status == 404:
                return None
            raise

    def _request(self, path: str, *, method: str) -> urllib.request.Request:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return urllib.request.Request(f"{self.address}/{path}", headers=headers, method=method)  # noqa: S310 - https, see above

    def _ask(self, request: urllib.request.Request, *, seconds: float | None = None) -> bytes:
        with Ending(seconds or _SECONDS) as ending:
            opener = urllib.request.build_opener(NoRedirect, _Http(ending), _Https(ending))
            try:
                with opener.open(request, timeout=_SECONDS) as answer:
                    said: bytes = answer.read(LONGEST_LINE + 1)  # whatever it sends, no more is read
                if ending.is_late:  # cut off, it would pass for the end of what was said
                    raise TimeoutError
                return said
            except urllib.error.HTTPError as refused:
                with refused:
                    raise NotDelivered(f"{refused.code}: {refused.reason}", status=refused.code) from refused
            except (OSError, http.client.HTTPException, ValueError) as error:
                if ending.is_late:
                    raise NotDelivered("The server took too long.") from error
                if isinstance(error, OSError):
                    raise
                raise NotDelivered(f"What came is no answer of a server: {error}") from error


class _Http(urllib.request.HTTPHandler):
    """Opens connections that an `Ending` watches."""

    def __init__(self, ending: Ending) -> None:
        super().__init__()
        self._ending = ending

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open one."""
        return self.do_open(_watched(http.client.HTTPConnection, self._ending), request)


class _Https(urllib.request.HTTPSHandler):
    """The same over TLS."""

    def __init__(self, ending: Ending) -> None:
        super().__init__()
        self._ending = ending

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        """Open one."""
        return self.do_open(_watched(http.client.HTTPSConnection, self._ending), request)


def _watched(kind: type[http.client.HTTPConnection], ending: Ending) -> type[http.client.HTTPConnection]:
    class Watched(kind):  # type: ignore[misc,valid-type]
        def connect(self) -> None:
            self._create_connection = connect_within
            super().connect()
            ending.watch(self.sock)

    return Watched
