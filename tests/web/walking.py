"""A walk over the pages and the API by the whole cast, among reads that can be recognized wherever they turn up."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from platekeeper.core.formats.reads import ParsedRead
from platekeeper.core.matching import HowMatched
from platekeeper.server.casefiles.models import CaseFile, Preserved
from platekeeper.server.hits.models import Hit
from platekeeper.server.hotlist.models import HotListEntry
from platekeeper.server.oversight.models import Complaint
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.preserve import preserve_hit
from platekeeper.server.procedures.receive_reads import Submission, intake
from platekeeper.server.querylog.models import Approval, QueryLogEntry
from tests.cast import ROLES, Cast
from tests.register.making import entry as put_on_list
from tests.web.access.cases import opened
from tests.web.access.oversight import complained, stopped_hit
from tests.web.making import JPEG, make_hit, signed_in, stepped_up
from tests.web.table import rows

NOW = datetime.now(UTC)
PLATE = re.compile(rb"ZQX[0-9]{4}")
_PICTURE = b"picture of "
_LINK = re.compile(r'(?:href|src|hx-get)="([^"#]+)"')
_REF = re.compile(r'name="read" value="([^"]+)"')
_DATA = re.compile(
    r"/image/|[?]after=|/preserved/|/hits/[a-z]+/|/(?:queries|hits|cases|entries|dead-letters|audit)/[0-9]+/"
)
"""Links behind which reads are: most steps of the walk go there."""
_LEFT_OUT = {
    "account_logout", "policy_file", "register", "register_pdf", "register_json", "ledger_check", "ledger_export",
    "upkeep",
}  # fmt: skip
"""What ends the walk, or is slow and holds no read."""
_OFTEN = ("detective", "clerk", "custodian", "officer", "sergeant")
"""Whose work is with reads and hits."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call was answered with: by whom, under which URL name, and the planted plates found in it."""

    role: str
    name: str
    args: dict[str, Any]
    status: int
    plates: frozenset[str]
    headers: frozenset[str]
    address: str


@dataclass
class Walk:
    """The walk: a client a role, the links that each was shown, and the reads that each could choose by page."""

    cast: Cast
    random: Random
    clients: dict[str, Client] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    chosen: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plain = [row.address(self.cast) for row in rows().values() if _is_plain(row)]
        self.clients = {role: stepped_up(signed_in(person)) for role, person in self.cast.people().items()}
        self.links = {role: list(plain) for role in ROLES}
        self.chosen = {role: {} for role in ROLES}

    def step(self) -> Answer:
        """Make one call."""
        role = self.random.choice((*ROLES, *_OFTEN * 5))
        acts: list[tuple[int, Callable[[str], tuple[str, str, Any]]]] = [
            (50, self._follow), (10, self._follow_another), (8, self._guess), (20, self._search),
            (4, self._preserve), (6, self._work_hit),
            (3, self._prior_reads), (2, self._enter), (2, self._decide),
            (1, self._packet), (3, self._complaint), (3, self._post_reads), (2, self._approve),
            (2, self._run),
        ]  # fmt: skip
        [act] = self.random.choices([act for _weight, act in acts], [weight for weight, _act in acts])
        method, address, data = act(role)
        return self.call(role, method, address, data)

    def call(self, role: str, method: str, address: str, data: Any = None) -> Answer:
        """Ask for one address as a role; remember the links of the answer."""
        client = self.clients[role]
        if method == "api":
            key = {"Authorization": f"Bearer {self.cast.lpr_key}"}
            got = client.post(address, data=data, content_type="application/json", headers=key)
        else:
            got = client.post(address, data) if method == "post" else client.get(address)
        answer: HttpResponse = got  # type: ignore[assignment]
        body = _whole(answer)
        self._remember(role, address, answer)
        match = resolve(urlsplit(address).path)
        return Answer(
            role, match.url_name or "", dict(match.kwargs), answer.status_code,
            frozenset(found.decode() for found in PLATE.findall(body)),
            frozenset(found.decode() for found in PLATE.findall(str(answer.headers).encode())), f"{method} {address}",
        )  # fmt: skip

    def _remember(self, role: str, address: str, answer: HttpResponse) -> None:
        links = [answer.headers["Location"]] * 3 if "Location" in answer.headers else []
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            text = answer.content.decode().partition("<main")[2]  # the menu is known from the start
            links += [link.replace("&amp;", "&") for link in _LINK.findall(text)]
            if refs := _REF.findall(text):
                self.chosen[role][urlsplit(address).path] = refs
        ours = [urljoin(address, link) for link in links if not link.startswith(("http", "/static/", "mailto:"))]
        self.links[role] += [link for link in ours if "/accounts/" not in link and "export" not in link]
        del self.links[role][:-300]

    def _follow(self, role: str) -> tuple[str, str, Any]:
        return "get", self._link_of(role), None

    def _link_of(self, role: str) -> str:
        links = self.links[role]
        data = [link for link in links[-200:] if _DATA.search(link)]
        return self.random.choice(data if data and self.random.random() < 0.7 else links)

    def _follow_another(self, role: str) -> tuple[str, str, Any]:
        return "get", self._link_of(self.random.choice(_OFTEN)), None

    def _guess(self, role: str) -> tuple[str, str, Any]:
        kept = self.random.choice(list(Preserved.objects.values_list("case", "pk")))
        addresses = (
            "/cases/{}/preserved/{}/image/".format(*kept), "/cases/{}/preserved/{}/".format(*kept),
            f"/hits/{self._one_of(Hit)}/image/", f"/queries/{self._one_of(QueryLogEntry)}/",
        )  # fmt: skip
        return "get", self.random.choice(addresses), None

    def _search(self, role: str) -> tuple[str, str, Any]:
        since, until = NOW - timedelta(days=self.random.choice((1, 3, 20, 60))), NOW + timedelta(days=1)
        form = {
            "plate": self.random.choice(("ZQX1*", "ZQX?0?1", "*QX2*", "ZQX??05", "Z*", "NOBODY")), "purpose": "stolen",
            "since": f"{since:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M}", "offense": "burglary",
            "case_number": self.random.choice(("26-114", "26-999", "26-5")), "none_prohibited": "on",
            "justification": self.random.choice(("gray van left the burglary on Canal", "investigation", "")),
        }  # fmt: skip
        if self.random.random() < 0.2:
            form |= {"is_exigent": "on", "exigent": "child taken from the school yard"}
        return "post", "/queries/", form

    def _preserve(self, role: str) -> tuple[str, str, Any]:
        found = self.chosen[self.random.choice((role, role, self.random.choice(ROLES)))]
        if not found:
            return self._follow(role)
        page = self.random.choice(sorted(found))
        number = page.strip("/").rpartition("/")[2]
        into = CaseFile.objects.filter(number="26-114").values_list("pk", flat=True).first() or ""
        told = {"number": "26-114", "into": self.random.choice(("", into)), "read": found[page][:2]}
        return "post", f"/cases/preserve/reads/{number}/", told

    def _work_hit(self, role: str) -> tuple[str, str, Any]:
        what = self.random.choice(("image-agrees", "image-differs", "ask", "stop", "outcome"))
        data = {"state": "NY", "outcome": "misread", "followed": "", "remark": "seen", "plate": "ABC1234"}
        return "post", f"/hits/{self._one_of(Hit)}/{what}/", data

    def _prior_reads(self, role: str) -> tuple[str, str, Any]:
        return "post", f"/hot-lists/entries/{self._one_of(HotListEntry)}/prior-reads/", {}

    def _enter(self, role: str) -> tuple[str, str, Any]:
        form = {
            "plate": f"ZQX10{self.random.randrange(10)}?", "category": self.random.choice(("amber", "crime_suspect")),
            "reason": "left the scene", "authority": "bulletin 7", "case_number": "26-5",
            "expires_at": f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M}",
        }  # fmt: skip
        return "post", "/hot-lists/entries/new/", form

    def _decide(self, role: str) -> tuple[str, str, Any]:
        return "post", f"/hot-lists/entries/{self._one_of(HotListEntry)}/decide/", {"decision": "approve"}

    def _packet(self, role: str) -> tuple[str, str, Any]:
        return "post", f"/cases/{self._one_of(CaseFile)}/packet/", {"to": "District Attorney", "why": "discovery"}

    def _complaint(self, role: str) -> tuple[str, str, Any]:
        return "get", f"/complaints/{self._one_of(Complaint)}/hits/?plate=ZQX*&at={NOW:%Y-%m-%dT%H:%M}", None

    def _post_reads(self, role: str) -> tuple[str, str, Any]:
        number = self.random.randrange(1000, 3000)
        read = {"plate": f"ZQX{number}", "captured_at": NOW.isoformat(), "event_id": f"walk {number}"}
        broken = {"plate": f"ZQX{number}", "captured_at": "yesterday"}
        return "api", "/api/reads", json.dumps([read, broken] if self.random.random() < 0.3 else read)

    def _approve(self, role: str) -> tuple[str, str, Any]:
        said = {"granted": self.random.choice(("yes", "yes", "no")), "remark": "ask me first"}
        return "post", f"/queries/approvals/{self._one_of(Approval)}/decide/", said

    def _run(self, role: str) -> tuple[str, str, Any]:
        return "post", f"/queries/{self._one_of(QueryLogEntry)}/run/", {}

    def _one_of(self, model: Any) -> int:
        numbers = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return self.random.choice(numbers) if numbers else 0


def plant(cast: Cast) -> None:
    """Store reads with pictures, raise hits, preserve some of them in a case, put partial plates on the list."""
    reads: list[tuple[ParsedRead, bytes | None]] = [
        (_read(number, days=(number % 5) * (10 if number % 7 == 0 else 1)), picture(f"ZQX{number}"))
        for number in (*range(1000, 1030), *range(2000, 2010))
    ]
    intake().take([Submission(lpr=cast.lpr, format="t", reads=reads, unparsed=[], received_at=NOW)])
    for number in range(2000, 2006):
        how = HowMatched.LOOK_ALIKE if number == 2005 else HowMatched.PLATE
        made = make_hit(cast, plate=f"ZQX{number}", how=how, image=picture(f"ZQX{number}"))
        if number % 2:
            preserve_hit(footing(cast.custodian, at=NOW), made, case=opened(cast))
    put_on_list(cast, NOW, plate="ZQX10??", is_partial=True)
    complained(cast, hit=stopped_hit(cast))
    complained(cast)


def picture(plate: str) -> bytes:
    """Return an image that names its plate within."""
    return JPEG[:-2] + _PICTURE + plate.encode() + JPEG[-2:]


def _read(number: int, *, days: int) -> ParsedRead:
    return ParsedRead(raw_plate=f"ZQX{number}", captured_at=NOW - timedelta(days=days, minutes=number % 60), state="NY")


def _whole(answer: HttpResponse) -> bytes:
    """Return the bytes of an answer, a ZIP file's members unpacked."""
    content = b"".join(answer) if answer.streaming else answer.content
    if not content.startswith(b"PK"):
        return bytes(content)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return b"\n".join(packed.read(name) for name in packed.namelist())


def _is_plain(row: Any) -> bool:
    return row.method == "get" and not row.public and not row.key and row.args is None and row.name not in _LEFT_OUT
