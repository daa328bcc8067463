"""Checkpoints reach somebody outside: by mail through a real server, as a file, and on paper with its QR code."""

from __future__ import annotations

import email
import email.policy
import io
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import typst
import zxingcpp
from django.core.exceptions import ValidationError
from PIL import Image
from pypdf import PdfReader
from pytest_django import Settings

from platekeeper.core.document import Slip
from platekeeper.server.config.mail import mail
from platekeeper.server.jobs import work
from platekeeper.server.ledger import lookups
from platekeeper.server.ledger.actions import Action
from platekeeper.server.ledger.chain import first_key
from platekeeper.server.ledger.models import HandOver, LedgerCheckpoint, LedgerEntry
from platekeeper.server.printing.pdf import slip_pdf
from platekeeper.server.procedures import hand_over
from platekeeper.server.procedures.authority import Footing, RefusedAction, footing
from platekeeper.server.procedures.sign_ledger import checkpoint, export, first_fingerprint
from platekeeper.verify import check_export, opened
from tests.cast import Cast
from tests.roles.making import become_owner

pytestmark = [pytest.mark.django_db, pytest.mark.records]
NOW = datetime.now(UTC)


# ---- a mail server


@dataclass
class Post:
    """A mail server on loopback: what it took, as (recipient, message), and the recipients it refuses."""

    port: int
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(each, policy=email.policy.default) for _to, each in self.taken]


@pytest.fixture
def post(settings: Settings) -> Iterator[Post]:
    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            to = ""
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                command = line.decode().strip()
                if command.upper().startswith("RCPT TO:"):
                    to = command[8:].strip("<> ")
                    answer = b"550 unknown here" if to in kept.refused else b"250 yes"
                elif command.upper() == "DATA":
                    self.wfile.write(b"354 go on\r\n")
                    kept.taken.append((to, self._data()))
                    answer = b"250 kept"
                else:
                    answer = b"221 bye" if command.upper() == "QUIT" else b"250 yes"
                self.wfile.write(answer + b"\r\n")

        def _data(self) -> bytes:
            lines = iter(self.rfile.readline, b".\r\n")
            return b"".join(line.removeprefix(b".") for line in lines)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        kept = Post(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        _set_up(settings, kept.port)
        yield kept
        server.shutdown()


def _set_up(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.DEFAULT_FROM_EMAIL = "ledger@harbor-falls.example"


def _auditor(cast: Cast, *, at: datetime = NOW) -> Footing:
    return footing(cast.auditor, at=at)


def _witnesses(cast: Cast) -> None:
    for name in ("clerk", "press"):
        hand_over.add_witness(_auditor(cast), name=f"The {name}", email=f"{name}@example.org")


def _outcomes() -> list[tuple[str, str]]:
    return [(each.to, each.outcome) for each in HandOver.objects.all()]


def test_a_mail_holds_the_note_exactly(cast: Cast, post: Post) -> None:
    _witnesses(cast)
    note = checkpoint(at=NOW).note
    assert {each.outcome for each in hand_over.mail_checkpoint(at=NOW)} == {"done"}
    assert [to for to, _message in post.taken] == ["clerk@example.org", "press@example.org"]
    for message in post.messages():
        body = message.get_body(("plain",))
        [attached] = message.iter_attachments()
        assert body is not None
        assert body.get_content().replace("\r\n", "\n").endswith(f"\n\n{note}")
        assert attached.get_filename() == f"checkpoint-{lookups.horizon().checkpoint.size}.txt"  # type: ignore[union-attr]
        assert attached.get_content() == note.encode()  # byte for byte, as `verify.py --held` reads it
        assert (message["From"], message["Auto-Submitted"]) == ("ledger@harbor-falls.example", "auto-generated")


def test_it_is_logged_before_it_leaves_and_when_it_has(cast: Cast, post: Post) -> None:
    _witnesses(cast)
    covering = checkpoint(at=NOW)
    hand_over.mail_checkpoint(at=NOW)
    logged = LedgerEntry.objects.filter(action=Action.CHECKPOINT_HANDED_OVER)
    assert list(logged.values_list("outcome", flat=True)) == ["begun", "done"] * 2
    assert logged[0].content()["details"] == {"size": covering.size, "how": "mail"}
    assert b"example.org" not in b"".join(bytes(each.body) for each in logged)  # who they are is sealed


def test_once_a_day_and_only_what_is_new(cast: Cast, post: Post) -> None:
    _witnesses(cast)
    checkpoint(at=NOW)
    for later, mails in ((0, 2), (0, 2), (23, 2), (24, 4), (25, 4)):
        hand_over.mail_checkpoint(at=NOW + timedelta(hours=later))
        assert len(post.taken) == mails, later
        checkpoint(at=NOW + timedelta(hours=later))  # the mail's own leaves are new
    become_owner()
    LedgerCheckpoint.objects.filter(hand_overs=None).delete()  # as if nothing had happened since
    assert not hand_over.mail_checkpoint(at=NOW + timedelta(days=9))


def test_one_that_fails_does_not_stop_the_others_and_is_tried_again(cast: Cast, post: Post) -> None:
    _witnesses(cast)
    checkpoint(at=NOW)
    post.refused.add("clerk@example.org")
    assert work.mail_checkpoint() == "1 mailed, 1 FAILED: see the Ledger"
    [(clerk, failed), (_press, sent)] = lookups.mailings()
    assert (clerk.name, failed and failed.outcome, sent and sent.outcome) == ("The clerk", "failed", "done")
    assert "unknown here" in (failed.failure if failed else "")
    post.refused.clear()
    assert work.mail_checkpoint() == "1 mailed"
    assert work.mail_checkpoint() == "0 mailed"
    assert _outcomes() == [("The clerk", "failed"), ("The press", "done"), ("The clerk", "done")]


def test_without_a_server_it_fails_in_words(cast: Cast, post: Post, settings: Settings) -> None:
    _witnesses(cast)
    checkpoint(at=NOW)
    settings.EMAIL_PORT = 1
    unreached = "The mail server could not be reached: it refused the connection."
    assert hand_over.mail_checkpoint(at=NOW)[0].failure == unreached
    settings.EMAIL_HOST = ""
    assert "PLATEKEEPER_MAIL_HOST" in hand_over.mail_checkpoint(at=NOW)[0].failure
    with pytest.raises(RefusedAction, match="PLATEKEEPER_MAIL_HOST"):
        hand_over.add_witness(_auditor(cast), name="x", email="x@example.org")
    assert lookups.horizon() is None


@pytest.mark.parametrize(
    ("given", "port", "encryption"),
    [
        ({}, 587, (True, False)),
        ({"TLS": "tls"}, 465, (False, True)),
        ({"TLS": "none", "PORT": "2525"}, 2525, (False, False)),
    ],
)
def test_the_environment_sets_mail_up(given: dict[str, str], port: int, encryption: tuple[bool, bool]) -> None:
    made = mail({f"PLATEKEEPER_MAIL_{name}": value for name, value in given.items()})
    assert (made["EMAIL_PORT"], (made["EMAIL_USE_TLS"], made["EMAIL_USE_SSL"])) == (port, encryption)


@pytest.mark.parametrize(("name", "value"), [("TLS", "maybe"), ("PORT", "smtp"), ("PORT", "²")])
def test_what_cannot_mean_anything_is_said_at_the_start(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"PLATEKEEPER_MAIL_{name}"):
        mail({f"PLATEKEEPER_MAIL_{name}": value})


def test_witnesses_are_kept_by_those_who_keep_the_key(cast: Cast, post: Post) -> None:
    _witnesses(cast)
    with pytest.raises(ValidationError, match="already"):
        hand_over.add_witness(_auditor(cast), name="again", email="Clerk@example.org")
    [(clerk, _last), (press, _other)] = lookups.mailings()
    for refused in (cast.chief, cast.officer, cast.custodian):
        with pytest.raises(RefusedAction):
            hand_over.end_witness(footing(refused, at=NOW), clerk)
    hand_over.end_witness(_auditor(cast), clerk)
    checkpoint(at=NOW)
    assert [each.witness for each in hand_over.mail_checkpoint(at=NOW)] == [press]
    hand_over.add_witness(_auditor(cast), name="again", email="clerk@example.org")


# ---- as a file and on paper


def _seen(pdf: bytes, folder: Path) -> Image.Image:
    """Return a page of a PDF file as a scanner sees it."""
    (folder / "page.pdf").write_bytes(pdf)
    (folder / "seen.typ").write_text(
        '#set page(width: 8.5in, height: 11in, margin: 0pt)\n#image("page.pdf", width: 100%)'
    )
    png = typst.compile(str(folder / "seen.typ"), root=str(folder), format="png", ppi=100)
    assert isinstance(png, bytes)
    return Image.open(io.BytesIO(png))


def test_the_printed_code_is_the_note(cast: Cast, tmp_path: Path) -> None:
    checkpoint(at=NOW)
    name, page = hand_over.hand_out(_auditor(cast), how=HandOver.How.PRINT, to="  District Attorney ")
    [handed] = HandOver.objects.all()
    note, key = handed.checkpoint.note, first_key()
    assert name == f"checkpoint-{handed.checkpoint.size}.pdf"
    assert (handed.to, handed.how, handed.outcome, handed.witness) == ("District Attorney", "print", "done", None)
    [code] = zxingcpp.read_barcodes(_seen(page, tmp_path))
    assert code.text == note
    assert key is not None
    assert opened(code.text, {key.origin: [bytes(key.public_key)]}).size == handed.checkpoint.size
    [text] = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page)).pages]
    bare = "".join(text.split())
    assert all("".join(each.split()) in bare for each in (note, first_fingerprint(), "Harbor Falls Police Department"))


def test_the_longest_name_of_a_ledger_fits_on_a_page(tmp_path: Path) -> None:
    origin = f"platekeeper/{'w' * 54}-{'m' * 53}"
    note = f"{origin}\n{10**12}\n{'W' * 43}=\n\n\u2014 {origin} {'W' * 91}=\n"
    facts = tuple((label, origin) for label in ("Ledger", "Leaves", "Signed", "Handed to", "Fingerprint"))
    page = slip_pdf(Slip("Checkpoint", "D" * 80, facts, ("word " * 60,), note, "foot", "DEMO"), at=NOW)
    assert len(PdfReader(io.BytesIO(page)).pages) == 1
    assert [code.text for code in zxingcpp.read_barcodes(_seen(page, tmp_path))] == [note]


def test_a_file_is_the_note_and_counts_as_held(cast: Cast) -> None:
    name, note = hand_over.hand_out(_auditor(cast), how=HandOver.How.FILE, to="City Clerk")
    held = lookups.horizon()
    assert held is not None
    assert (name, note.decode()) == (f"checkpoint-{held.checkpoint.size}.txt", held.checkpoint.note)
    lines = list(export(None, openings=True, at=NOW))
    assert check_export(lines, trusted=first_fingerprint(), held=[note.decode()]).witnessed == held.checkpoint.size


@pytest.mark.parametrize(("role", "to"), [("auditor", "  "), ("officer", "City Clerk")])
def test_nothing_is_handed_out_to_nobody_or_by_anybody(role: str, to: str, cast: Cast) -> None:
    with pytest.raises(RefusedAction):
        hand_over.hand_out(footing(cast.people()[role], at=NOW), how=HandOver.How.FILE, to=to)
    assert not HandOver.objects.exists()


def test_the_horizon_is_the_largest_that_arrived(cast: Cast, post: Post) -> None:
    assert lookups.horizon() is None
    _witnesses(cast)
    hand_over.hand_out(_auditor(cast), how=HandOver.How.PRINT, to="District Attorney")
    first = lookups.horizon()
    post.refused |= {"clerk@example.org", "press@example.org"}
    checkpoint(at=NOW)
    hand_over.mail_checkpoint(at=NOW)
    assert lookups.horizon() == first
    post.refused.remove("press@example.org")
    hand_over.mail_checkpoint(at=NOW)
    newest = lookups.horizon()
    assert newest is not None
    assert (newest.to, newest.checkpoint) == ("The press", HandOver.objects.latest("pk").checkpoint)
