"""HTTP digest login, as the firmware of Dahua, Hikvision and Axis does it: written from RFC 7616, not from our code."""

from __future__ import annotations

import hashlib
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from platekeeper.core.formats.cameras import CAMERA_FORMATS
from platekeeper.server.api import digest
from platekeeper.server.equipment import changes as equipment
from platekeeper.server.equipment.models import LPR
from platekeeper.server.procedures.stores import read_store
from platekeeper.server.reads.models import DeadLetter
from tests.api.messages import MESSAGES
from tests.cast import FOUNDED, Cast

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC) - timedelta(minutes=2)
ADDRESS = "/ingest/dahua/NotificationInfo/TollgateInfo"
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def challenges(answer: Any) -> list[dict[str, str]]:
    """Return what each `WWW-Authenticate` header says."""
    ways = [value for name, value in answer.items() if name == "WWW-Authenticate" and value.startswith("Digest ")]
    return [{name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[\w-]+)', way)} for way in ways]


def header(
    way: dict[str, str],
    *,
    user: str,
    key: str,
    uri: str = ADDRESS,
    method: str = "POST",
    qop: str = "auth",
    **changed: str,
) -> str:
    """Return the header that a camera answers a challenge with."""

    def h(*parts: str) -> str:
        return HASHES[way["algorithm"]](":".join(parts).encode()).hexdigest()

    fields = {"username": user, "realm": way["realm"], "nonce": way["nonce"], "uri": uri, "algorithm": way["algorithm"]}
    secret, asked = h(user, way["realm"], key), h(method, uri)
    if qop:
        fields |= {"qop": qop, "nc": "00000001", "cnonce": "0a4f113b"}
        fields["response"] = h(secret, way["nonce"], "00000001", "0a4f113b", qop, asked)
    else:
        fields["response"] = h(secret, way["nonce"], asked)
    bare = {"algorithm", "qop", "nc"}
    written = (f"{name}={value}" if name in bare else f'{name}="{value}"' for name, value in (fields | changed).items())
    return f"Digest {', '.join(written)}"


def send(authorization: str = "", *, address: str = ADDRESS) -> Any:
    """Send a picture as the camera does."""
    body, content_type = MESSAGES["dahua"]("ABC1234", NOW)
    headers = {"Authorization": authorization} if authorization else {}
    return Client().generic("POST", address, body, content_type=content_type, headers=headers)


def way(algorithm: str = "MD5") -> dict[str, str]:
    """Return the challenge of an algorithm."""
    return next(each for each in challenges(send()) if each["algorithm"] == algorithm)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("qop", ["auth", ""])
@pytest.mark.parametrize("called", ["name", "number"])
def test_a_camera_is_challenged_logs_in_and_its_picture_is_stored(
    algorithm: str, qop: str, called: str, cast: Cast
) -> None:
    asked = send()
    assert asked.status_code == 401
    assert [each["algorithm"] for each in challenges(asked)] == ["MD5", "SHA-256"]
    user = cast.lpr.name if called == "name" else str(cast.lpr.pk)
    answer = send(header(way(algorithm), user=user, key=cast.lpr_key, qop=qop))
    assert (answer.status_code, answer.json()) == (200, {"Result": True, "Message": "Success"})
    assert [read.row.lpr for read in read_store().recent(2)] == [cast.lpr.pk]


def test_a_camera_logs_in_under_the_name_its_key_was_issued_for(cast: Cast) -> None:
    former = cast.lpr.name
    for name in ("Mill Road 2", "Mill Road 3"):
        equipment.rename_lpr(cast.lpr, name=name)
    assert send(header(way(), user=former, key=cast.lpr_key)).status_code == 200
    key = equipment.issue_key(cast.lpr, at=FOUNDED)
    assert send(header(way(), user=former, key=key)).status_code == 401
    assert send(header(way(), user="Mill Road 3", key=key)).status_code == 200


@pytest.mark.parametrize("name", [name for name, spoken in CAMERA_FORMATS.items() if spoken.digest])
def test_every_format_that_says_so_takes_digest(name: str, cast: Cast) -> None:
    body, content_type = MESSAGES[name]("ABC1234", NOW)
    given = header(way(), user=str(cast.lpr.pk), key=cast.lpr_key, uri=f"/ingest/{name}/?channel=1")
    answer = Client().generic(
        "POST", f"/ingest/{name}/?channel=1", body, content_type=content_type, headers={"Authorization": given}
    )
    assert answer.status_code == 200


def test_other_formats_do_not(cast: Cast) -> None:
    answer = Client().post("/ingest/verkada/", data=b"{}", content_type="application/json")
    assert (answer.status_code, challenges(answer)) == (401, [])
    given = header(way(), user=str(cast.lpr.pk), key=cast.lpr_key, uri="/ingest/verkada/")
    assert Client().post("/ingest/verkada/", {}, headers={"Authorization": given}).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "lpr-wrong"}, {"user": "nobody"}, {"user": ""}, {"uri": "/ingest/dahua/"}, {"method": "GET"},
        {"qop": "auth-int"},
        {"response": "0" * 32}, {"nonce": "made up"}, {"nc": "1"}, {"cnonce": ""}, {"realm": "another"}, {"uri": "http://["},
        {"algorithm": "MD5-sess"}, {"algorithm": "SHA-256"}, {"username": "nobody"},
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_and_nothing_is_kept(changed: dict[str, str], cast: Cast) -> None:
    given = header(way(), **{"user": str(cast.lpr.pk), "key": cast.lpr_key, **changed})
    answer = send(given)
    assert (answer.status_code, "stale" in str(challenges(answer))) == (401, False)
    assert (list(read_store().recent(2)), DeadLetter.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "given", ["Digest", "Digest ,,,", 'Digest username="', "Digest a=b=c", "Digest " + "x" * 9000, "Digest \xff"]
)
def test_a_header_that_is_none_is_refused(given: str, cast: Cast) -> None:
    assert send(given).status_code == 401


def test_an_old_nonce_is_said_to_be_stale_to_those_who_know_the_key(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = way()
    good = header(asked, user=str(cast.lpr.pk), key=cast.lpr_key)
    wrong = header(asked, user=str(cast.lpr.pk), key="lpr-wrong")
    later = time.time() + digest.NONCE_SECONDS + 5
    monkeypatch.setattr(time, "time", lambda: later)
    assert [each.get("stale") for each in challenges(send(good))] == ["true", "true"]
    assert [each.get("stale") for each in challenges(send(wrong))] == [None, None]
    again = header(challenges(send(good))[0], user=str(cast.lpr.pk), key=cast.lpr_key)
    assert send(again).status_code == 200


def test_a_camera_that_calls_itself_by_another_lprs_name_is_refused(cast: Cast) -> None:
    other = equipment.add_lpr(name="Car 12", kind=LPR.Kind.MOBILE, zone="America/New_York", at=FOUNDED)
    theirs = equipment.issue_key(other, at=FOUNDED)
    assert send(header(way(), user="Car 12", key=cast.lpr_key)).status_code == 401
    assert send(header(way(), user="Car 12", key=theirs)).status_code == 200
    mixed = f"/ingest/dahua/{cast.lpr_key}/NotificationInfo/TollgateInfo"
    assert send(header(way(), user="Car 12", key=theirs, uri=mixed), address=mixed).status_code == 401


def test_an_lpr_named_like_anothers_number_is_itself(cast: Cast) -> None:
    named = equipment.add_lpr(name=str(cast.lpr.pk), kind=LPR.Kind.MOBILE, zone="America/New_York", at=FOUNDED)
    theirs = equipment.issue_key(named, at=FOUNDED)
    send(header(way(), user=str(cast.lpr.pk), key=theirs))
    send(header(way(), user=str(cast.lpr.pk), key=cast.lpr_key))
    assert {read.row.lpr for read in read_store().recent(3)} == {cast.lpr.pk, named.pk}


def test_a_new_key_ends_the_old_one_and_so_does_leaving_service(cast: Cast) -> None:
    fresh = equipment.issue_key(cast.lpr, at=FOUNDED)
    assert send(header(way(), user=str(cast.lpr.pk), key=cast.lpr_key)).status_code == 401
    assert send(header(way(), user=str(cast.lpr.pk), key=fresh)).status_code == 200
    equipment.set_in_service(cast.lpr, in_service=False)
    assert send(header(way(), user=str(cast.lpr.pk), key=fresh)).status_code == 401


def test_the_key_itself_is_stored_nowhere(cast: Cast) -> None:
    lpr = LPR.objects.get(pk=cast.lpr.pk)
    assert cast.lpr_key not in str([getattr(lpr, field.name) for field in LPR._meta.fields])
    assert set(lpr.key_digests) == {"MD5", "SHA-256"}
