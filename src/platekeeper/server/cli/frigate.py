"""`platekeeper frigate`: forward Frigate's plates from its MQTT broker to the server, until stopped."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from platekeeper.server.gateways.frigate import Broker, Forwarder
from platekeeper.server.gateways.sender import Sender

PASSWORD = "PLATEKEEPER_MQTT_PASSWORD"  # noqa: S105 - the name of a variable


def register(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("frigate", help="forward plates from Frigate's MQTT broker to the server")
    parser.add_argument("--broker", required=True, metavar="HOST", help="the MQTT broker that Frigate publishes to")
    parser.add_argument("--port", type=int, help="its port (default: 1883, with --tls 8883)")
    parser.add_argument("--user", default="", help=f"name at the broker; its password in {PASSWORD}")
    parser.add_argument("--tls", action="store_true", help="speak TLS with the broker")
    parser.add_argument("--ca", help="file of the certificates to trust, where the system's are not enough")
    parser.add_argument("--prefix", default="frigate", help="first word of Frigate's topics (default: frigate)")
    parser.add_argument("--client-id", default="platekeeper", help="name of the lasting session at the broker")
    parser.add_argument("--server", required=True, metavar="URL", help="such as http://127.0.0.1:8000")
    parser.add_argument("--keys", required=True, type=Path, metavar="FILE", help='JSON: {"camera": "key of its LPR"}')
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Forward until told to stop."""
    try:
        forwarder = Forwarder(_broker(chosen), Sender(chosen.server), partial(keys_in, chosen.keys))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    forwarder.start()
    print(f"Forwarding from {chosen.broker} to {chosen.server}  (Ctrl-C stops it)", flush=True)
    try:
        forwarder.wait()
    except KeyboardInterrupt:
        forwarder.stop()
    print(f"{forwarder.forwarded} messages forwarded.")
    return 0


def keys_in(path: Path) -> dict[str, str]:
    """Return the key of each camera's LPR. Raises ValueError or OSError."""
    try:
        keys = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(keys, dict) or not keys or not all(key and isinstance(key, str) for key in keys.values()):
        raise ValueError(f'{path}: write the cameras and their keys as {{"camera": "key of its LPR"}}')
    return keys


def _broker(chosen: argparse.Namespace) -> Broker:
    return Broker(
        host=chosen.broker, port=chosen.port or (8883 if chosen.tls else 1883), user=chosen.user,
        password=os.environ.get(PASSWORD, ""), tls=chosen.tls, ca=chosen.ca, client_id=chosen.client_id,
        prefix=chosen.prefix.strip("/"),
    )  # fmt: skip
