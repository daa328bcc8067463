"""Every line of docs/api.md is run as it stands there, and every address of the API is there."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pytest_django.live_server_helper import LiveServer

from platekeeper.server.api import urls  # noqa: F401 - all of its addresses
from platekeeper.server.api.api import api
from tests.cast import Cast
from tests.hotlist.making import deliver, file, line, made_a_unit

DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
LINES = re.findall(r"^    (curl .+)$", DOCUMENT, re.MULTILINE)
ANSWERS = {
    asked: json.loads(answer)
    for asked, answer in re.findall(r"^    (curl .+)\n\n(?:[^ {\n].*\n+)*?    (\{.*\})$", DOCUMENT, re.MULTILINE)
}


def test_every_address_is_documented() -> None:
    written = {re.search(r"\$SERVER(/\S+)", asked)[1] for asked in LINES}  # type: ignore[index]
    assert set(api.get_openapi_schema(path_prefix="/api/")["paths"]) <= written


def test_every_line_works(cast: Cast, live_server: LiveServer, tmp_path: Path) -> None:
    made_a_unit(cast, cast.lpr)
    deliver(file(line("ABC1234")), by=cast.custodian, at=datetime.now(UTC) - timedelta(minutes=1))
    (tmp_path / "entries.txt").write_text("not a signed entry\n")
    environment = {"PATH": "/usr/bin:/bin", "SERVER": live_server.url, "KEY": cast.lpr_key}
    assert len(LINES) > 6
    assert len(ANSWERS) > 3
    environment["ROWS"] = _rows(environment)
    for asked in LINES:
        ran = subprocess.run(
            ["bash", "-c", asked], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, (asked, ran.stdout, ran.stderr)
        if asked in ANSWERS:
            assert json.loads(ran.stdout).keys() == ANSWERS[asked].keys(), asked
    assert (tmp_path / "rows.zlib").stat().st_size > 0


def _rows(environment: dict[str, str]) -> str:
    """Return the digest of the rows that were issued last."""
    asked = urllib.request.Request(
        f"{environment['SERVER']}/api/hot-list", b'{"known": ""}', {"Authorization": f"Bearer {environment['KEY']}"}
    )
    with urllib.request.urlopen(asked, timeout=20) as answer:
        contents = json.loads(base64.b64decode(json.loads(answer.read())["contents"]))
    return str(contents["lists"][0]["whole"]["sha256"])
