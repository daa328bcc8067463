"""What counts as a reason for looking at stored reads, what never does, and what a reviewer should look at twice (VI.f)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from string import digits

from platekeeper.core.clauses import Clause
from platekeeper.core.rules.decision import Allowed, Decision, Refused

EXAMPLE = "gray van left the burglary at 12 Canal Street toward the bridge"
LEAST_WORDS, LEAST_OWN = 3, 2


@dataclass(frozen=True, slots=True)
class Prohibited:
    """A purpose that LPR data never serves. `hints`: expressions of words that suggest it; they flag and never refuse."""

    key: str
    title: str
    hints: tuple[str, ...]


PROHIBITED = (
    Prohibited(
        "expression",
        "to learn who speaks, publishes, worships, organizes or protests",
        (r"protest\w*", r"rall(?:y|ies)", r"demonstrat\w+", "vigil", r"activis\w+", r"journalis\w+", r"reporters?",
         r"church\w*", r"mosques?", r"synagogues?", "unions?", r"politic\w+"),
    ),
    Prohibited(
        "immigration",
        "immigration status alone",
        (r"immigra\w+", "ice", r"undocumented", r"deport\w*", "visa", "illegals?", "removal"),
    ),
    Prohibited(
        "health",
        "care that somebody seeks or gives: reproductive or gender-affirming",
        (r"abort\w*", r"reproductive", r"parenthood", r"pregnan\w+", r"transgender\w*", r"gender"),
    ),
    Prohibited(
        "trait",
        "race, religion, origin, sex or any other trait by itself",
        (r"rac(?:e|ial)", r"religio\w+", r"ethnic\w*", r"nationality", r"muslims?", r"jewish", r"hispanic\w*"),
    ),
    Prohibited(
        "personal",
        "a private matter: one's own, of somebody one knows, or out of curiosity",
        ("ex", "my", r"girlfriend\w*", r"boyfriend\w*", "wife", "husband", r"neighbou?rs?", r"friends?", r"curious\w*",
         r"dating", r"favou?rs?", r"landlord"),
    ),
    Prohibited(
        "harassment",
        "to harass, follow about, frighten or shame anybody",
        (r"harass\w*", r"intimidat\w+", r"embarrass\w*", "payback", "revenge", "lesson"),
    ),
    Prohibited(
        "quota",
        "to bring in fines, or a number of stops or arrests",
        (r"quotas?", r"revenue", r"stats", r"statistics", r"overtime", r"bonus"),
    ),
)  # fmt: skip
"""Purposes that the form shows and that whoever searches declares not to have."""

_SAID_OF_ANY_SEARCH = """
    a an and any are as asap asdf at blah business by call case check checking crime criminal data department detail details
    detective doe duties duty enforcement follow following followup for from further general help in info information
    inquiry intel intelligence internal inv invest investigate investigating investigation investigations investigative
    ipsum is it job law lawful lead leads legit legitimate lieutenant looking lookup lorem lpr me misc misconduct my na
    needed none number of official on ongoing open operations or order ordered orders our patrol pd pending per plate plates
    please police possible ppd purpose purposes query qwer qwerty random reason reasons records reference related report
    reported request requested requests research review routine run running search searching see sergeant sgt something
    stuff supervisor support suspect suspicious test testing that the their there this to training unknown up use veh
    vehicle verify wanted was with work working xyz zxcv
"""
_STOCK = frozenset(_SAID_OF_ANY_SEARCH.split())
"""Words that could stand before any search. A reason made of these alone says nothing about this one."""


class Flag(StrEnum):
    """What a reviewer should look at twice; none of these refuses a search. `suggests:<key>` stands beside them."""

    REPEATED = "repeated"
    EXIGENT = "exigent"
    BULK = "bulk"


_TITLES = {
    Flag.REPEATED.value: "same reason as for another plate",
    Flag.EXIGENT.value: "exigent: ran before anybody approved it",
    Flag.BULK.value: "in bulk",
    **{f"suggests:{each.key}": f"words that suggest: {each.title}" for each in PROHIBITED},
}
_HINTS = {each.key: re.compile(rf"\b(?:{'|'.join(each.hints)})\b", re.IGNORECASE) for each in PROHIBITED}


def flag_title(flag: str) -> str:
    """Return a flag in words; one that is not known any more as it is stored."""
    return _TITLES.get(flag, flag)


def may_justify(justification: str, *, restated: Iterable[str] = ()) -> Decision:
    """Refuse a justification that is empty, too short, or made of what could stand before any search.

    `restated`: what the form says already (plate, offense, case number); repeating it says nothing more.
    """
    if len(set(_words(justification))) < LEAST_WORDS:
        return Refused(Clause.VI_f, f"Say in {LEAST_WORDS} words or more why this look is needed, such as: {EXAMPLE}.")
    if is_vague(justification, restated=restated):
        return Refused(
            Clause.VI_f,
            f"This reason could stand before any search. Write what happened and what is looked for, such as: {EXAMPLE}.",
        )
    return Allowed()


def is_vague(justification: str, *, restated: Iterable[str] = ()) -> bool:
    """Say whether a justification holds fewer than two words of its own, besides stock and what is said already."""
    own = set(_words(justification)) - {word for text in restated for word in _words(text)}
    return len({word.rstrip(digits) for word in own} - _STOCK) < LEAST_OWN


def same_words(justification: str) -> str:
    """Return a justification as it is compared with others: its words in order; case, punctuation, numbers left out."""
    return " ".join(_words(justification))


def suggestions(*texts: str) -> list[str]:
    """Return a flag for every prohibited purpose that words of these texts suggest."""
    return [f"suggests:{key}" for key, hints in _HINTS.items() if any(hints.search(text) for text in texts)]


def is_repeated(justification: str, earlier: Iterable[str]) -> bool:
    """Say whether the same words justified one of the earlier looks."""
    return same_words(justification) in map(same_words, earlier)


def _words(text: str) -> list[str]:
    """Return the words of a text: with letters in them, and not one character over and over."""
    found = re.findall(r"\w+", text.casefold())
    return [word for word in found if len(set(word)) > 1 and not word.isdigit()]
