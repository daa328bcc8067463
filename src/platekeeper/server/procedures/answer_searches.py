"""A request for a search is answered (VI.h, VI.l): what was found goes into the case file, and on to its recipients."""

from __future__ import annotations

from collections.abc import Sequence

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.cases import may_work
from platekeeper.core.rules.decision import Allowed, Decision, Refused
from platekeeper.core.rules.search_requests import RequestFacts, may_answer
from platekeeper.core.rules.sharing import Share
from platekeeper.server.casefiles.lookups import facts_of as case_facts
from platekeeper.server.casefiles.lookups import keys_in
from platekeeper.server.casefiles.lookups import subject_of as subject_of_case
from platekeeper.server.casefiles.models import CaseFile
from platekeeper.server.ledger.actions import Action, Outcome
from platekeeper.server.ledger.models import LedgerEntry
from platekeeper.server.personnel.lookups import department
from platekeeper.server.personnel.models import Agency
from platekeeper.server.procedures.authority import Footing
from platekeeper.server.procedures.grounds import Ground, ground_for, known_agency, record_leaving
from platekeeper.server.procedures.keep_cases import may_work_cases
from platekeeper.server.procedures.preserve import goes_on, preserve_query, preserve_search_request
from platekeeper.server.procedures.request_searches import add, subject_of
from platekeeper.server.querylog.models import SearchRequest, SearchStep
from platekeeper.server.querylog.requests import facts_of, runs_of
from platekeeper.server.sharing.models import Dissemination, Order

How = SearchStep.How


def answer(
    by: Footing, request: SearchRequest, *, words: str, how: How, recipients: Sequence[tuple[str, str]], case: CaseFile,
    order: Order | None = None,
) -> None:  # fmt: skip
    """Answer a request: `recipients` are (name, agency), the agency empty for the department's own people.

    To another agency it goes under an MOU in force, or by `order` (VI.l). The one that asked gets it, named there or not.

    The Query Log entries of its searches are copied into the case, then the request itself with the answer.
    """
    ours = department()
    to = [[name.strip(), agency.strip()] for name, agency in recipients]
    agencies = {request.outside, *(agency for _name, agency in to)} - {"", ours.name if ours else ""}
    grounds = {name: _ground(by, request, name, order) for name in sorted(agencies)}

    def decide(facts: RequestFacts) -> Decision:
        return may_answer(by.authority, by.policy, facts, by.today, words=words, agencies=agencies)

    by.demand(
        decide(facts_of(request, person=by.person)),
        may_work_cases(by),
        may_work(case_facts(case)),
        Allowed() if to else Refused(Clause.VIII_c, "Say who gets the answer."),
        Allowed() if how != How.PACKET or _exported(request, case) else _NO_PACKET,
        *(ground for ground in grounds.values() if isinstance(ground, Refused)),
        attempted=Action.SEARCH_REQUEST_STEP,
        subject=subject_of(request),
    )
    there = keys_in(case)
    for entry in runs_of(request):
        if f"query:{entry.pk}" not in there and not goes_on(entry, at=by.at):
            preserve_query(by, entry, case=case)
    told = {"how": how, "recipients": to, "case_number": case.number}

    def then() -> None:
        preserve_search_request(by, request, case=case)
        leaves: dict[Agency, tuple[Ground, list[str]]] = {}
        for spelled, ground in grounds.items():
            if isinstance(ground, Ground):  # what is refused was refused above
                leaves.setdefault(ground.agency, (ground, []))[1].extend(name for name, its in to if its == spelled)
        for ground, names in leaves.values():
            record_leaving(
                ground, to=", ".join(names) or request.name, what=Share.SEARCHES, purpose=request.purpose,
                why=request.justification, form=Dissemination.Form.WORDS, source=subject_of(request),
                content=words.encode(), records=1, by=by.person, at=by.at, policy=by.policy, case_number=case.number,
                ended_at=by.at,
            )  # fmt: skip

    with by.act(Action.SEARCH_REQUEST_STEP, subject=subject_of(request)):
        add(
            by, request, SearchStep.Kind.ANSWERED, decide, clause=Clause.VI_l if agencies else Clause.VI_h, words=words,
            told=told, then=then,
        )  # fmt: skip


def _ground(by: Footing, request: SearchRequest, name: str, order: Order | None) -> Ground | Refused:
    agency = known_agency(name)
    if agency is None:
        return Refused(Clause.VI_l, f"{name} is no agency on record: enter it on Other agencies, with its MOU.")
    return ground_for(agency, what=Share.SEARCHES, purpose=request.purpose, at=by.at, policy=by.policy, order=order)


_NO_PACKET = Refused(Clause.VI_h, "Export the evidence packet on the page of the case first.")


def _exported(request: SearchRequest, case: CaseFile) -> bool:
    """Say whether a packet of the case went out since the request was made."""
    found = LedgerEntry.objects.filter(action=Action.PACKET_EXPORTED, outcome=Outcome.DONE, at__gte=request.asked_at)
    return found.filter(subject=subject_of_case(case)).exists()
