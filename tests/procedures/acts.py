"""The steps that a machine takes on hits: a new one is a line of `ACTS`, and the model's word on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from platekeeper.server.hits.models import Departure, Hit, HitStep
from platekeeper.server.procedures import answer_hit, supervise_hits
from platekeeper.server.procedures.authority import Footing
from tests.procedures import casework as model


class Act(NamedTuple):
    """A step that somebody may take on a hit: its procedure, the model's word on it, and the clause of its leaf."""

    kind: str
    do: Callable[..., Any]
    given: dict[str, Any]
    refused: Callable[[str, model.ModelHit], str]
    leaf: str

    @property
    def title(self) -> str:
        return f"{self.do.__name__} {self.kind}"


def _stop_as_seen(by: Footing, number: int) -> Departure | None:
    return answer_hit.record_stop(by, number, plate=Hit.objects.get(pk=number).plate)


ACTS = (
    Act("image_verified", answer_hit.verify_image, {"agrees": True}, model.to_verify, "VII.e.1"),
    Act("image_differs", answer_hit.verify_image, {"agrees": False}, model.to_verify, "VII.e.1"),
    Act("image_verified", answer_hit.verify_image, {"agrees": True, "anew": True}, model.to_agree_anew, "VII.e.1"),
    Act("image_differs", answer_hit.verify_image, {"agrees": False, "anew": True}, model.to_differ_anew, "VII.e.1"),
    Act("confirmation_asked", answer_hit.ask_confirmation, {}, model.to_ask, "VII.e.2"),
    Act("confirmed", answer_hit.answer_confirmation, {"confirmed": True}, model.to_answer, "VII.e.2"),
    Act("not_confirmed", answer_hit.answer_confirmation, {"confirmed": False}, model.to_answer, "VII.e.2"),
    Act("confirmed", answer_hit.attest_confirmation, {"confirmed": True, "who": "Dora"}, model.to_attest, "VII.e.2"),
    Act(
        "confirmed", answer_hit.attest_confirmation, {"confirmed": True, "who": " "}, model.to_attest_nobody, "VII.e.2"
    ),
    Act(
        "not_confirmed", answer_hit.attest_confirmation, {"confirmed": False, "who": "Dora"}, model.to_attest, "VII.e.2"
    ),
    Act("confirmed", answer_hit.answer_anew, {"confirmed": True, "remark": "Dora"}, model.to_confirm_anew, "VII.e.2"),
    Act("not_confirmed", answer_hit.answer_anew, {"confirmed": False, "remark": "Dora"}, model.to_deny_anew, "VII.e.2"),
    Act("stopped", _stop_as_seen, {}, model.to_stop, "VII.e"),
    Act("stopped", answer_hit.record_stop, {"plate": "NO1234"}, model.to_stop_unseen, "VII.e"),
    Act("stop_taken_back", supervise_hits.take_stop_back, {"reason": "none"}, model.to_take_stop_back, "VII.e"),
    Act("outcome", answer_hit.record_outcome, {"outcome": HitStep.Outcome.CORRECT}, model.to_end, "VII.e"),
    Act("outcome", answer_hit.record_outcome, {"outcome": HitStep.Outcome.MISREAD}, model.to_end, "VII.e"),
    Act("reopened", supervise_hits.reopen, {"reason": "the wrong hit"}, model.to_reopen, "VII.e"),
    Act("outcome", supervise_hits.close_silent, {"outcome": HitStep.Outcome.DISMISSED}, model.to_end_silent, "VII.e"),
)
WORKERS = ("officer", "sergeant", "dispatcher", "custodian", "rookie")


AGAINST = ("against the policy", "in another's place")
