"""Numbers guessed: what is one person's own is not another's, with whatever rights that other has elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.procedures.authority import footing
from platekeeper.server.procedures.direct_keeping import end_directive
from platekeeper.server.querylog import changes
from platekeeper.server.querylog.models import Approval
from tests.cast import Cast
from tests.web.access import cases, hits, investigations, publishing, queries, retention, sharing
from tests.web.making import stepped_up

pytestmark = pytest.mark.django_db
AsRole = Callable[[str], Client]


def _theirs(cast: Cast) -> dict[str, str]:
    """Return addresses of what is the detective's own, by what it is.

    Pictures: `tests/web/test_queries.py`; what investigations found: `tests/web/test_investigations.py`.
    """
    query, waiting = queries._made(cast).pk, Approval.objects.get(pk=queries._waiting(cast)[0]).entry_id
    return {
        "results": reverse("query", args=[query]),
        "overview": reverse("query_overview", args=[query]),
        "how it was asked": reverse("query_asked", args=[waiting]),
        "results handed out": reverse("query_hand_out", args=[query]),
        "stake-out": reverse("stake_out", args=[investigations.asked(cast, running=True).pk]),
    }


def test_what_somebody_found_is_nobody_elses(cast: Cast, as_role: AsRole) -> None:
    theirs = _theirs(cast)
    own = stepped_up(as_role("detective"))
    assert {what: own.get(address).status_code for what, address in theirs.items()} == dict.fromkeys(theirs, 200)
    clients = {role: as_role(role) for role in ("clerk", "custodian", "chief", "officer", "outsider", "rookie")}
    seen = {
        (role, what): status
        for role, client in clients.items()
        for what, address in theirs.items()
        if (status := client.get(address).status_code) not in {403, 404}
    }
    assert {key for key in seen if key not in {(role, "stake-out") for role in investigations.DECIDING}} == set()
    waiting = Approval.objects.get(entry__state="waiting", kind="before", entry__requestor="Lt. Moss")
    changes.decide(waiting, granted=True, remark="", at=datetime.now(UTC), by=cast.chief)
    run = reverse("query_run", args=[waiting.entry_id])
    for role in ("clerk", "custodian", "outsider"):
        assert stepped_up(clients[role]).post(run).status_code in {403, 404}, role
    assert own.post(run).status_code == 302


def test_nobody_outside_or_untrained_opens_anything_by_its_number(cast: Cast, as_role: AsRole) -> None:
    made = {
        "hit": hits._hit(cast), "hit_image": hits._hit(cast),
        "case_preserved": cases._copy(cast), "case_image": cases._copy(cast),
        "dissemination": sharing.left(cast), "mou_document": sharing._mou(cast),
        "query_log_entry": [queries._made(cast).pk], "person": [cast.officer.pk],
    }  # fmt: skip
    for role in ("outsider", "rookie", "temp"):
        client = as_role(role)
        for name, args in made.items():
            before = LedgerEntry.objects.filter(outcome="refused").count()
            assert client.get(reverse(name, args=args)).status_code in {403, 404}, (role, name)
            assert LedgerEntry.objects.filter(outcome="refused").count() == before + 1, (role, name)
    published = publishing.published(cast)
    assert (
        as_role("chief").post(reverse("report_withdraw", args=[published.pk]), {"why": "a mistake"}).status_code == 302
    )
    for name in ("transparency_report", "transparency_json", "transparency_pdf"):
        assert Client().get(reverse(name, args=[published.pk])).status_code == 404, name


def test_a_copy_is_reached_through_its_own_case_alone(cast: Cast, as_role: AsRole) -> None:
    case_id, copy_id = cases._copy(cast)
    other = cases.opened(cast, "26-999")
    client = as_role("detective")
    assert client.get(reverse("case_image", args=[case_id, copy_id])).status_code == 200
    for name in ("case_image", "case_preserved"):
        assert client.get(reverse(name, args=[other.pk, copy_id])).status_code == 404


def test_what_ended_stays_ended(cast: Cast, as_role: AsRole) -> None:
    """Acts on what is closed, answered, refused or sealed change nothing, however often they come."""
    mou, order = sharing._mou(cast)[0], sharing._order(cast)[0]
    departure = hits._departure(cast)[0]
    twice = [
        (
            "chief",
            "mou_step",
            [mou, "end"],
            {"note": "over"},
            ("chief", "mou_step", [mou, "resume"], {"note": "again"}),
        ),
        ("custodian", "order_withdraw", [order], {"note": "quashed"}, None),
        ("sergeant", "departure_review", [departure], {"remark": "talked"}, None),
        ("dispatcher", "hit_answer", hits._asked(cast), {"answer": "confirmed"}, None),
        ("custodian", "hit_silent_close", hits._look_alike(cast), {"outcome": "misread"}, None),
        ("sergeant", "stake_out_end", [investigations.asked(cast, running=True).pk], {}, None),
        ("chief", "report_withdraw", [publishing.published(cast).pk], {"why": "a mistake"}, None),
    ]
    for role, name, args, data, then in twice:
        assert stepped_up(as_role(role)).post(reverse(name, args=args), data).status_code == 302, name
        done = _done()
        role, name, args, data = then or (role, name, args, data)  # noqa: PLW2901
        again = stepped_up(as_role(role)).post(reverse(name, args=args), data)
        assert again.status_code < 500, name
        assert _done() == done, name


def _done() -> list[str]:
    """Return what was done, in its order; that it was looked at, and asked for in vain, is logged too."""
    acts = (
        LedgerEntry.objects.filter(outcome="done")
        .exclude(action="signed_in")
        .exclude(action__endswith="viewed")
        .order_by("index")
    )
    return list(acts.values_list("action", flat=True))


def test_a_sealed_case_shows_nothing(cast: Cast, as_role: AsRole) -> None:
    case_id, copy_id = cases._copy(cast)
    case = cases._disposed(cast)
    assert case.pk == case_id
    sealing = stepped_up(as_role("custodian")).post(
        reverse("case_end", args=[case.pk, "seal"]), {"order": "County Court, 12 of 2026"}
    )
    assert sealing.status_code == 302
    for role in ("detective", "clerk", "auditor"):
        client = as_role(role)
        for name, args in (
            ("case", [case_id]),
            ("case_preserved", [case_id, copy_id]),
            ("case_image", [case_id, copy_id]),
        ):
            answer = client.get(reverse(name, args=args))
            shows_nothing = answer.status_code == 200 and name == "case" and b"ABC1234" not in answer.content
            assert shows_nothing or answer.status_code in {403, 404}, (role, name)
    assert stepped_up(as_role("detective")).post(
        reverse("case_packet", args=[case_id]), {"to": "District Attorney", "why": "discovery"}
    ).status_code in {403, 404}


def test_what_command_directed_for_a_case_is_sealed_and_expunged_with_it(cast: Cast, as_role: AsRole) -> None:
    directive, custodian = retention.directed(cast), stepped_up(as_role("custodian"))
    case = cases._disposed(cast)
    assert case == directive.case

    def seeing() -> set[str]:
        page = reverse("directives")
        return {role for role in ("chief", "auditor", "custodian") if b"ABC1234" in as_role(role).get(page).content}

    assert seeing() == {"chief", "auditor", "custodian"}
    order = {"order": "County Court, 12 of 2026", "number": case.number}
    assert custodian.post(reverse("case_end", args=[case.pk, "seal"]), order).status_code == 403  # more would be copied
    end_directive(footing(cast.chief, at=datetime.now(UTC)), directive)
    assert custodian.post(reverse("case_end", args=[case.pk, "seal"]), order).status_code == 302
    assert seeing() == {"custodian"}
    assert custodian.post(reverse("case_end", args=[case.pk, "expunge"]), order).status_code == 302
    assert seeing() == set()
    directive.refresh_from_db()
    assert (directive.plates, directive.area, directive.why) == ([], "", "")
