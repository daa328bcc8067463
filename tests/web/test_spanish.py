"""Whoever reads in Spanish: pages are in it, and what is recorded or handed out is what it would be for anybody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.apps import apps
from django.core import mail
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import translation
from pypdf import PdfReader

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.core.formats.cameras import platekeeper as own
from platekeeper.core.formats.cameras.payload import body
from platekeeper.core.formats.reads import UnparsedRead
from platekeeper.server.jobs import work
from platekeeper.server.jobs.schedule import JOBS
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.web.language import said
from tests.cast import Cast
from tests.jobs.runs import ended
from tests.letters import keep_dead_letter
from tests.web.access.oversight import complained
from tests.web.access.queries import _made as logged
from tests.web.making import make_hit, stepped_up
from tests.web.table import Row, rows

pytestmark = pytest.mark.django_db

ROWS = rows()
ACTS = ("hit_step", "lprs_insured_export", "query_log_export", "complaint_step", "disposal_pdf", "register_json")
SAID = (
    ("Only members use LPRs.", "Solo los miembros usan LPR."),
    ("A plate has 10 characters at most.", "Una placa tiene 10 caracteres como máximo."),
    ("The policy gives this to: Chief, Patrol Sergeant.", "La política da esto a: Chief, Patrol Sergeant."),
    ("You were signed out: twelve hours have passed.", None),
    ("30 days", "30 días"),
    ("1 week", "1 semana"),
    ("2 copies", "2 copias"),
    ("there is no recovery key; not set up", "no hay clave de recuperación; sin configurar"),
    (
        "overdue: Sign the ledger, Back up when due and 2 more",
        "atrasadas: Firmar el libro mayor, Hacer la copia de seguridad cuando corresponda y 2 más",
    ),
    ("Give at least one known character.", "Indique al menos un carácter conocido."),
    (
        "70 GB of 252 GB free; 736 KB more each day; enough for as long as the policy keeps reads",
        "70 GB de 252 GB libres; 736 KB más cada día; suficiente para todo el plazo en que la política conserva las lecturas",
    ),
    (
        "ahead of it: Car 1, Car 2 and 1 more; behind, or sending late: Car 4",
        "adelantados: Car 1, Car 2 y 1 más; atrasados, o que envían tarde: Car 4",
    ),
    (
        "backup of 2026-03-01 10:00Z: 40 leaves with the ledger's root; 3 of 3 reads of 2026-02-01",
        "copia de seguridad de 2026-03-01 10:00Z: 40 asientos con la raíz del libro mayor; 3 de 3 lecturas del 2026-02-01",
    ),
    (
        "2 of 3 scenes (scene 1: 2, scene 2: 1); seen there on 3 of the 30 days before (7 times)",
        "2 de 3 escenas (escena 1: 2, escena 2: 1); vista allí en 3 de los 30 días anteriores (7 veces)",
    ),
    ("one in 200", "una de cada 200"),
    ("about the neighbor's car", "about the neighbor's car"),
    ("This LPR is in use on a deployment.", "Este LPR está en uso en un despliegue."),
    ("left the scene", "left the scene"),
    ("Bridge Street; the scene, left", "Bridge Street; the scene, left"),
    ("", ""),
)
"""English as it was finished, and what a page in Spanish says; None where it is enough that nothing of it is English."""
NOT_COMPARED = ("mou_document", "order_document", "query_audit_survey")
"""What was uploaded, no PDF in the tests, and a draw by lot."""
AsRole = Callable[[str], Client]
NOW = datetime.now(UTC)


def _acts() -> list[Row]:
    every = [row for row in ROWS.values() if not row.public and not row.key and row.name not in NOT_COMPARED]
    return every if "PLATEKEEPER_EVERYBODY" in os.environ else [row for row in every if row.name in ACTS]


@pytest.mark.parametrize(("english", "spanish"), SAID)
def test_a_finished_sentence_is_known_again_and_its_values_stay(english: str, spanish: str | None) -> None:
    assert said(english) == english
    with translation.override("es"):
        found = said(english)
    assert found == spanish if spanish is not None else not set(found.split()) & set(english.split())


def test_somebody_chooses_before_signing_in_and_the_browser_remembers() -> None:
    client = Client(headers={"Accept-Language": "fr, es-US;q=0.8, en;q=0.5"})
    assert '<html lang="es">' in client.get("/accounts/login/").content.decode()
    chosen = client.post("/language/", {"language": "en-us", "next": "/accounts/login/"})
    assert (chosen.status_code, chosen.headers["Location"]) == (302, "/accounts/login/")
    assert chosen.cookies["language"]["httponly"] and chosen.cookies["language"]["samesite"] == "Lax"
    page = client.get("/accounts/login/").content.decode()
    assert '<html lang="en-us">' in page and ">Español</button>" in page
    assert client.post("/language/", {"language": "es", "next": "https://example.org/"}).headers["Location"] == "/"
    assert Client(enforce_csrf_checks=True).post("/language/", {"language": "es"}).status_code == 403


def test_a_refusal_is_read_in_spanish_and_logged_in_english(cast: Cast, as_role: AsRole) -> None:
    client = as_role("outsider")
    client.cookies["language"] = "es"
    assert "Solo los miembros usan LPR." in client.get("/hits/").content.decode()
    refused = LedgerEntry.objects.order_by("-index")[0]
    assert refused.outcome == "refused" and b"Only members use LPRs." in bytes(refused.body)


def test_why_a_payload_was_not_understood_is_read_in_spanish(cast: Cast, as_role: AsRole) -> None:
    [missing, *_] = CAMERA_FORMATS["platerecognizer"].parse(body(b"{}"))
    [too_far] = own.parse(b'[{"plate": "ABC1234", "captured_at": "2026-03-01T10:00:00Z", "latitude": 91}]')
    for each in (missing, too_far):
        assert isinstance(each, UnparsedRead)
        keep_dead_letter(lpr=cast.lpr, format="t", reason=each.reason, payload=each.payload, at=NOW)
    client = as_role("custodian")
    client.cookies["language"] = "es"
    page = client.get("/reads/dead-letters/").content.decode()
    assert "timestamp: falta" in page and "latitude: 91.0 no está entre -90 y 90" in page


def test_what_jobs_did_is_read_in_spanish_on_the_page_and_kept_in_english(cast: Cast, as_role: AsRole) -> None:
    told = {
        "checkpoint_records": "the whole log is in the file", "end_temporary_accounts": "2 accounts ended",
        "send_transfers": "2 sent or received, 1 LATE: see Sharing",
    }  # fmt: skip
    done = told | {job.name: getattr(work, job.name)() for job in JOBS if job.name not in told}
    for name, result in done.items():
        ended(name, result, at=NOW)
    client = as_role("custodian")
    english = client.get("/upkeep/").content.decode()
    client.cookies["language"] = "es"
    spanish = client.get("/upkeep/").content.decode()
    for result in done.values():
        assert f"<td>{result}</td>" in english and f"<td>{result}</td>" not in spanish, result
    assert "<td>enviadas o recibidas: 2; ATRASADAS: 1, vea Intercambio</td>" in spanish


def test_what_a_search_asked_and_what_was_done_about_an_entry_are_read_in_spanish(cast: Cast, as_role: AsRole) -> None:
    terms = {"plate": "ABC1234", "lprs": [], "since": f"{NOW - timedelta(days=1)}", "until": f"{NOW}", "hits": "only"}
    entry = logged(cast, terms=terms)
    made = complained(cast, hit=make_hit(cast, steps=("confirmation_asked", "confirmed", "stopped")))
    for role, address, english, spanish in (
        ("detective", f"/queries/{entry.pk}/", "hits only", "solo coincidencias"),
        ("chief", f"/complaints/{made.pk}/", "<strong>stop made", "<strong>parada hecha"),
    ):
        client = as_role(role)
        assert english in client.get(address).content.decode()
        client.cookies["language"] = "es"
        page = client.get(address).content.decode()
        assert english not in page and spanish in page


@pytest.mark.parametrize("row", _acts(), ids=lambda row: row.name)
def test_what_an_act_leaves_does_not_depend_on_who_reads_in_which_language(
    row: Row, cast: Cast, as_role: AsRole
) -> None:
    for role in (sorted(row.allowed)[0], "outsider"):
        english, spanish = (_done(row, role, language, cast, as_role) for language in ("en-us", "es"))
        assert spanish == english


def _done(row: Row, role: str, language: str, cast: Cast, as_role: AsRole) -> list[str]:
    """Do it in a language, take it back, and return what it left: what was handed out, mailed and stored."""
    mail.outbox.clear()
    with transaction.atomic():
        client = stepped_up(as_role(role))
        client.cookies["language"] = language
        address = row.address(cast)
        response = client.get(address) if row.method == "get" else client.post(address, row.body(cast))
        left = [_handed_out(response), *(each.subject + str(each.body) for each in mail.outbox), *_stored()]
        transaction.set_rollback(True)
    return [_lasting(words) for words in left]


def _handed_out(response: HttpResponseBase) -> str:
    """Return the words of what is no page."""
    content = response.getvalue() if isinstance(response, FileResponse | HttpResponse) else b""
    kind = response.headers.get("Content-Type", "")
    if "pdf" in kind:
        return "".join(page.extract_text().replace("\n", "") for page in PdfReader(BytesIO(content)).pages)
    return (
        content.decode(errors="replace")
        if kind.startswith(("text/", "application/json")) and "html" not in kind
        else ""
    )


def _stored() -> Iterator[str]:
    """Give every row of the department's own tables, ledger bodies and what opens them among them."""
    for model in apps.get_models():
        if model.__module__.startswith("platekeeper."):
            yield from (" | ".join(map(_words, values)) for values in model._base_manager.order_by("pk").values_list())


def _words(value: object) -> str:
    if not isinstance(value, bytes | memoryview):
        return str(value)
    return bytes(value).decode() if bytes(value[:2]) == b'{"' else ""  # a body; the rest are hashes, keys and pictures


def _lasting(words: str) -> str:
    """Return words without what is another each time: keys, salts, digests, times and numbers."""
    return re.sub(r"pbkdf2\S+|[0-9A-Za-z+/=]{24,}|[0-9a-f]{8,}|\d+", "0", words)
