"""Our wording of the protocols for investigations (VIII), of the upkeep of LPRs (IX), and of the signature."""

from __future__ import annotations

from platekeeper.core.clauses import Clause

TEXT: dict[Clause, str] = {
    Clause.VIII_a: "Access to LPR data in storage is restricted to these positions: {VIII.a.access}.",
    Clause.VIII_b: (
        "A member who makes inquiries of LPR data must first have been given access. Access is given by: "
        "{VIII.b.grantor}. The age beyond which reads are searched only once somebody else has approved it: "
        "{VIII.b.older}. To save a life or stop an escape such a search may run at once, and is then reviewed within a "
        "day. Approval and review are given by: {VIII.b.approvers}."
    ),
    Clause.VIII_c: (
        "A request to see LPR data in storage is recorded, and the record kept, just as is done for criminal history "
        "logs."
    ),
    Clause.VIII_d: (
        "The member who makes an inquiry of LPR data enters it, without exception, into the LPR Data Query Log."
    ),
    Clause.VIII_e: (
        "LPR Data Query Logs are kept until there is a final disposition of every matter, and for no less than "
        "{VIII.e.floor}."
    ),
    Clause.IX_a: (
        "When a tour of duty begins, members should verify where each camera of the LPR is aimed, to make sure that it "
        "reads the lanes it is meant to read."
    ),
    Clause.IX_b: "The lens of a camera may be cleaned with a soft cloth that has been sprayed with glass cleaner.",
    Clause.IX_c: "Any damage is reported at once to: {IX.c.administrator}.",
    Clause.IX_d: "Technical questions about an LPR are put to: {IX.d.administrator}.",
    Clause.signature: "Authorized by {signature.authority}, on the date beside the signature.",
}
