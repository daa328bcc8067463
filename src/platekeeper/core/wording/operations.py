"""Our wording of the operations (V)."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

TEXT: dict[Clause, str] = {
    Clause.V_a: (
        "Before a tour of duty, members who use an LPR make sure of that day's upload: the hot list data that "
        "the Integrated Justice Portal supplies must be in place."
    ),
    Clause.V_b: (
        "Data from LPRs in the field, mobile and portable alike, is uploaded to {V.b.destination}. Method: "
        "{V.b.method}. The longest time between two uploads is {V.b.every}. Responsible for the upload: "
        "{V.b.responsible}. What the Department has is erased from the unit that read it after {V.b.erased}, and not before."
    ),
    Clause.V_c: (
        "When an LPR hit leads to enforcement action, to an investigation or to a prosecution, it is kept and "
        "documented in this way: {V.c.method}."
    ),
    Clause.V_d: (
        "LPRs may also serve in special operations and details: patrols where crime is high, STOP DWI campaigns, "
        "enforcement details, investigations directed at particular crimes, and the like. Each such use needs "
        "authorization by: {V.d.authorizer}."
    ),
    Clause.V_e: (
        "When violent crimes happen, the Department may ask other agencies whose cars carry LPRs to help identify a "
        "vehicle or gather plate data in a certain area. Other departments may ask the same of this Department. Every "
        "request for mutual aid goes through: {V.e.director}. Thought should be given to placing LPRs where they "
        "count, for example on a perimeter, at choke points, on major highways and on other ways of escape."
    ),
}
