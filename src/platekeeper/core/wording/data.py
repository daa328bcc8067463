"""Our wording of the clauses on LPR data (VI)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

TEXT: dict[Clause, str] = {
    Clause.VI_a: (
        "Members may ask for particular license plate numbers to be put on the Department's hot list. Such a request "
        "goes to: {VI.a.decider}. Plates that may be entered: {VI.a.plates}. The items below are examples of what an "
        "entry may concern."
    ),
    Clause.VI_a_1: "Members of gangs and their associates.",
    Clause.VI_a_2: "Sex offenders.",
    Clause.VI_a_3: "Persons suspected of a crime.",
    Clause.VI_a_4: "Fugitives.",
    Clause.VI_a_5: "Targets of a search warrant.",
    Clause.VI_b: (
        "Access to LPR data is restricted to these positions: {VI.b.access}. Besides them only designees have access; "
        "designees may be named by: {VI.b.designators}."
    ),
    Clause.VI_c: "A member who makes an inquiry must enter it in the LPR Query Log.",
    Clause.VI_d: (
        "If an arrest is connected with a hit in an LPR Query Log, that log must be kept as a part of the case file."
    ),
    Clause.VI_e: (
        "LPR Data Query Logs are kept, and kept secure, so that they can be audited later. Audits are made by: "
        "{VI.e.auditors}."
    ),
    Clause.VI_f: "LPR data may be accessed only to serve a legitimate law enforcement purpose.",
    Clause.VI_g: "A member or staff employee who runs a query for an authorized requestor should enter it in the log.",
    Clause.VI_h: (
        "Requests to see LPR data in storage, and what searches find, are recorded and kept in the case files to which "
        "they belong."
    ),
    Clause.VI_i: (
        "LPR data is transferred or uploaded to {VI.i.destination}. The longest time between two transfers is "
        "{VI.i.every}. Responsible for the transfer: {VI.i.by}."
    ),
    Clause.VI_j: "The data of every LPR, whether mobile, portable or fixed, is managed by: {VI.j.manager}.",
    Clause.VI_k: (
        "The Department stores LPR data here: {VI.k.place}. It stays there for at least {VI.k.floor}. Reads are "
        "disposed of after: {VI.k.ceiling}; sooner, where they raised no hit: {VI.k.no_hit}. Hits of which nothing came, and "
        "which are in no case, are disposed of after: {VI.k.hits}. Data is disposed of {VI.k.disposal}. Disposals that need "
        "it are approved by: {VI.k.approvers}. The items below are exceptions."
    ),
    Clause.VI_k_1: (
        "For the LPR records of a particular case, the period ends after: {VI.k.1.period}. Such records are kept "
        "{VI.k.1.join}."
    ),
    Clause.VI_k_2: (
        "A hit with which an arrest is connected is kept in the criminal case file, for the longest time that applies "
        "to such a record. By class of offense, that time ends after: {VI.k.2.schedule}."
    ),
    Clause.VI_k_3: (
        "A hit connected with the investigation of a felony is likewise kept in the criminal case file, for the "
        "longest time that applies to such a record."
    ),
    Clause.VI_k_4: (
        "A direction from command to do otherwise is followed whenever it is given. It may come from: "
        "{VI.k.4.director}."
    ),
    Clause.VI_l: (
        "LPR data is shared and passed on as the Department authorizes here. Sharing with other agencies takes place: "
        "{VI.l.how}. Where the data may go: {VI.l.destinations}. Who outside the Department holds an account: "
        "{VI.l.accounts}. Sharing takes place upon the direction of: {VI.l.director}."
    ),
    Clause.VI_m: (
        "The LPR data system is backed up. Responsible for preserving the data: {VI.m.keeper}. The longest time "
        "between two backups is {VI.m.every}. Of each backup the Department keeps {VI.m.copies}, in: {VI.m.places}. "
        "Method: {VI.m.method}."
    ),
}
