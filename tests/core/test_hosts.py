"""Whether a host is this machine: one answer for whoever sends, asks or is asked."""

from __future__ import annotations

import pytest

from platekeeper.core.hosts import is_here
from platekeeper.field.link import Link
from platekeeper.server.gateways.destinations import destination
from platekeeper.server.gateways.partners import server_at


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True), ("127.8.9.1", True), ("[::1]", True), ("[::ffff:127.0.0.1]", True), ("localhost", True),
        ("localhost.", True), ("unit.localhost", True), ("0.0.0.0", True), ("lpr.example.org", False),
        ("192.0.2.1", False), ("[2001:db8::1]", False), ("localhost.example.org", False), ("127.0.0.1.example.org", False),
    ],
)  # fmt: skip
def test_only_to_this_machine_without_https(host: str, here: bool) -> None:
    assert is_here(host.strip("[]")) is here
    for given in (lambda: Link(f"http://{host}", "lpr-key"), lambda: destination(f"http://{host}/lpr"),
                  lambda: server_at(f"http://{host}")):  # fmt: skip
        if here:
            assert given()
        else:
            with pytest.raises(ValueError, match=r"HTTPS only|over https|Name an absolute folder"):
                given()
