"""`platekeeper entries`: sign entries where there is no network, and hand them in."""

from __future__ import annotations

import argparse
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from platekeeper.core.formats.signed_entries import SignedEntry, sign_entry
from platekeeper.core.rules.field_entries import Ground
from platekeeper.core.transfer import LARGEST, TransferError
from platekeeper.server.procedures.signed_entries import hand_in
from platekeeper.server.storage.files import write_durably


def register(commands: Any) -> None:
    """Add the commands to the command line."""
    acts = commands.add_parser("entries", help="hot list entries signed without network").add_subparsers(required=True)
    key = acts.add_parser(
        "key", help="make a key to sign with, and print its public half, which is enrolled on the page"
    )
    key.add_argument("file", type=Path)
    key.set_defaults(run=_key)
    sign = acts.add_parser("sign", help="sign an entry; needs neither network nor database")
    sign.add_argument("plate")
    sign.add_argument("--kind", required=True, choices=[ground.value for ground in Ground])
    sign.add_argument("--key", required=True, type=Path, help="the file that `entries key` wrote")
    sign.add_argument("--member", required=True, help="your login name")
    sign.add_argument("--to", required=True, type=Path, help="the file that the entry is added to")
    sign.add_argument("--hours", type=int, help="how long it stands")
    for name in ("state", "reason", "authority", "case", "director"):
        sign.add_argument(f"--{name}", default="")
    sign.set_defaults(run=_sign)
    ingest = acts.add_parser("ingest", help="hand in a file of signed entries; handing in twice changes nothing")
    ingest.add_argument("file", type=Path)
    ingest.set_defaults(run=_ingest)


def _key(chosen: argparse.Namespace) -> int:
    if chosen.file.exists():
        return _say(f"{chosen.file} is there already; a key is not written over.")
    made = Ed25519PrivateKey.generate()
    write_durably(chosen.file, made.private_bytes_raw().hex().encode(), mode=0o600)
    print(made.public_key().public_bytes_raw().hex())
    return 0


def _sign(chosen: argparse.Namespace) -> int:
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(chosen.key.read_text().strip()))
    except (OSError, ValueError) as error:
        return _say(f"{chosen.key} holds no key to sign with: {error}")
    entry = SignedEntry(
        member=chosen.member, plate=chosen.plate, ground=Ground(chosen.kind), jurisdiction=chosen.state,
        reason=chosen.reason, authority=chosen.authority, case_number=chosen.case, director=chosen.director,
        stands=None if chosen.hours is None else timedelta(hours=chosen.hours),
    )  # fmt: skip
    line = sign_entry(
        entry, uid=secrets.token_hex(16), made_at=timezone.now(), public=key.public_key().public_bytes_raw(),
        sign=key.sign,
    )  # fmt: skip
    before = chosen.to.read_bytes() if chosen.to.exists() else b""
    write_durably(chosen.to, before + line + b"\n", mode=0o600)
    print(f"Signed. Hand {chosen.to} in within seven days.")
    return 0


def _ingest(chosen: argparse.Namespace) -> int:
    try:
        with chosen.file.open("rb") as file:
            content = file.read(LARGEST + 1)
        handed_in = hand_in(None, content, at=timezone.now(), via="command")
    except OSError as error:
        return _say(f"{chosen.file}: {error.strerror}.")
    except TransferError as error:
        return _say(f"{chosen.file}: {error} Nothing was entered.")
    for number, each in enumerate(handed_in, start=1):
        why = f" ({each.line.clause or 'refused'}: {each.line.reason})" if each.line.reason else ""
        print(f"{number}: {each.line.get_state_display()}{why}")
    return int(any(each.line.state == each.line.State.REFUSED for each in handed_in))


def _say(message: str) -> int:
    print(message, file=sys.stderr)
    return 1
