"""A request for a search is answered (VI.h, VI.l): what was found goes into the case file, and on to its recipients."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.cases import may_work
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.search_requests import RequestFacts, may_answer
from platekeeper.server.casefiles.lookups import facts_of as case_facts
from platekeeper.server.casefiles.lookups import subject_of as subject_of_case
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import department
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.preserve import preserve_query, preserve_search_request
from platekeeper.server.procedures.request_searches import add, subject_of
from platekeeper.server.querylog.models import SearchRequest, SearchStep
from platekeeper.server.querylog.requests import facts_of, runs_of

How = SearchStep.How


def answer(
    by: Footing, request: SearchRequest, *, words: str, how: How, recipients: Sequence[tuple[str, str]], case: CaseFile
) -> None:
    """Answer a request: `recipients` are (name, agency), the agency empty for the department's own people.

    The Query Log entries of its searches are copied into the case, then the request itself with the answer.
    """
    ours = department()
    to = [[name.strip(), agency.strip()] for name, agency in recipients]
    agencies = {agency for _name, agency in to} - {"", ours.name if ours else ""}

    def decide(facts: RequestFacts) -> Decision:
        return may_answer(by.authority, by.policy, facts, by.today, words=words, agencies=agencies)

    by.demand(
        decide(facts_of(request, person=by.person)),
        may_work_cases(by),
        may_work(case_facts(case)),
        Allowed() if to else Refused(Clause.VIII_c, "Say who gets the answer."),
        Allowed() if how != How.PACKET or _exported(request, case) else _NO_PACKET,
        attempted=Action.SEARCH_REQUEST_STEP,
        subject=subject_of(request),
    )
    kept = set(case.preserved.values_list("key", flat=True))
    for entry in runs_of(request):
        if f"query:{entry.pk}" not in kept:
            preserve_query(by, entry, case=case)
    told = {"how": how, "recipients": to, "case_number": case.number}
    with transaction.atomic():
        add(
            by, request, SearchStep.Kind.ANSWERED, decide, clause=Clause.VI_l if agencies else Clause.VI_h, words=words,
            told=told, then=lambda: preserve_search_request(by, request, case=case),
        )  # fmt: skip


_NO_PACKET = Refused(Clause.VI_h, "Export the evidence packet on the page of the case first.")


def _exported(request: SearchRequest, case: CaseFile) -> bool:
    """Say whether a packet of the case went out since the request was made."""
    found = LedgerEntry.objects.filter(action=Action.PACKET_EXPORTED, outcome=Outcome.DONE, at__gte=request.asked_at)
    return found.filter(subject=subject_of_case(case)).exists()
