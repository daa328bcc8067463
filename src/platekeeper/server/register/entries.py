"""The table of the register: how each clause is kept, by which rule, on which page, and where its evidence comes from.

Clauses that no rule can keep stand in `guidance`.
"""

from __future__ import annotations

from dataclasses import dataclass

from platekeeper.core.categories import Category
from platekeeper.core.clauses import Clause
from platekeeper.server.personnel.models import Person
from platekeeper.server.register.evidence import (
    access,
    audits,
    barred,
    cases,
    deployments,
    equipment,
    field_entries,
    hits,
    hot_lists,
    keeping,
    own_entries,
    partners,
    people,
    policy,
    queries,
    reads,
    sharing,
    tours,
    uploads,
    user_logs,
)
from platekeeper.server.register.evidence.basis import Look


@dataclass(frozen=True, slots=True)
class Entry:
    """How a clause is kept, in one sentence; the rule by its dotted path within `platekeeper`; the page by its URL name."""

    how: str
    rule: str
    page: str
    look: Look


ENTRIES: dict[Clause, Entry] = {
    Clause.header: Entry(
        "A version can only be adopted with its date and a review date within a year, and this line says when that passes.",
        "core.rules.adoption.may_adopt", "policy", policy.dates,
    ),
    Clause.III_department: Entry(
        "The department is named once, when it is founded, and every record is kept under it.",
        "server.procedures.found_department.found_department", "policy", policy.department_named,
    ),
    Clause.III_query_log: Entry(
        "A search writes its Query Log entry and its ledger entry together, and the two are compared here.",
        "server.procedures.search_lpr_data.search", "query_log", queries.log_of_queries,
    ),
    Clause.III_hot_list: Entry(
        "A hit is only ever raised on a list delivered to the department or on an entry of its own.",
        "server.procedures.raise_hits.raise_hits", "hot_lists", hot_lists.sources,
    ),
    Clause.III_members: Entry(
        "An account of a member can only be made in this department; another agency's people are outside accounts.",
        "server.procedures.manage_people.add_person", "people", people.who_is(Person.Kind.MEMBER),
    ),
    Clause.III_staff: Entry(
        "An account of staff can only be made in this department, and staff need an authorization of their own.",
        "server.procedures.manage_people.add_person", "people", people.who_is(Person.Kind.STAFF),
    ),
    Clause.IV_a: Entry(
        "Only a trained member in a position named here can work a hit; everybody else is refused.",
        "core.rules.access.may_use_lpr", "people", people.use_of_lprs,
    ),
    Clause.IV_b: Entry(
        "A member outside the positions named here cannot search stored reads.",
        "core.rules.access.may_reach_lpr_data", "query_log", access.members,
    ),
    Clause.IV_c: Entry(
        "Staff cannot search until somebody in the position named here has authorized them by name.",
        "server.procedures.manage_people.authorize_staff", "people", access.staff,
    ),
    Clause.IV_d: Entry(
        "Anybody reports a defect to the position named here, and this line turns red when nobody holds it.",
        "core.rules.defects.may_work", "defects", equipment.defects,
    ),
    Clause.IV_e: Entry(
        "Only the position named here loads hot lists and decides on requests for searches, and a stale list is shown.",
        "core.rules.lists.is_fresh", "hot_lists", hot_lists.maintained,
    ),
    Clause.IV_f: Entry(
        "Only the position named here changes the inventory, and what is worth insuring and is not insured is shown.",
        "core.rules.inventory.must_be_insured", "lprs", equipment.inventory,
    ),
    Clause.IV_g: Entry(
        "The reviewers are reminded before the review date, and their recommendations wait for a decision on paper.",
        "core.rules.upkeep.reminder_due", "annual_review", policy.review,
    ),
    Clause.IV_h: Entry(
        "Every account has a second factor, every sign-in, view and refusal is logged, and nothing is kept of barred places.",
        "core.rules.access.may_act", "ledger", barred.secure_and_barred,
    ),
    Clause.IV_i: Entry(
        "Training that is missing, too old or overdue stops a person until it is taken, and each change waits for an answer.",
        "core.rules.access.is_trained", "training", people.in_service,
    ),
    Clause.V_a: Entry(
        "No tour begins before the list of the day is loaded unless a supervisor overrides; every page warns until it is.",
        "core.rules.freshness.is_of_today", "hot_lists", hot_lists.of_the_day,
    ),
    Clause.V_b: Entry(
        "Each field LPR has a longest time between two uploads; who is responsible is reminded, or says why there is none.",
        "core.rules.uploads.standing_of", "lprs", uploads.field_uploads,
    ),
    Clause.V_c: Entry(
        "A hit is copied into its case with image, entry and every step, so that no disposal can take it.",
        "server.procedures.preserve.preserve_hit", "cases", cases.hits,
    ),
    Clause.V_d: Entry(
        "An LPR is used on a detail only once the position named here has authorized it, and within its times.",
        "core.rules.deployments.may_use_on", "deployments", deployments.special_operations,
    ),
    Clause.V_e: Entry(
        "A request for mutual aid waits for the position named here, and an LPR is lent only once that has authorized it.",
        "core.rules.mutual_aid.may_lend", "deployments", deployments.asked_and_searched,
    ),
    Clause.VI_a: Entry(
        "An entry waits for somebody other than who asked for it, names its authority and ends by itself.",
        "core.rules.alerts.may_decide_entry", "entries", own_entries.entries,
    ),
    Clause.VI_a_1: Entry(
        "Entries on gang members carry this category, need a decision and ask for observation, not a stop.",
        "core.rules.entries.may_enter", "entries", own_entries.of_category(Category.GANG),
    ),
    Clause.VI_a_2: Entry(
        "Entries on sex offenders carry this category, need a decision and ask for observation, not a stop.",
        "core.rules.entries.may_enter", "entries", own_entries.of_category(Category.SEX_OFFENDER),
    ),
    Clause.VI_a_3: Entry(
        "Entries on suspects carry this category and need a decision and an end.",
        "core.rules.entries.may_enter", "entries", own_entries.of_category(Category.CRIME_SUSPECT),
    ),
    Clause.VI_a_4: Entry(
        "Entries on fugitives carry this category and need a decision and an end.",
        "core.rules.entries.may_enter", "entries", own_entries.of_category(Category.FUGITIVE),
    ),
    Clause.VI_a_5: Entry(
        "Entries on targets of a search warrant carry this category and need a decision and an end.",
        "core.rules.entries.may_enter", "entries", own_entries.of_category(Category.SEARCH_WARRANT),
    ),
    Clause.VI_b: Entry(
        "Nobody searches stored reads who is neither in a position named here nor a named designee.",
        "core.rules.access.may_reach_lpr_data", "query_log", access.named_positions,
    ),
    Clause.VI_c: Entry(
        "The Query Log entry is written before a search runs; if it cannot be written, there is no search.",
        "server.procedures.search_lpr_data.search", "query_log", queries.logged,
    ),
    Clause.VI_d: Entry(
        "A Query Log entry is copied into the case, and this line turns red when one behind an arrest is not.",
        "server.procedures.preserve.preserve_query", "cases", cases.queries_behind_arrests,
    ),
    Clause.VI_e: Entry(
        "The ledger takes no change and no deletion; each week a sample of the Query Log, and what stands out, is reviewed.",
        "core.rules.audits.may_take", "ledger", audits.log_kept_and_audited,
    ),
    Clause.VI_f: Entry(
        "A search without purpose, type of offense and a reason of its own is refused, and suspicious words are flagged.",
        "core.rules.inquiries.may_run", "query_log", queries.purposes,
    ),
    Clause.VI_g: Entry(
        "Whoever searches for somebody else names them and their agency, and says who else gets the result.",
        "core.rules.inquiries.may_run", "query_log", queries.on_behalf,
    ),
    Clause.VI_h: Entry(
        "Queries made under a case's number and answered requests are copied into its file; those that are not are counted.",
        "server.procedures.preserve.preserve_query", "cases", cases.requests_and_results,
    ),
    Clause.VI_i: Entry(
        "Every LPR's silence is measured; routine transfers go out by the clock, signed, and what is late is counted.",
        "server.procedures.send_transfers.send_transfers", "transfers", sharing.transfers,
    ),
    Clause.VI_j: Entry(
        "What an LPR sent and nobody understood waits for the position named here, and turns red after a day.",
        "server.procedures.work_dead_letters.close_letter", "dead_letters", reads.dead_letters,
    ),
    Clause.VI_k: Entry(
        "Reads past the period named here go within its step, by days or minutes, none sooner, each with a certificate.",
        "core.rules.retention.oldest_stored", "disposals", keeping.retention,
    ),
    Clause.VI_k_1: Entry(
        "The page of a case says until when it is kept and why, and the ledger would tell if a copy were missing.",
        "core.rules.cases.kept_until", "cases", cases.every_case,
    ),
    Clause.VI_k_2: Entry(
        "After an arrest a case is kept as long as the record schedule says for its class, from the final disposition.",
        "core.rules.cases.kept_until", "cases",
        cases.with_an_arrest,
    ),
    Clause.VI_k_3: Entry(
        "A felony investigation is kept as long as the record schedule says for its class, from the final disposition.",
        "core.rules.cases.kept_until", "cases",
        cases.of_felonies,
    ),
    Clause.VI_k_4: Entry(
        "Only the command position named here can direct that data be kept; what it names is copied into a case file.",
        "server.procedures.direct_keeping.give_directive", "directives", cases.directives,
    ),
    Clause.VI_l: Entry(
        "Nothing leaves for another agency but under an MOU in force, or by a court's order, to a destination named here.",
        "core.rules.sharing.may_share", "disseminations", partners.shared,
    ),
    Clause.VI_m: Entry(
        "An encrypted backup is made by itself as often as named here; what failed, is late or was not drilled is shown.",
        "server.procedures.back_up.back_up", "upkeep", keeping.backups,
    ),
    Clause.VII_a: Entry(
        "A tour begins with its law enforcement purpose, and only members who may use LPRs work hits.",
        "core.rules.tours.may_begin", "tours", people.patrol,
    ),
    Clause.VII_b: Entry(
        "A member without current training can begin no tour and take no step on a hit.",
        "core.rules.access.is_trained", "people", people.training_before_mobile_use,
    ),
    Clause.VII_c: Entry(
        "A tour ends with its member's word on whether the vehicle is secured where it is parked.",
        "core.rules.tours.is_answered", "tours", tours.secured,
    ),
    Clause.VII_d: Entry(
        "No tour begins on an old list unless overridden; a hit of one says so before the stop, and a stop counts here.",
        "core.rules.lists.is_fresh", "hits_board", hot_lists.no_outdated_stops,
    ),
    Clause.VII_e: Entry(
        "A stop without both steps is recorded as a departure and waits for a supervisor's review.",
        "core.rules.hits.may_stop", "hits_departures", hits.stops,
    ),
    Clause.VII_e_1: Entry(
        "The member records the comparison with the vehicle before dispatch can be asked.",
        "core.rules.hits.may_verify_image", "hits_board", hits.images,
    ),
    Clause.VII_e_2: Entry(
        "Dispatch answers from its own account, and an answer by voice is marked as the member's own word.",
        "core.rules.hits.may_ask_confirmation", "hits_dispatch", hits.confirmations,
    ),
    Clause.VII_f: Entry(
        "An entry without a reason, without an end, or from somebody who may not make one is refused, signed ones as well.",
        "core.rules.field_entries.may_enter_in_field", "entries", field_entries.purpose,
    ),
    Clause.VII_f_1: Entry(
        "An entry after a broadcast names the report or bulletin that it rests on.",
        "core.rules.entries.may_enter", "entries", field_entries.broadcasts,
    ),
    Clause.VII_f_2: Entry(
        "A directed entry names who directed it, who holds one of the positions named here and is asked to confirm it.",
        "core.rules.field_entries.may_stand_in_field", "entries", field_entries.directed,
    ),
    Clause.VII_f_3: Entry(
        "The moment an entry is on the list its plate is looked up among the stored reads, and the look is logged.",
        "server.procedures.search_lpr_data.prior_reads", "entries", field_entries.looked_up,
    ),
    Clause.VII_g: Entry(
        "Such alerts are in force at once, sent to everybody on duty and looked up; a bulletin that nobody looked at shows.",
        "core.rules.field_entries.may_stand_in_field", "entries", field_entries.mandatory,
    ),
    Clause.VII_h: Entry(
        "Each use of an LPR is a tour that its member begins and ends; who checks the log ends a forgotten one.",
        "core.rules.tours.may_begin", "tours", tours.logged,
    ),
    Clause.VII_h_1: Entry(
        "A log fills itself and is frozen as it is forwarded; one that is not forwarded in time is shown and reminded of.",
        "core.rules.user_logs.may_forward", "user_logs", user_logs.forwarded,
    ),
    Clause.VII_h_2: Entry(
        "The position named here accepts a log or sends it back with a reason, never its own, and late checks show.",
        "core.rules.user_logs.may_check", "user_logs", user_logs.checked,
    ),
    Clause.VII_h_3: Entry(
        "An accepted log is copied into the case of each arrest by itself, and one that is not there turns this red.",
        "server.procedures.preserve.keep_with_cases", "user_logs", user_logs.with_the_case,
    ),
    Clause.VII_h_4: Entry(
        "No page, job or command deletes a log; each says until when it is kept, and the ledger misses none.",
        "core.rules.user_logs.user_log_kept_until", "user_logs", user_logs.retained,
    ),
    Clause.VIII_a: Entry(
        "Nobody outside the positions named here can make an inquiry of stored reads.",
        "core.rules.access.may_inquire", "query_log", access.stored_reads,
    ),
    Clause.VIII_b: Entry(
        "Access is granted by the position named here, never by oneself, and older reads need a second person's word.",
        "server.procedures.manage_people.grant_inquiries", "people", access.granted,
    ),
    Clause.VIII_c: Entry(
        "A search without a case or call number is refused, and one that no list has is flagged for the reviewer.",
        "core.rules.inquiries.may_run", "query_log", queries.recorded,
    ),
    Clause.VIII_d: Entry(
        "The entry takes the name of who is signed in; nobody can enter a query as somebody else.",
        "server.procedures.authority.footing", "query_log", queries.by_who_asked,
    ),
    Clause.VIII_e: Entry(
        "No page, job or command deletes a Query Log entry; each says until when it is kept, and the ledger misses none.",
        "core.rules.log_keeping.log_entry_kept_until", "query_log", queries.retained,
    ),
    Clause.IX_a: Entry(
        "No tour begins before its member says whether the cameras are aimed at the right lanes.",
        "core.rules.tours.is_answered", "tours", tours.aimed,
    ),
    Clause.IX_c: Entry(
        "Damage that a member names on a tour, or reports from its page, is at once before the position named here.",
        "core.rules.defects.may_report", "defects", equipment.damage,
    ),
    Clause.IX_d: Entry(
        "A technical question goes to the position named here, and nobody else answers it.",
        "core.rules.inventory.may_answer", "questions", equipment.questions,
    ),
    Clause.signature: Entry(
        "Only the position named here can adopt a version, and each version keeps who did and when.",
        "core.rules.adoption.may_adopt", "policy", policy.signature,
    ),
}  # fmt: skip
"""The clauses that this version keeps."""
